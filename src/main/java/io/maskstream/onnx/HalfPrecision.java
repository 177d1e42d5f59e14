package io.maskstream.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.network.HalfFloat;
import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model in mixed precision for engines whose networks are strongly typed: convolutions and what
 * stands between two of them in float16; sums, norms, soft-max and all that the head does with them
 * in float32. Inputs and outputs keep their types.
 */
public final class HalfPrecision {
  private static final int FLOAT = TensorProto.DataType.FLOAT.getNumber();
  private static final int HALF = TensorProto.DataType.FLOAT16.getNumber();

  /** Operators that pass float16 on where their first input is float16. */
  private static final Set<String> FOLLOWERS = Set.of("Relu", "Clip", "Resize");

  private final GraphProto source;
  private final GraphProto.Builder result;
  private final Map<String, TensorProto> constants = new LinkedHashMap<>();
  private final Set<String> half = new HashSet<>();
  private final Map<String, String> casts = new HashMap<>();
  private final Set<String> halfConstants = new HashSet<>();

  private HalfPrecision(GraphProto source) {
    this.source = source;
    this.result = source.toBuilder().clearNode();
    source.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
  }

  /** Converts a serialised model that {@link ModelWriter} wrote. */
  public static byte[] convert(byte[] model) throws InvalidProtocolBufferException {
    ModelProto parsed = ModelProto.parseFrom(model);
    return parsed.toBuilder()
        .setGraph(new HalfPrecision(parsed.getGraph()).converted())
        .build()
        .toByteArray();
  }

  private GraphProto converted() {
    for (NodeProto node : source.getNodeList()) {
      boolean both =
          node.getOpType().equals("Add") && node.getInputList().stream().allMatch(half::contains);
      boolean follows = FOLLOWERS.contains(node.getOpType()) && half.contains(node.getInput(0));
      if (node.getOpType().equals("Conv") || both || follows) {
        result.addNode(inHalf(node));
        half.add(node.getOutput(0));
      } else if (node.getOpType().equals("Shape")) {
        result.addNode(node); // of either type
      } else {
        result.addNode(inSingle(node));
      }
    }
    return dropUnused().build();
  }

  private NodeProto inHalf(NodeProto node) {
    List<String> inputs = new ArrayList<>();
    boolean resize = node.getOpType().equals("Resize");
    for (int i = 0; i < node.getInputCount(); i++) {
      String input = node.getInput(i);
      boolean other = input.isEmpty() || (resize && i > 0); // sizes are integers
      inputs.add(other ? input : toHalf(input));
    }
    return node.toBuilder().clearInput().addAllInput(inputs).build();
  }

  private NodeProto inSingle(NodeProto node) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      inputs.add(half.contains(input) ? cast(input, FLOAT) : input);
    }
    return node.toBuilder().clearInput().addAllInput(inputs).build();
  }

  private String toHalf(String name) {
    if (half.contains(name)) {
      return name;
    }
    TensorProto constant = constants.get(name);
    if (constant == null) {
      return cast(name, HALF);
    }
    String halfName = name + "/half";
    if (halfConstants.add(halfName)) {
      result.addInitializer(halved(constant, halfName));
    }
    return halfName;
  }

  private String cast(String name, int type) {
    String key = name + (type == HALF ? "/half" : "/single");
    String known = casts.get(key);
    if (known != null) {
      return known;
    }
    AttributeProto to = GraphBuilder.attribute("to", type);
    result.addNode(
        NodeProto.newBuilder()
            .setOpType("Cast")
            .setName("Cast_" + key)
            .addInput(name)
            .addOutput(key)
            .addAttribute(to));
    casts.put(key, key);
    return key;
  }

  private static TensorProto halved(TensorProto constant, String name) {
    ByteBuffer single = constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer halves = ByteBuffer.allocate(single.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
    while (single.hasRemaining()) {
      halves.putShort(HalfFloat.of(single.getFloat()));
    }
    return constant.toBuilder()
        .setName(name)
        .setDataType(HALF)
        .setRawData(ByteString.copyFrom(halves.rewind()))
        .build();
  }

  /** Leaves out constants that only had readers in float32. */
  private GraphProto.Builder dropUnused() {
    Set<String> used = new HashSet<>();
    result.getNodeList().forEach(node -> used.addAll(node.getInputList()));
    List<TensorProto> kept =
        result.getInitializerList().stream()
            .filter(tensor -> used.contains(tensor.getName()))
            .toList();
    return result.clearInitializer().addAllInitializer(kept);
  }
}
