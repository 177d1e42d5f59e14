package io.maskstream.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model without some of its outputs and without what only they need: ONNX Runtime computes every
 * node that a graph has.
 */
public final class GraphCut {

  private GraphCut() {}

  /** Names of a model's outputs. */
  public static List<String> outputs(byte[] model) throws InvalidProtocolBufferException {
    return ModelProto.parseFrom(model).getGraph().getOutputList().stream()
        .map(ValueInfoProto::getName)
        .toList();
  }

  /**
   * The graph as processors run it: where it gives logits, labels are computed outside of it. A GPU
   * keeps them inside.
   */
  public static byte[] withoutLabeling(byte[] model) throws InvalidProtocolBufferException {
    boolean decodes = outputs(model).contains(ContractTensors.LOGITS);
    return decodes ? without(model, ContractTensors.LABELING) : model;
  }

  /** Name of the dimension that counts the frames of a pass, where it is not a number. */
  public static Optional<String> batchDimension(byte[] model)
      throws InvalidProtocolBufferException {
    return ModelProto.parseFrom(model).getGraph().getInputList().stream()
        .filter(input -> input.getName().equals(ContractTensors.IMAGE))
        .map(input -> input.getType().getTensorType().getShape().getDim(0).getDimParam())
        .filter(name -> !name.isEmpty())
        .findFirst();
  }

  /** The model without these outputs. */
  public static byte[] without(byte[] model, Collection<String> outputs)
      throws InvalidProtocolBufferException {
    ModelProto.Builder cut = ModelProto.parseFrom(model).toBuilder();
    List<ValueInfoProto> kept =
        cut.getGraph().getOutputList().stream()
            .filter(output -> !outputs.contains(output.getName()))
            .toList();
    GraphProto.Builder graph = cut.getGraphBuilder().clearOutput().addAllOutput(kept);
    return cut.setGraph(OnnxGraph.withoutDeadNodes(graph.build(), Set.of())).build().toByteArray();
  }
}
