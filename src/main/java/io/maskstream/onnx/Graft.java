package io.maskstream.onnx;

import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.HashMap;
import java.util.Map;

/** Names of a foreign graph's tensors in a graph of ours, where none can meet one of ours. */
final class Graft {
  private static final String PREFIX = "net/";

  private final Map<String, String> replaced = new HashMap<>();

  /** From now on, readers of a foreign tensor read one of ours. */
  void replace(String foreign, OnnxValue ours) {
    replaced.put(foreign, ours.name());
  }

  /** Name in our graph. */
  String name(String foreign) {
    return replaced.getOrDefault(foreign, own(foreign));
  }

  /** No name stays none. */
  private static String own(String foreign) {
    return foreign.isEmpty() ? "" : PREFIX + foreign;
  }

  TensorProto constant(TensorProto foreign) {
    return foreign.toBuilder().setName(own(foreign.getName())).build();
  }

  NodeProto node(NodeProto foreign) {
    NodeProto.Builder node =
        foreign.toBuilder().setName(own(foreign.getName())).clearInput().clearOutput();
    foreign.getInputList().forEach(input -> node.addInput(name(input)));
    foreign.getOutputList().forEach(output -> node.addOutput(own(output)));
    for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
      if (attribute.hasG()) {
        attribute.setG(body(attribute.getG()));
      }
      for (int i = 0; i < attribute.getGraphsCount(); i++) {
        attribute.setGraphs(i, body(attribute.getGraphs(i)));
      }
    }
    return node.build();
  }

  /** The body of a loop or condition, which may read tensors of the graph around it. */
  private GraphProto body(GraphProto foreign) {
    GraphProto.Builder graph = foreign.toBuilder().clearNode().clearInitializer().clearValueInfo();
    foreign.getNodeList().forEach(node -> graph.addNode(node(node)));
    foreign.getInitializerList().forEach(tensor -> graph.addInitializer(constant(tensor)));
    graph.getInputBuilderList().forEach(Graft::rename);
    for (ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
      output.setName(name(output.getName()));
    }
    return graph.build();
  }

  private static void rename(ValueInfoProto.Builder value) {
    value.setName(own(value.getName()));
  }
}
