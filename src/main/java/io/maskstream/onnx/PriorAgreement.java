package io.maskstream.onnx;

import io.maskstream.network.HeadOutput;
import java.util.List;

/** Share of pixels on which the prior's and this image's prototypes agree; 0 without a prior. */
final class PriorAgreement {
  private final GraphBuilder graph;
  private final OnnxOps ops;

  PriorAgreement(GraphBuilder graph, OnnxOps ops) {
    this.graph = graph;
    this.ops = ops;
  }

  /** Logits [B, K, N] of both and trust [B, P] to [B]. */
  OnnxValue of(HeadOutput<OnnxValue> head, OnnxValue trust) {
    OnnxValue fresh = ops.argMax(head.fresh()); // [B, N]
    OnnxValue remembered = ops.argMax(head.remembered()); // [B, N]
    OnnxValue same = graph.node("Equal", List.of(fresh, remembered), List.of(), fresh.shape());
    OnnxValue warm =
        graph.node(
            "Greater", List.of(ops.max(trust, 1), ops.constant(0f)), List.of(), -1, 1); // [B, 1]
    OnnxValue both = graph.node("And", List.of(same, warm), List.of(), fresh.shape());
    return ops.reshape(ops.mean(ops.floats(both), 1), -1);
  }
}
