package io.maskstream.onnx;

import ai.onnxruntime.OnnxJavaType;
import io.maskstream.onnx.ClassLogits.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * The rules by which class scores or labels are recognized: by shape, and where that leaves a
 * choice, by type and values.
 *
 * @param seen tensors by name, the most likely first
 * @param candidates what the graph says of them
 * @param input of the graph
 * @param wanted K of the user's class table
 */
record LogitsSearch(
    Map<String, ObservedTensor> seen,
    Map<String, Candidate> candidates,
    PictureInput input,
    OptionalInt wanted) {

  private static final int MOST_CLASSES = 255;
  private static final int COARSEST_STRIDE = 64;

  /** A box and one class at least: numbers of a detection beside its weights of prototypes. */
  private static final int LEAST_DETECTION = 5;

  /**
   * A tensor that could be class scores.
   *
   * @param likelihood of the output that it is or is behind
   * @param comparison whether it is the outcome of a comparison: one of two classes
   */
  record Candidate(int likelihood, boolean comparison) {}

  /** The class scores or labels. */
  ClassLogits find() throws GraphException {
    Optional<ClassLogits> found =
        queries().or(() -> among(true)).or(() -> among(false)); // unlikely names last
    if (found.isEmpty()) {
      throw failure();
    }
    return found.get();
  }

  private Optional<ClassLogits> among(boolean likely) {
    List<String> names =
        seen.keySet().stream().filter(name -> (candidate(name).likelihood > 0) == likely).toList();
    return first(names, this::planes)
        .or(() -> first(names, this::score))
        .or(() -> first(names, this::labels));
  }

  private Candidate candidate(String name) {
    return Objects.requireNonNull(candidates.get(name));
  }

  private static Optional<ClassLogits> first(
      List<String> names, Function<String, Optional<ClassLogits>> rule) {
    return names.stream().flatMap(name -> rule.apply(name).stream()).findFirst();
  }

  /** Scores of classes, or one of two classes. */
  Optional<ClassLogits> scores(String name) {
    return planes(name).or(() -> score(name));
  }

  private Optional<ClassLogits> queries() {
    for (Map.Entry<String, ObservedTensor> masks : seen.entrySet()) {
      for (Map.Entry<String, ObservedTensor> classes : seen.entrySet()) {
        long[] m = masks.getValue().shape();
        long[] c = classes.getValue().shape();
        boolean pair = m.length == 4 && c.length == 3 && m[1] == c[1] && fits(m[2], m[3]);
        if (pair && (wanted.isEmpty() || wanted.getAsInt() == c[2] - 1)) {
          return Optional.of(
              new ClassLogits(
                  Kind.QUERIES,
                  List.of(classes.getKey(), masks.getKey()),
                  List.of(c, m),
                  (int) c[2] - 1,
                  List.of()));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<ClassLogits> planes(String name) {
    long[] shape = shape(name);
    if (shape.length != 4) {
      return Optional.empty();
    }
    if (matches(shape[1]) && fits(shape[2], shape[3])) {
      return Optional.of(of(Kind.PLANES, name, (int) shape[1]));
    }
    return matches(shape[3]) && fits(shape[1], shape[2])
        ? Optional.of(of(Kind.LAST_AXIS, name, (int) shape[3]))
        : Optional.empty();
  }

  /** One score per pixel: a map of floats that are no ids. */
  private Optional<ClassLogits> score(String name) {
    ObservedTensor tensor = seen.get(name);
    if (tensor == null || !isMap(tensor.shape()) || tensor.isOfIds() || wanted.orElse(2) != 2) {
      return Optional.empty();
    }
    return Optional.of(of(tensor.isOfShares() ? Kind.BINARY_PROBABILITY : Kind.BINARY, name, 2));
  }

  /** A map of ids; without a class table, those of a comparison. */
  private Optional<ClassLogits> labels(String name) {
    ObservedTensor tensor = seen.get(name);
    if (tensor == null || !isMap(tensor.shape()) || !tensor.isOfIds()) {
      return Optional.empty();
    }
    boolean two = tensor.type() == OnnxJavaType.BOOL || candidate(name).comparison;
    return wanted.isPresent() || two
        ? Optional.of(of(Kind.LABELS, name, wanted.orElse(2)))
        : Optional.empty();
  }

  private ClassLogits of(Kind kind, String name, int classes) {
    return new ClassLogits(kind, List.of(name), List.of(shape(name)), classes, List.of());
  }

  private long[] shape(String name) {
    ObservedTensor tensor = seen.get(name);
    return tensor == null ? new long[0] : tensor.shape();
  }

  private boolean matches(long length) {
    return wanted.isPresent() ? length == wanted.getAsInt() : length >= 2 && length <= MOST_CLASSES;
  }

  /** Whether a tensor has one number per pixel: [B, h, w], [B, 1, h, w] or [B, h, w, 1]. */
  private boolean isMap(long[] shape) {
    return switch (shape.length) {
      case 3 -> fits(shape[1], shape[2]);
      case 4 ->
          (shape[1] == 1 && fits(shape[2], shape[3]))
              || (shape[3] == 1 && fits(shape[1], shape[2]));
      default -> false;
    };
  }

  /** Whether a map may lie over the picture: the same stride both ways, 1 to 64. */
  private boolean fits(long rows, long columns) {
    if (rows < 2 || columns < 2) {
      return false;
    }
    double down = (double) input.height() / rows;
    double across = (double) input.width() / columns;
    boolean even = Math.abs(down - across) <= 0.15 * Math.max(down, across);
    return even && down >= 1 && down <= COARSEST_STRIDE;
  }

  /**
   * Refuses what a detector with masks per object gives: a row of numbers per object, the last of
   * which are weights of the prototype masks in another output.
   */
  void requireNoDetector() throws GraphException {
    for (Map.Entry<String, ObservedTensor> masks : seen.entrySet()) {
      long[] m = masks.getValue().shape();
      boolean prototypes =
          m.length == 4 && fits(m[2], m[3]) && (wanted.isEmpty() || wanted.getAsInt() != m[1]);
      for (Map.Entry<String, ObservedTensor> objects : seen.entrySet()) {
        if (prototypes && isOfObjects(objects.getKey(), m[1])) {
          throw new GraphException(
              "this is a detector with a mask per object, such as YOLO-seg, and no semantic segmentation: the output %s has rows for objects and %s the prototypes of their masks; name the scores with --logits where it is not"
                  .formatted(described(objects.getKey()), described(masks.getKey())));
        }
      }
    }
  }

  private boolean isOfObjects(String name, long prototypes) {
    long[] shape = shape(name);
    if (shape.length != 3 || isMap(shape) || candidate(name).likelihood == 0) {
      return false;
    }
    long numbers = Math.min(shape[1], shape[2]);
    return prototypes > 1 && numbers >= prototypes + LEAST_DETECTION;
  }

  /** Names and shapes for a message. */
  List<String> described(Collection<String> names) {
    List<String> found = new ArrayList<>();
    names.forEach(name -> found.add(described(name)));
    return found;
  }

  private String described(String name) {
    return name + " " + Arrays.toString(shape(name));
  }

  private boolean hasTooManyClasses(String name) {
    long[] shape = shape(name);
    return shape.length == 4
        && ((shape[1] > MOST_CLASSES && fits(shape[2], shape[3]))
            || (shape[3] > MOST_CLASSES && fits(shape[1], shape[2])));
  }

  private GraphException failure() {
    List<String> found = described(seen.keySet());
    Optional<String> ids =
        seen.entrySet().stream()
            .filter(tensor -> isMap(tensor.getValue().shape()) && tensor.getValue().isOfIds())
            .map(Map.Entry::getKey)
            .findFirst();
    if (seen.values().stream().allMatch(tensor -> tensor.shape().length < 3)) {
      return new GraphException("this is no segmentation network: the graph gives " + found);
    }
    if (wanted.isEmpty() && ids.isPresent()) {
      return new GraphException(
          "the output %s gives class ids, which do not tell how many classes there are; name the classes with --classes"
              .formatted(described(ids.get())));
    }
    Optional<String> many = seen.keySet().stream().filter(this::hasTooManyClasses).findFirst();
    if (many.isPresent()) {
      return new GraphException(
          "a mask has at most %d classes, the output is %s"
              .formatted(MOST_CLASSES, described(many.get())));
    }
    String message =
        wanted.isPresent()
            ? "no output has a score for each of the %d classes and each pixel of %d×%d: the graph gives %s; name the tensor with --logits, or give another class table"
                .formatted(wanted.getAsInt(), input.width(), input.height(), found)
            : "no output has a score per class and pixel of %d×%d: the graph gives %s; name the tensor with --logits, and the classes with --classes"
                .formatted(input.width(), input.height(), found);
    return new GraphException(message);
  }
}
