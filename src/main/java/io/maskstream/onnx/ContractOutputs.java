package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;

import io.maskstream.network.HeadOutput;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.util.List;

/** Labels, pixel counts and confidences, made inside the graph so that only small things leave. */
final class ContractOutputs {
  private final GraphBuilder graph;
  private final OnnxOps ops;
  private final int classes;

  ContractOutputs(GraphBuilder graph, OnnxOps ops, int classes) {
    this.graph = graph;
    this.ops = ops;
    this.classes = classes;
  }

  void add(HeadOutput<OnnxValue> head, OnnxValue map, int height, int width) {
    long[] size = map.shape();
    OnnxValue scores = ops.reshape(head.scores(), -1, classes, size[2], size[3]);
    OnnxValue labels = argMax(ops.resize(scores, height, width)); // [B, H, W] int64
    graph.output("labels", DataType.UINT8, cast(labels, DataType.UINT8));
    graph.output("pixels", DataType.INT32, counts(ops.reshape(labels, -1, (long) height * width)));
    graph.output("confidence", DataType.FLOAT, confidence(head.scores()));
  }

  /** Index of the largest along axis 1, which goes. */
  OnnxValue argMax(OnnxValue x) {
    long[] shape = new long[x.shape().length - 1];
    shape[0] = x.shape()[0];
    System.arraycopy(x.shape(), 2, shape, 1, shape.length - 1);
    return graph.node(
        "ArgMax", List.of(x), List.of(attribute("axis", 1), attribute("keepdims", 0)), shape);
  }

  private OnnxValue cast(OnnxValue x, DataType type) {
    return graph.node("Cast", List.of(x), List.of(attribute("to", type.getNumber())), x.shape());
  }

  /** How often each class occurs: int64 [B, N] to int32 [B, K]. */
  private OnnxValue counts(OnnxValue labels) {
    OnnxValue ones = expand(graph.ints(1), labels);
    return scatter(expandToClasses(graph.ints(0), labels), labels, ones);
  }

  /** Mean of the winning probability by winning class, 0 where none wins: [B, K, N] to [B, K]. */
  private OnnxValue confidence(OnnxValue scores) {
    OnnxValue winner = argMax(scores); // [B, N]
    long pixels = scores.shape()[2];
    OnnxValue probability = ops.reshape(ops.max(ops.softmax(scores, 1), 1), -1, pixels);
    OnnxValue zeros = expandToClasses(graph.floats("float32[[0]]", new float[] {0}, 1), winner);
    OnnxValue sums = scatter(zeros, winner, probability); // [B, K]
    OnnxValue counts = cast(counts(winner), DataType.FLOAT);
    OnnxValue atLeastOne =
        graph.node("Max", List.of(counts, ops.constant(1f)), List.of(), counts.shape());
    return ops.divide(sums, atLeastOne);
  }

  private OnnxValue scatter(OnnxValue zeros, OnnxValue indices, OnnxValue updates) {
    return graph.node(
        "ScatterElements",
        List.of(zeros, indices, updates),
        List.of(attribute("axis", 1), attribute("reduction", "add")),
        zeros.shape());
  }

  /** Repeats a value to the shape of another tensor. */
  private OnnxValue expand(OnnxValue value, OnnxValue like) {
    OnnxValue shape = graph.node("Shape", List.of(like), List.of(), like.shape().length);
    return graph.node("Expand", List.of(value, shape), List.of(), like.shape());
  }

  /** Repeats a value to [B, K], B as another tensor has it. */
  private OnnxValue expandToClasses(OnnxValue value, OnnxValue like) {
    OnnxValue batch =
        graph.node("Shape", List.of(like), List.of(attribute("start", 0), attribute("end", 1)), 1);
    OnnxValue shape = ops.concat(0, List.of(batch, graph.longs(classes)));
    return graph.node("Expand", List.of(value, shape), List.of(), -1, classes);
  }
}
