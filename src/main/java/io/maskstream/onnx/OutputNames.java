package io.maskstream.onnx;

import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the name of a foreign graph's output says of what it holds. */
final class OutputNames {

  /** Words in names of class scores. */
  private static final List<String> SCORES =
      List.of("logit", "score", "out", "sem", "seg", "class", "prob");

  /** Words in names of what stands beside class scores; they count more. */
  private static final List<String> OTHERS =
      List.of(
          "aux", "embed", "feat", "bound", "edge", "backbone", "hidden", "token", "depth", "proto");

  private OutputNames() {}

  /** Outputs of a graph, those that are more likely class scores by their name first. */
  static List<String> byLikelihood(GraphProto graph) {
    return graph.getOutputList().stream()
        .map(ValueInfoProto::getName)
        .sorted(Comparator.comparingInt(OutputNames::likelihood).reversed())
        .toList();
  }

  /** 2 where a name speaks for class scores, 1 where it says nothing, 0 where it speaks against. */
  static int likelihood(String output) {
    String name = output.toLowerCase(Locale.ROOT);
    if (OTHERS.stream().anyMatch(name::contains)) {
      return 0;
    }
    return SCORES.stream().anyMatch(name::contains) ? 2 : 1;
  }
}
