package io.maskstream.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.network.HeadOutput;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.StringStringEntryProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.TypeProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model with some of its inner tensors as outputs, to show how a result came about.
 *
 * <p>{@link ModelWriter} notes the names of these tensors in the file's metadata; a serving session
 * does not compute what only they need.
 */
public final class ExplainedGraph {
  private static final String PREFIX = "explain.";

  private ExplainedGraph() {}

  /** Metadata for a head's output. */
  static Map<String, String> names(HeadOutput<OnnxValue> head) {
    Map<String, String> names = new TreeMap<>();
    names.put(PREFIX + "fresh", head.fresh().name());
    head.detail()
        .explained()
        .forEach((meaning, value) -> names.put(PREFIX + meaning, value.name()));
    return names;
  }

  /** What of a model can be shown: names of inner tensors by meaning; empty for foreign models. */
  public static Map<String, String> tensors(byte[] model) throws InvalidProtocolBufferException {
    Map<String, String> tensors = new LinkedHashMap<>();
    for (StringStringEntryProto entry : ModelProto.parseFrom(model).getMetadataPropsList()) {
      if (entry.getKey().startsWith(PREFIX)) {
        tensors.put(entry.getKey().substring(PREFIX.length()), entry.getValue());
      }
    }
    return tensors;
  }

  /** The model with these tensors as outputs under their own names. */
  public static byte[] of(byte[] model) throws InvalidProtocolBufferException {
    ModelProto.Builder builder = ModelProto.parseFrom(model).toBuilder();
    TypeProto type =
        TypeProto.newBuilder()
            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(DataType.FLOAT.getNumber()))
            .build();
    tensors(model).values().stream()
        .distinct()
        .forEach(
            name ->
                builder
                    .getGraphBuilder()
                    .addOutput(ValueInfoProto.newBuilder().setName(name).setType(type)));
    return builder.build().toByteArray();
  }
}
