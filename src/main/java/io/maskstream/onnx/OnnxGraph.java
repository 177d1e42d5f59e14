package io.maskstream.onnx;

import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A graph to search: which node makes a tensor, which nodes read it, which tensors are fixed. */
final class OnnxGraph {
  private final GraphProto graph;
  private final Map<String, NodeProto> producers = new HashMap<>();
  private final Map<String, List<NodeProto>> readers = new HashMap<>();
  private final Map<String, TensorProto> constants = new LinkedHashMap<>();

  OnnxGraph(GraphProto graph) {
    this.graph = graph;
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(output -> producers.put(output, node));
      reads(node)
          .forEach(input -> readers.computeIfAbsent(input, name -> new ArrayList<>()).add(node));
      if (node.getOpType().equals("Constant")
          && node.getAttributeCount() == 1
          && node.getAttribute(0).hasT()) {
        constants.put(node.getOutput(0), node.getAttribute(0).getT());
      }
    }
  }

  List<NodeProto> nodes() {
    return graph.getNodeList();
  }

  /** Inputs that a caller must give; old models list their weights among the inputs too. */
  List<ValueInfoProto> inputs() {
    return graph.getInputList().stream()
        .filter(input -> !constants.containsKey(input.getName()))
        .toList();
  }

  Optional<NodeProto> producer(String tensor) {
    return Optional.ofNullable(producers.get(tensor));
  }

  List<NodeProto> readers(String tensor) {
    return readers.getOrDefault(tensor, List.of());
  }

  /** The value of a tensor that is the same for all pictures, in the type that it was given in. */
  Optional<TensorProto> constant(String tensor) {
    TensorProto constant = constants.get(tensor);
    NodeProto producer = producers.get(tensor);
    if (constant == null && producer != null && producer.getOpType().equals("Cast")) {
      return constant(producer.getInput(0));
    }
    return Optional.ofNullable(constant);
  }

  /** Nodes that a tensor takes part in, directly or not, in the order of the graph. */
  Set<NodeProto> downstream(String tensor) {
    Set<NodeProto> found = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(tensor));
    while (!open.isEmpty()) {
      for (NodeProto reader : readers(open.pop())) {
        if (found.add(reader)) {
          open.addAll(reader.getOutputList());
        }
      }
    }
    return found;
  }

  /** Names that a node reads, those in the bodies of loops and conditions included. */
  static Set<String> reads(NodeProto node) {
    Set<String> names = new HashSet<>(node.getInputList());
    names.remove("");
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        names.addAll(captured(attribute.getG()));
      }
      attribute.getGraphsList().forEach(body -> names.addAll(captured(body)));
    }
    return names;
  }

  private static Set<String> captured(GraphProto body) {
    Set<String> names = new HashSet<>();
    body.getNodeList().forEach(node -> names.addAll(reads(node)));
    body.getOutputList().forEach(output -> names.add(output.getName()));
    body.getNodeList().forEach(node -> node.getOutputList().forEach(names::remove));
    body.getInitializerList().forEach(tensor -> names.remove(tensor.getName()));
    body.getInputList().forEach(input -> names.remove(input.getName()));
    return names;
  }

  /**
   * The graph without nodes, constants and notes on tensors that no output and none of these
   * tensors needs.
   *
   * @param tensors inner tensors to keep beside the outputs
   */
  static GraphProto withoutDeadNodes(GraphProto graph, Collection<String> tensors) {
    OnnxGraph search = new OnnxGraph(graph);
    Set<String> needed = new HashSet<>(tensors);
    graph.getOutputList().forEach(output -> needed.add(output.getName()));
    Set<NodeProto> live = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(needed);
    while (!open.isEmpty()) {
      NodeProto node = search.producers.get(open.pop());
      if (node != null && live.add(node)) {
        for (String input : reads(node)) {
          if (needed.add(input)) {
            open.add(input);
          }
        }
      }
    }
    GraphProto.Builder result = graph.toBuilder().clearNode().clearInitializer().clearValueInfo();
    graph.getNodeList().stream().filter(live::contains).forEach(result::addNode);
    graph.getInitializerList().stream()
        .filter(tensor -> needed.contains(tensor.getName()))
        .forEach(result::addInitializer);
    return result.build();
  }
}
