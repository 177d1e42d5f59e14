package io.maskstream.onnx;

import ai.onnxruntime.OnnxJavaType;
import io.maskstream.onnx.format.ModelProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a tensor of a foreign graph held on the pictures that were tried.
 *
 * @param type of its numbers
 * @param shape of the first pass
 * @param least of its numbers; NaN where one of them is
 * @param greatest of its numbers; NaN where one of them is
 * @param whole whether all were whole numbers
 */
record ObservedTensor(OnnxJavaType type, long[] shape, float least, float greatest, boolean whole) {

  private static final Set<OnnxJavaType> FLOATS =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16, OnnxJavaType.DOUBLE);

  /** What to do about a class whose score is minus infinity. */
  private static final String NEVER_WINS =
      "; a class that must never win can have a score of -10000";

  /** Tensors of a model by name, in the order of the names. */
  static Map<String, ObservedTensor> of(
      ModelProto model, List<String> names, List<Map<String, GraphRun.Value>> pictures)
      throws GraphException {
    Map<String, ObservedTensor> seen = new LinkedHashMap<>();
    try (GraphRun run = GraphRun.of(model, names, 1)) {
      Map<String, OnnxJavaType> types = run.types();
      for (Map<String, GraphRun.Value> picture : pictures) {
        Map<String, GraphRun.Value> results = run.run(picture);
        for (String name : names) {
          GraphRun.Value value = results.get(name);
          if (value != null) {
            OnnxJavaType type = types.getOrDefault(name, OnnxJavaType.UNKNOWN);
            seen.merge(name, of(type, value), ObservedTensor::and);
          }
        }
      }
    }
    return seen;
  }

  private static ObservedTensor of(OnnxJavaType type, GraphRun.Value value) {
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    boolean whole = true;
    for (float v : value.values()) {
      least = Math.min(least, v);
      greatest = Math.max(greatest, v);
      whole &= v == Math.rint(v);
    }
    return new ObservedTensor(type, value.shape(), least, greatest, whole);
  }

  private ObservedTensor and(ObservedTensor next) {
    return new ObservedTensor(
        type,
        shape,
        Math.min(least, next.least),
        Math.max(greatest, next.greatest),
        whole && next.whole);
  }

  /** Whether its numbers are whole, by their type or by what was seen. */
  boolean isOfIds() {
    return !FLOATS.contains(type) || whole;
  }

  /** Whether all its numbers were from 0 to 1. */
  boolean isOfShares() {
    return least >= 0 && greatest <= 1;
  }

  /** Refuses numbers that a worker could not use. */
  void requireUsable(String name, ClassLogits found) throws GraphException {
    float worst = Float.isFinite(greatest) ? least : greatest;
    if (!Float.isFinite(worst)) {
      throw new GraphException(
          "the output '%s' is not finite: it has %s on the pictures that were tried%s"
              .formatted(name, worst, worst < 0 ? NEVER_WINS : ""));
    }
    boolean outside = least < 0 || greatest >= found.classes();
    if (found.kind() == ClassLogits.Kind.LABELS && outside) {
      throw new GraphException(
          "the labels '%s' must be from 0 to %d, the ids of the class table; on the pictures that were tried they have %.0f, and a mask has no value for pixels without a class"
              .formatted(name, found.classes() - 1, least < 0 ? least : greatest));
    }
  }
}
