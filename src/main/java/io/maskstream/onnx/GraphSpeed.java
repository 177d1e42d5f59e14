package io.maskstream.onnx;

import io.maskstream.onnx.format.ModelProto;
import java.util.List;
import java.util.Map;

/**
 * Median time of a pass of two graphs on one processor thread. The graphs take turns, so that what
 * else the machine does meets both alike.
 *
 * @param before milliseconds of the first graph
 * @param after milliseconds of the second graph
 */
public record GraphSpeed(double before, double after) {
  private static final int WARMUP = 2;
  private static final int ROUNDS = 9;

  static GraphSpeed of(
      ModelProto first,
      Map<String, GraphRun.Value> firstInputs,
      ModelProto second,
      Map<String, GraphRun.Value> secondInputs)
      throws GraphException {
    try (GraphRun a = GraphRun.of(first, List.of(), 1);
        GraphRun b = GraphRun.of(second, List.of(), 1);
        GraphRun.Prepared aInputs = a.prepare(firstInputs);
        GraphRun.Prepared bInputs = b.prepare(secondInputs)) {
      double[] before = new double[ROUNDS];
      double[] after = new double[ROUNDS];
      for (int round = -WARMUP; round < ROUNDS; round++) {
        double aTime = aInputs.time();
        double bTime = bInputs.time();
        if (round >= 0) {
          before[round] = aTime;
          after[round] = bTime;
        }
      }
      return new GraphSpeed(PassCosts.median(before), PassCosts.median(after));
    }
  }
}
