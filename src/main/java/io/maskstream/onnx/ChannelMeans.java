package io.maskstream.onnx;

import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Mean value per channel of what convolutions read, over pictures. */
final class ChannelMeans {
  private static final String MEAN = "/mean";

  private ChannelMeans() {}

  /** Means of the inputs of these layers, by tensor; of convolutions alone. */
  static Map<String, float[]> of(ModelProto model, List<NodeProto> layers, List<byte[]> pictures)
      throws GraphException {
    Set<String> tensors =
        layers.stream()
            .filter(node -> node.getOpType().equals("Conv"))
            .map(node -> node.getInput(0))
            .collect(Collectors.toSet());
    Map<String, float[]> means = new HashMap<>();
    try (GraphRun run = GraphRun.of(measuring(model, tensors), List.of(), 1)) {
      for (byte[] picture : pictures) {
        Map<String, GraphRun.Value> outputs = run.run(ContractInputs.of(model, picture));
        for (String tensor : tensors) {
          float[] values = Objects.requireNonNull(outputs.get(tensor + MEAN)).values();
          float[] mean = means.computeIfAbsent(tensor, name -> new float[values.length]);
          for (int c = 0; c < mean.length; c++) {
            mean[c] += values[c] / pictures.size();
          }
        }
      }
    }
    return means;
  }

  /** The model with the means as its only outputs. */
  private static ModelProto measuring(ModelProto model, Set<String> tensors) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearOutput();
    for (String tensor : tensors) {
      graph.addNode(
          NodeProto.newBuilder()
              .setOpType("GlobalAveragePool")
              .addInput(tensor)
              .addOutput(tensor + MEAN));
      ValueInfoProto.Builder output = ValueInfoProto.newBuilder().setName(tensor + MEAN);
      output.getTypeBuilder().getTensorTypeBuilder().setElemType(DataType.FLOAT.getNumber());
      graph.addOutput(output);
    }
    return model.toBuilder().setGraph(graph).build();
  }
}
