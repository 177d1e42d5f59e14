package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;

import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.OperatorSetIdProto;
import io.maskstream.onnx.format.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Rewrites a model of an older ONNX operator set in the one that {@link ModelWriter} writes, so
 * that a graph of ours and a foreign one can be one model.
 *
 * <p>What changed between the operator sets is mostly where an operator finds its axes: first in
 * attributes, later in inputs. Operators that only gained types or attributes need nothing. The
 * changes are those of the ONNX specification's change log, sets 8 to 18.
 */
final class OpsetUpgrade {

  /** Older graphs broadcast by attributes. */
  static final int OLDEST = 7;

  /** Reductions whose axes became an input with set 18; that of ReduceSum did with 13. */
  private static final Set<String> REDUCTIONS =
      Set.of(
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceMax",
          "ReduceMean",
          "ReduceMin",
          "ReduceProd",
          "ReduceSumSquare");

  private final int from;
  private final GraphProto.Builder graph;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final Map<String, TensorProto> constants = new HashMap<>();
  private int counter;

  private OpsetUpgrade(int from, GraphProto graph) {
    this.from = from;
    this.graph = graph.toBuilder();
    OnnxGraph search = new OnnxGraph(graph);
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList()
          .forEach(name -> search.constant(name).ifPresent(tensor -> constants.put(name, tensor)));
    }
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
  }

  /** Version of ONNX's own operator set in a model. */
  static int opset(ModelProto model) {
    return model.getOpsetImportList().stream()
        .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
        .mapToInt(set -> (int) set.getVersion())
        .max()
        .orElse(1);
  }

  /** The model in operator set 18; one of that set or a later one is returned as it is. */
  static ModelProto upgrade(ModelProto model) throws GraphException {
    int from = opset(model);
    if (from >= ModelWriter.OPSET) {
      return model;
    }
    if (from < OLDEST) {
      throw new GraphException(
          "the graph is of ONNX operator set %d; sets from %d on are supported, so export it again with a newer one"
              .formatted(from, OLDEST));
    }
    ModelProto.Builder result =
        model.toBuilder()
            .setIrVersion(Math.max(model.getIrVersion(), ModelWriter.IR_VERSION))
            .setGraph(new OpsetUpgrade(from, model.getGraph()).upgraded())
            .clearOpsetImport()
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(ModelWriter.OPSET));
    model.getOpsetImportList().stream()
        .filter(set -> !set.getDomain().isEmpty() && !set.getDomain().equals("ai.onnx"))
        .forEach(result::addOpsetImport);
    return result.build();
  }

  private GraphProto upgraded() throws GraphException {
    for (NodeProto node : graph.getNodeList()) {
      if (node.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0)) {
        throw new GraphException(
            "the graph has a %s with a body, which cannot be converted from ONNX operator set %d; export it with set %d or later"
                .formatted(node.getOpType(), from, ModelWriter.OPSET));
      }
      if (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx")) {
        convert(node);
      } else {
        nodes.add(node);
      }
    }
    return graph.clearNode().addAllNode(nodes).build();
  }

  private void convert(NodeProto node) throws GraphException {
    String type = node.getOpType();
    switch (type) {
      case "Squeeze", "Unsqueeze", "ReduceSum" -> toInput(node, 13, "axes", 1);
      case "Split" -> split(node);
      case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
      case "Slice" -> slice(node);
      case "Pad" -> pad(node);
      case "Clip" -> clip(node);
      case "TopK" -> toInput(node, 10, "k", 1);
      case "Upsample", "Resize" -> resize(node);
      case "Scatter" -> nodes.add(node.toBuilder().setOpType("ScatterElements").build());
      case "Dropout" -> nodes.add(without(node, "ratio"));
      case "BatchNormalization" -> nodes.add(without(node, "spatial"));
      default -> {
        if (REDUCTIONS.contains(type)) {
          toInput(node, 18, "axes", 1);
        } else {
          nodes.add(node);
        }
      }
    }
  }

  private static Optional<AttributeProto> attributeOf(NodeProto node, String name) {
    return node.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
  }

  private static NodeProto without(NodeProto node, String... names) {
    NodeProto.Builder result = node.toBuilder().clearAttribute();
    node.getAttributeList().stream()
        .filter(a -> !List.of(names).contains(a.getName()))
        .forEach(result::addAttribute);
    return result.build();
  }

  /** An attribute of integers that became the input at an index with an operator set. */
  private void toInput(NodeProto node, int since, String name, int index) {
    Optional<AttributeProto> found = attributeOf(node, name);
    if (from >= since || found.isEmpty()) {
      nodes.add(node);
      return;
    }
    NodeProto.Builder result = without(node, name).toBuilder();
    setInput(result, index, longs(found.get()));
    nodes.add(result.build());
  }

  private String longs(AttributeProto attribute) {
    long[] values =
        attribute.getType() == AttributeProto.AttributeType.INT
            ? new long[] {attribute.getI()}
            : attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
    return added(Tensors.ofLongs(fresh(), values));
  }

  private String scalar(float value) {
    return added(Tensors.ofFloats(fresh(), new float[] {value}));
  }

  private String added(TensorProto tensor) {
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private String fresh() {
    return "opset" + ModelWriter.OPSET + "/" + counter++;
  }

  private static void setInput(NodeProto.Builder node, int index, String name) {
    while (node.getInputCount() <= index) {
      node.addInput("");
    }
    node.setInput(index, name);
  }

  /** Equal parts must be counted from set 18 on. */
  private void split(NodeProto node) {
    if (from < 13 && attributeOf(node, "split").isPresent()) {
      toInput(node, 13, "split", 1);
    } else if (node.getInputCount() > 1 && !node.getInput(1).isEmpty()) {
      nodes.add(node);
    } else {
      nodes.add(
          node.toBuilder().addAttribute(attribute("num_outputs", node.getOutputCount())).build());
    }
  }

  /** Before set 13, the axes from one on were taken together. */
  private void softmax(NodeProto node) {
    long axis = attributeOf(node, "axis").map(AttributeProto::getI).orElse(from < 13 ? 1L : -1L);
    if (from >= 13 || axis == -1) {
      nodes.add(without(node, "axis").toBuilder().addAttribute(attribute("axis", axis)).build());
      return;
    }
    String flat = fresh();
    String shape = fresh();
    String result = fresh();
    nodes.add(step("Flatten", List.of(node.getInput(0)), flat, attribute("axis", axis)));
    nodes.add(step("Shape", List.of(node.getInput(0)), shape));
    nodes.add(step(node.getOpType(), List.of(flat), result, attribute("axis", 1)));
    nodes.add(step("Reshape", List.of(result, shape), node.getOutput(0)));
  }

  private static NodeProto step(
      String type, List<String> inputs, String output, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(output)
        .addAllInput(inputs)
        .addOutput(output)
        .addAllAttribute(List.of(attributes))
        .build();
  }

  private void slice(NodeProto node) {
    if (from >= 10) {
      nodes.add(node);
      return;
    }
    NodeProto.Builder result = without(node, "starts", "ends", "axes").toBuilder();
    List<String> names = List.of("starts", "ends", "axes");
    for (int i = 0; i < names.size(); i++) {
      Optional<AttributeProto> values = attributeOf(node, names.get(i));
      if (values.isPresent()) {
        setInput(result, i + 1, longs(values.get()));
      }
    }
    nodes.add(result.build());
  }

  private void pad(NodeProto node) {
    Optional<AttributeProto> pads = attributeOf(node, "pads");
    if (from >= 11 || pads.isEmpty()) {
      nodes.add(node);
      return;
    }
    NodeProto.Builder result = without(node, "pads", "value").toBuilder();
    setInput(result, 1, longs(pads.get()));
    setInput(result, 2, scalar(attributeOf(node, "value").map(AttributeProto::getF).orElse(0f)));
    nodes.add(result.build());
  }

  private void clip(NodeProto node) {
    if (from >= 11) {
      nodes.add(node);
      return;
    }
    NodeProto.Builder result = without(node, "min", "max").toBuilder();
    Optional<AttributeProto> min = attributeOf(node, "min");
    Optional<AttributeProto> max = attributeOf(node, "max");
    min.ifPresent(a -> setInput(result, 1, scalar(a.getF())));
    max.ifPresent(a -> setInput(result, 2, scalar(a.getF())));
    nodes.add(result.build());
  }

  /** Upsample, and Resize before set 11, know one way to place their samples. */
  private void resize(NodeProto node) throws GraphException {
    boolean old = node.getOpType().equals("Upsample") || from < 11;
    NodeProto.Builder result = node.toBuilder().setOpType("Resize");
    if (old) {
      String scales =
          node.getInputCount() > 1 ? node.getInput(1) : scales(attributeOf(node, "scales"));
      result = without(node, "scales").toBuilder().setOpType("Resize").clearInput();
      result
          .addInput(node.getInput(0))
          .addInput("")
          .addInput(scales)
          .addAttribute(attribute("coordinate_transformation_mode", "asymmetric"))
          .addAttribute(attribute("nearest_mode", "floor"));
    }
    for (AttributeProto a : result.getAttributeList()) {
      if (a.getS().toStringUtf8().equals("tf_half_pixel_for_nn")) {
        throw new GraphException(
            "the graph resizes by tf_half_pixel_for_nn, which ONNX has no more; export it with operator set 13 or later");
      }
    }
    for (int i = 1; i < Math.min(3, result.getInputCount()); i++) {
      TensorProto constant = constants.get(result.getInput(i));
      if (constant != null && Tensors.count(constant) == 0) { // "not given" before set 13
        result.setInput(i, "");
      }
    }
    nodes.add(result.build());
  }

  private String scales(Optional<AttributeProto> attribute) {
    List<Float> values = attribute.map(AttributeProto::getFloatsList).orElse(List.of());
    float[] scales = new float[values.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = values.get(i);
    }
    return added(Tensors.ofFloats(fresh(), scales, scales.length));
  }
}
