package io.maskstream.onnx;

import io.maskstream.network.HeadOutput;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.util.List;

/**
 * Class logits at the output stride, and labels, pixel counts and confidences made of them inside
 * the graph for engines from which only small things should leave.
 *
 * <p>In operators that TensorRT has without plug-ins: it scatters nothing with a sum, and knows
 * uint8 only at the inputs and outputs of a network, converted from and to floats.
 */
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
    OnnxValue logits = ops.reshape(head.logits(), -1, classes, size[2], size[3]);
    if (isAtStride(size[2], size[3], height, width)) {
      graph.output(ContractTensors.LOGITS, DataType.FLOAT, logits);
    }
    addLabels(ops.argMax(resized(logits, height, width)));
    graph.output(ContractTensors.CONFIDENCE, DataType.FLOAT, confidence(head.logits()));
  }

  /**
   * Whether a map is smaller than the image by one stride, so that labels can be made outside of
   * the graph.
   */
  static boolean isAtStride(long rows, long columns, int height, int width) {
    long stride = Math.round(Math.sqrt((double) height * width / (rows * columns)));
    return stride > 1
        && rows == (height + stride - 1) / stride
        && columns == (width + stride - 1) / stride;
  }

  /** Logits [B, K, h, w] at the size of the image. */
  OnnxValue resized(OnnxValue logits, int height, int width) {
    long[] size = logits.shape();
    return size[2] == height && size[3] == width ? logits : ops.resize(logits, height, width);
  }

  /** Labels and pixel counts from class ids [B, H, W], floats; returns the counts, [B, K]. */
  OnnxValue addLabels(OnnxValue ids) {
    long[] size = ids.shape();
    graph.outputCast(ContractTensors.LABELS, DataType.UINT8, ids);
    OnnxValue row = ops.reshape(ids, -1, 1, size[1] * size[2]);
    OnnxValue pixels = perClass(ops.sum(members(row), 2));
    graph.outputCast(ContractTensors.PIXELS, DataType.INT32, pixels);
    return pixels;
  }

  /** 1 where a pixel has the class, else 0: class ids [B, 1, N] to [B, K, N]. */
  private OnnxValue members(OnnxValue labels) {
    float[] ids = new float[classes];
    for (int k = 0; k < classes; k++) {
      ids[k] = k;
    }
    OnnxValue column = ops.constant(ids, 1, classes, 1);
    OnnxValue equal =
        graph.node("Equal", List.of(labels, column), List.of(), -1, classes, labels.shape()[2]);
    return ops.floats(equal);
  }

  /** Mean of the winning probability by winning class, 0 where none wins: [B, K, N] to [B, K]. */
  OnnxValue confidence(OnnxValue logits) {
    long pixels = logits.shape()[2];
    OnnxValue members = members(ops.reshape(ops.argMax(logits), -1, 1, pixels)); // [B, K, N]
    OnnxValue probability = ops.max(ops.softmax(logits, 1), 1); // [B, 1, N]
    OnnxValue sums = perClass(ops.sum(ops.multiply(members, probability), 2));
    OnnxValue counts = perClass(ops.sum(members, 2));
    OnnxValue atLeastOne =
        graph.node("Max", List.of(counts, ops.constant(1f)), List.of(), counts.shape());
    return ops.divide(sums, atLeastOne);
  }

  /** [B, K, 1] to [B, K]. */
  private OnnxValue perClass(OnnxValue x) {
    return ops.reshape(x, -1, classes);
  }
}
