package io.maskstream.onnx;

import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where a foreign graph says which class each pixel has.
 *
 * @param kind what the tensors hold
 * @param tensors names of tensors: logits [B, K, h, w] or [B, h, w, K], or their probabilities;
 *     labels [B, h, w]; or class logits of queries [B, Q, K + 1] and their masks [B, Q, h, w]
 * @param shapes of the tensors for one picture
 * @param classes K
 * @param others outputs of the graph that could be class scores as well
 */
record ClassLogits(
    Kind kind, List<String> tensors, List<long[]> shapes, int classes, List<String> others) {

  /** What is found. */
  enum Kind {
    /** A logit per class and pixel, classes in axis 1. */
    PLANES,
    /** A logit per class and pixel, classes in the last axis. */
    LAST_AXIS,
    /** One logit per pixel, positive for the second of two classes: [B, 1, h, w]. */
    BINARY,
    /** A probability per class and pixel, classes in axis 1. */
    PROBABILITIES,
    /** One probability per pixel, of the second of two classes: [B, 1, h, w]. */
    BINARY_PROBABILITY,
    /** Class ids, with nothing known of their logits. */
    LABELS,
    /** Masks of queries and the classes of the queries, as MaskFormer gives them. */
    QUERIES
  }

  /** Operators that keep the order of a pixel's logits. */
  private static final Set<String> MONOTONE = Set.of("Softmax", "LogSoftmax", "Sigmoid");

  /** Operators that make probabilities. */
  private static final Set<String> PROBABILITY = Set.of("Softmax", "Sigmoid");

  /** Operators that leave probabilities what they are. */
  private static final Set<String> BEHIND_PROBABILITIES = Set.of("Resize", "Identity", "Cast");

  /** Operators that change only how a label or a probability is written. */
  private static final Set<String> REWRITES =
      Set.of("Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Transpose");

  private static final int MOST_CLASSES = 255;
  private static final int COARSEST_STRIDE = 64;

  /** Whether the tensors make shares of the classes from 0 to 1, and no logits. */
  boolean areShares() {
    return switch (kind) {
      case QUERIES, PROBABILITIES, BINARY_PROBABILITY -> true;
      case PLANES, LAST_AXIS, BINARY, LABELS -> false;
    };
  }

  /** The tensors' names for one. */
  String tensor() {
    return tensors.get(0);
  }

  /** Rows and columns of the logits or labels. */
  int[] size() {
    long[] shape = shapes.get(shapes.size() - 1);
    int rows = kind == Kind.LAST_AXIS ? 1 : shape.length - 2;
    return new int[] {(int) shape[rows], (int) shape[rows + 1]};
  }

  /**
   * Finds them in a model whose input has a size.
   *
   * @param named the tensor that the user names
   * @param wanted K of the user's class table
   */
  static ClassLogits find(
      ModelProto model,
      Map<String, GraphRun.Value> picture,
      PictureInput input,
      Optional<String> named,
      OptionalInt wanted)
      throws GraphException {
    OnnxGraph graph = new OnnxGraph(model.getGraph());
    List<String> candidates = candidates(graph, model, named);
    Map<String, long[]> shapes = new LinkedHashMap<>();
    try (GraphRun run = GraphRun.of(model, candidates, 1)) {
      Map<String, GraphRun.Value> results = run.run(picture);
      for (String name : candidates) {
        GraphRun.Value value = results.get(name);
        if (value != null) {
          shapes.put(name, value.shape());
        }
      }
    }
    Search search = new Search(shapes, input, wanted);
    return search
        .queries()
        .or(
            () ->
                search
                    .logits()
                    .map(found -> found.besides(graph, model, search).orProbabilities(graph)))
        .or(() -> search.labels())
        .orElseThrow(() -> search.failure());
  }

  /** Probabilities that the graph resized after it had made them are no logits. */
  private ClassLogits orProbabilities(OnnxGraph graph) {
    Optional<NodeProto> node = graph.producer(tensor());
    while (node.isPresent() && BEHIND_PROBABILITIES.contains(node.get().getOpType())) {
      node = graph.producer(node.get().getInput(0));
    }
    boolean probabilities = node.filter(n -> PROBABILITY.contains(n.getOpType())).isPresent();
    Kind other = kind == Kind.BINARY ? Kind.BINARY_PROBABILITY : Kind.PROBABILITIES;
    return probabilities && kind != Kind.LAST_AXIS
        ? new ClassLogits(other, tensors, shapes, classes, others)
        : this;
  }

  /** Tensors to look at, the most likely first. */
  private static List<String> candidates(OnnxGraph graph, ModelProto model, Optional<String> named)
      throws GraphException {
    List<String> outputs =
        model.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
    if (named.isPresent()) {
      String name = named.get();
      if (!outputs.contains(name) && graph.producer(name).isEmpty()) {
        throw new GraphException(
            "the graph has no tensor '%s'; its outputs are %s".formatted(name, outputs));
      }
      return List.of(name);
    }
    Set<String> names = new LinkedHashSet<>();
    outputs.forEach(output -> names.addAll(sources(graph, output)));
    return List.copyOf(names);
  }

  /** An output and what it is a decision on, the logits first. */
  private static Set<String> sources(OnnxGraph graph, String output) {
    Set<String> names = new LinkedHashSet<>();
    String logits = beforeDecision(graph, output);
    graph
        .producer(logits)
        .filter(node -> !logits.equals(output) && node.getOpType().equals("Transpose"))
        .ifPresent(node -> names.add(node.getInput(0)));
    names.add(logits);
    names.add(output);
    return names;
  }

  /** The same with the outputs that fit as well and are no decision on what was found. */
  private ClassLogits besides(OnnxGraph graph, ModelProto model, Search search) {
    List<String> fitting =
        model.getGraph().getOutputList().stream()
            .map(ValueInfoProto::getName)
            .filter(output -> !sources(graph, output).contains(tensor()))
            .filter(output -> search.logits(output).isPresent())
            .toList();
    return new ClassLogits(kind, tensors, shapes, classes, fitting);
  }

  /** The logits from which an output takes the largest or makes probabilities, else the output. */
  private static String beforeDecision(OnnxGraph graph, String output) {
    Optional<NodeProto> node = graph.producer(output);
    while (node.isPresent()) {
      String type = node.get().getOpType();
      String source = node.get().getInput(0);
      if (MONOTONE.contains(type)) {
        return source;
      }
      if (type.equals("ArgMax")) {
        return beforeDecision(graph, source);
      }
      if (!REWRITES.contains(type)) {
        return output;
      }
      node = graph.producer(source);
    }
    return output;
  }

  /** The rules by which a shape is recognised. */
  private record Search(Map<String, long[]> shapes, PictureInput input, OptionalInt wanted) {

    private Optional<ClassLogits> queries() {
      for (Map.Entry<String, long[]> masks : shapes.entrySet()) {
        for (Map.Entry<String, long[]> classes : shapes.entrySet()) {
          long[] m = masks.getValue();
          long[] c = classes.getValue();
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

    private Optional<ClassLogits> logits() {
      return shapes.keySet().stream().flatMap(name -> logits(name).stream()).findFirst();
    }

    private Optional<ClassLogits> logits(String name) {
      long[] shape = shapes.getOrDefault(name, new long[0]);
      if (shape.length != 4) {
        return Optional.empty();
      }
      if (matches(shape[1]) && fits(shape[2], shape[3])) {
        return Optional.of(of(Kind.PLANES, name, shape, (int) shape[1]));
      }
      if (matches(shape[3]) && fits(shape[1], shape[2])) {
        return Optional.of(of(Kind.LAST_AXIS, name, shape, (int) shape[3]));
      }
      return shape[1] == 1 && wanted.orElse(2) == 2 && fits(shape[2], shape[3])
          ? Optional.of(of(Kind.BINARY, name, shape, 2))
          : Optional.empty();
    }

    private Optional<ClassLogits> labels() {
      for (Map.Entry<String, long[]> entry : shapes.entrySet()) {
        long[] shape = entry.getValue();
        boolean single = shape.length == 3 || (shape.length == 4 && shape[1] == 1);
        int last = shape.length - 1;
        if (single && wanted.isPresent() && fits(shape[last - 1], shape[last])) {
          return Optional.of(of(Kind.LABELS, entry.getKey(), shape, wanted.getAsInt()));
        }
      }
      return Optional.empty();
    }

    private static ClassLogits of(Kind kind, String name, long[] shape, int classes) {
      return new ClassLogits(kind, List.of(name), List.of(shape), classes, List.of());
    }

    private boolean matches(long length) {
      return wanted.isPresent()
          ? length == wanted.getAsInt()
          : length >= 2 && length <= MOST_CLASSES;
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

    private GraphException failure() {
      List<String> found = new ArrayList<>();
      shapes.forEach((name, shape) -> found.add(name + " " + Arrays.toString(shape)));
      boolean classifier = shapes.values().stream().allMatch(shape -> shape.length < 3);
      String message =
          wanted.isPresent()
              ? "no output has a score for each of the %d classes and each pixel of %d×%d: the graph gives %s; name the tensor with --logits, or give another class table"
                  .formatted(wanted.getAsInt(), input.width(), input.height(), found)
              : "no output has a score per class and pixel of %d×%d: the graph gives %s; name the tensor with --logits, and the classes with --classes"
                  .formatted(input.width(), input.height(), found);
      return new GraphException(
          classifier ? "this is no segmentation network: the graph gives " + found : message);
    }
  }
}
