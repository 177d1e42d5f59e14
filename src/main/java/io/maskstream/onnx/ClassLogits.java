package io.maskstream.onnx;

import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where a foreign graph says which class each pixel has.
 *
 * @param kind what the tensors hold
 * @param tensors names of tensors: logits [B, K, h, w] or [B, h, w, K], or their probabilities; a
 *     map, which has one number per pixel, [B, h, w], [B, 1, h, w] or [B, h, w, 1]; or class logits
 *     of queries [B, Q, K + 1] and their masks [B, Q, h, w]
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
    /** One logit per pixel, positive for the second of two classes: a map. */
    BINARY,
    /** A probability per class and pixel, classes in axis 1. */
    PROBABILITIES,
    /** One probability per pixel, of the second of two classes: a map. */
    BINARY_PROBABILITY,
    /** Class ids, with nothing known of their logits: a map. */
    LABELS,
    /** Masks of queries and the classes of the queries, as MaskFormer gives them. */
    QUERIES
  }

  /** Operators that keep the order of a pixel's logits. */
  private static final Set<String> MONOTONE = Set.of("Softmax", "LogSoftmax", "Sigmoid");

  /** Operators that make probabilities. */
  private static final Set<String> PROBABILITY = Set.of("Softmax", "Sigmoid");

  /** Operators that change only how a label or a probability is written. */
  private static final Set<String> REWRITES =
      Set.of("Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Transpose");

  /** Operators that tell two classes apart. */
  private static final Set<String> COMPARISONS =
      Set.of("Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not");

  /** Operators that leave probabilities what they are. */
  private static final Set<String> BEHIND_PROBABILITIES =
      Set.of("Resize", "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Transpose");

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
    boolean last = kind == Kind.LAST_AXIS || (shape.length == 4 && shape[3] == 1);
    int rows = last ? 1 : shape.length - 2;
    return new int[] {(int) shape[rows], (int) shape[rows + 1]};
  }

  /**
   * Finds them in a model whose input has a size.
   *
   * @param pictures inputs of the passes that are tried
   * @param named the tensor that the user names
   * @param wanted K of the user's class table
   */
  static ClassLogits find(
      ModelProto model,
      List<Map<String, GraphRun.Value>> pictures,
      PictureInput input,
      Optional<String> named,
      OptionalInt wanted)
      throws GraphException {
    OnnxGraph graph = new OnnxGraph(model.getGraph());
    List<String> outputs = OutputNames.byLikelihood(model.getGraph());
    Map<String, LogitsSearch.Candidate> candidates = candidates(graph, outputs, named);
    Map<String, ObservedTensor> seen =
        ObservedTensor.of(model, List.copyOf(candidates.keySet()), pictures);
    LogitsSearch search = new LogitsSearch(seen, candidates, input, wanted);
    if (named.isEmpty()) {
      search.requireNoDetector();
    }
    ClassLogits found = search.find().besides(graph, outputs, search).orProbabilities(graph);
    if (named.isEmpty() && wanted.isEmpty()) {
      found.requireLikeliest(graph, outputs, search);
    }
    for (String tensor : found.tensors) {
      Objects.requireNonNull(seen.get(tensor)).requireUsable(tensor, found);
    }
    return found;
  }

  /** Probabilities that the graph resized after it had made them are no logits. */
  private ClassLogits orProbabilities(OnnxGraph graph) {
    if (kind != Kind.PLANES && kind != Kind.BINARY) {
      return this;
    }
    Optional<NodeProto> node = graph.producer(tensor());
    while (node.isPresent() && BEHIND_PROBABILITIES.contains(node.get().getOpType())) {
      node = graph.producer(node.get().getInput(0));
    }
    boolean probabilities = node.filter(n -> PROBABILITY.contains(n.getOpType())).isPresent();
    Kind other = kind == Kind.BINARY ? Kind.BINARY_PROBABILITY : Kind.PROBABILITIES;
    return probabilities ? new ClassLogits(other, tensors, shapes, classes, others) : this;
  }

  /** Tensors to look at, the most likely first; those behind an output go by its name. */
  private static Map<String, LogitsSearch.Candidate> candidates(
      OnnxGraph graph, List<String> outputs, Optional<String> named) throws GraphException {
    Map<String, LogitsSearch.Candidate> found = new LinkedHashMap<>();
    if (named.isPresent()) {
      String name = named.get();
      if (!outputs.contains(name) && graph.producer(name).isEmpty()) {
        throw new GraphException(
            "the graph has no tensor '%s'; its outputs are %s".formatted(name, outputs));
      }
      found.put(name, candidate(graph, name, name));
    } else {
      for (String output : outputs) {
        for (String name : sources(graph, output)) {
          found.putIfAbsent(name, candidate(graph, name, output));
        }
      }
    }
    return found;
  }

  private static LogitsSearch.Candidate candidate(OnnxGraph graph, String name, String output) {
    Optional<NodeProto> node = graph.producer(name);
    while (node.isPresent() && REWRITES.contains(node.get().getOpType())) {
      node = graph.producer(node.get().getInput(0));
    }
    boolean comparison = node.filter(n -> COMPARISONS.contains(n.getOpType())).isPresent();
    return new LogitsSearch.Candidate(OutputNames.likelihood(output), comparison);
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
  private ClassLogits besides(OnnxGraph graph, List<String> outputs, LogitsSearch search) {
    if (kind == Kind.QUERIES || kind == Kind.LABELS) {
      return this;
    }
    List<String> fitting =
        outputs.stream()
            .filter(output -> !sources(graph, output).contains(tensor()))
            .filter(output -> search.scores(output).isPresent())
            .toList();
    return new ClassLogits(kind, tensors, shapes, classes, fitting);
  }

  /** Without a class table, nothing but the name tells one output's scores from another's. */
  private void requireLikeliest(OnnxGraph graph, List<String> outputs, LogitsSearch search)
      throws GraphException {
    String own =
        outputs.stream()
            .filter(output -> sources(graph, output).contains(tensor()))
            .findFirst()
            .orElse(tensor());
    List<String> rivals =
        others.stream()
            .filter(other -> OutputNames.likelihood(other) >= OutputNames.likelihood(own))
            .toList();
    if (!rivals.isEmpty()) {
      List<String> names = new ArrayList<>(List.of(own));
      names.addAll(rivals);
      throw new GraphException(
          "several outputs could be the class scores: %s; name one with --logits, or the classes with --classes"
              .formatted(search.described(names)));
    }
  }

  /** The logits from which an output takes the largest or makes probabilities, else the output. */
  private static String beforeDecision(OnnxGraph graph, String output) {
    Optional<NodeProto> node = graph.producer(output);
    while (node.isPresent() && node.get().getInputCount() > 0) {
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
}
