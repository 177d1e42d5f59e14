package io.maskstream.app.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One row of a comparison: what was measured with each seed.
 *
 * @param name of the row
 * @param runs one per seed
 */
record ComparedModel(String name, List<Run> runs) {

  /**
   * Measurements of one model; shares are 0 to 1.
   *
   * @param miou per frame
   * @param classIou per frame, NaN where a class does not occur
   * @param boundaryIou per frame
   * @param flipRate per frame
   * @param consistency along the flow, per frame
   * @param reusedMiou with the default policy
   * @param reusedFlipRate with the default policy
   * @param reusedConsistency with the default policy
   * @param foreignMiou mean IoU on drives that were excluded from training, NaN where none was
   * @param parameters numbers that were trained, 0 where unknown
   * @param multiplyAdds of one image, 0 where unknown
   * @param millis latency of one image in ONNX Runtime, one thread, median
   */
  record Run(
      double miou,
      double[] classIou,
      double boundaryIou,
      double flipRate,
      double consistency,
      double reusedMiou,
      double reusedFlipRate,
      double reusedConsistency,
      double foreignMiou,
      long parameters,
      long multiplyAdds,
      double millis) {}

  /** Mean over the seeds. */
  double mean(ToDoubleFunction<Run> value) {
    return runs.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  /** Half the distance from the smallest to the largest over the seeds. */
  double spread(ToDoubleFunction<Run> value) {
    List<Double> values = new ArrayList<>(runs.stream().map(value::applyAsDouble).toList());
    values.sort(Comparator.naturalOrder());
    return (values.get(values.size() - 1) - values.get(0)) / 2;
  }
}
