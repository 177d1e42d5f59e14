package io.maskstream.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Static quantization of a contract graph to 8-bit integers after training.
 *
 * <p>Ranges are the least and largest values over pictures. Layers of next to no work stay in
 * floats, because nothing is gained there; that leaves out the heads' products with prototypes,
 * which have no fixed weights, and their perceptrons. If too many labels change, the layers are
 * tried one by one, and those that change most labels stay in floats, as many as it takes.
 */
public final class Quantization {
  private static final Logger log = LoggerFactory.getLogger(Quantization.class);

  /** Share of a graph's multiplications below which a layer is left as it is. */
  private static final double LEAST_WORK = 2e-4;

  private static final int PICTURES_PER_LAYER = 2;

  /**
   * What is asked for.
   *
   * @param leastAgreement share of labels that must stay, 0 to 1
   * @param weightLimit largest magnitude of a weight, 127 or 63; see {@link QuantizedGraph}
   */
  public record Settings(double leastAgreement, int weightLimit) {
    public Settings {
      if (!(leastAgreement > 0 && leastAgreement <= 1)) {
        throw new IllegalArgumentException(
            "leastAgreement must be above 0 and at most 1, is " + leastAgreement);
      }
      if (weightLimit < 1 || weightLimit > 127) {
        throw new IllegalArgumentException("weightLimit must be 1 to 127, is " + weightLimit);
      }
    }
  }

  /**
   * A graph in integers.
   *
   * @param graph serialized model; owned by the receiver
   * @param agreement share of labels that the graph in floats gives too, 0 to 1
   * @param layers how many are in integers
   * @param floatLayers names of layers that stay in floats because of their labels
   * @param speed of a pass in floats and in integers, labels computed outside of it
   */
  public record Result(
      byte[] graph, double agreement, int layers, List<String> floatLayers, GraphSpeed speed) {}

  private final ModelProto model;
  private final Settings settings;
  private final List<byte[]> validation;
  private final Map<String, QuantizationRanges.Range> ranges;
  private final List<NodeProto> layers;
  private final Map<String, float[]> means;
  private final List<float[]> expected;

  private Quantization(
      ModelProto model, Settings settings, List<byte[]> calibration, List<byte[]> validation)
      throws GraphException {
    this.model = model;
    this.settings = settings;
    this.validation = List.copyOf(validation);
    OnnxGraph search = new OnnxGraph(model.getGraph());
    this.ranges = QuantizationRanges.of(model, QuantizedGraph.tensors(search), calibration);
    this.layers = heavy(search);
    this.means = ChannelMeans.of(model, layers, calibration);
    this.expected = labels(model, validation);
  }

  /**
   * Quantizes a graph.
   *
   * @param calibration pictures of the graph's size, H·W·3, from which ranges are taken
   * @param validation pictures on which labels are compared
   */
  public static Result of(
      byte[] graph, List<byte[]> calibration, List<byte[]> validation, Settings settings)
      throws IOException {
    ModelProto model = GraphSimplifier.simplify(ModelProto.parseFrom(graph));
    return new Quantization(model, settings, calibration, validation).result();
  }

  private Result result() throws GraphException {
    if (layers.isEmpty()) {
      throw new GraphException("the graph has no layer with fixed weights to quantize");
    }
    Set<NodeProto> chosen = new LinkedHashSet<>(layers);
    ModelProto written = written(chosen);
    double agreement = agreement(written, validation.size());
    log.info("{} layers in integers keep {} of the labels", chosen.size(), agreement);
    List<NodeProto> worst = agreement < settings.leastAgreement ? bySensitivity() : List.of();
    List<String> floats = new ArrayList<>();
    for (int step = 1;
        agreement < settings.leastAgreement && floats.size() < worst.size();
        step *= 2) {
      int until = Math.min(worst.size() - 1, floats.size() + step);
      if (until == floats.size()) {
        throw new GraphException(
            "no layer can be in integers: %.2f %% of the labels stay, %.2f %% must"
                .formatted(100 * agreement, 100 * settings.leastAgreement));
      }
      for (NodeProto node : worst.subList(floats.size(), until)) {
        chosen.remove(node);
        floats.add(node.getOutput(0));
      }
      written = written(chosen);
      agreement = agreement(written, validation.size());
      log.info("{} layers in integers keep {} of the labels", chosen.size(), agreement);
    }
    return new Result(
        written.toByteArray(), agreement, chosen.size(), floats, speed(model, written));
  }

  private GraphSpeed speed(ModelProto before, ModelProto after) throws GraphException {
    Map<String, GraphRun.Value> inputs = ContractInputs.of(model, validation.get(0));
    return GraphSpeed.of(served(before), inputs, served(after), inputs);
  }

  private static ModelProto served(ModelProto graph) throws GraphException {
    try {
      return ModelProto.parseFrom(GraphCut.withoutLabeling(graph.toByteArray()));
    } catch (InvalidProtocolBufferException e) {
      throw new GraphException("the graph cannot be cut: " + e.getMessage(), e);
    }
  }

  private ModelProto written(Set<NodeProto> chosen) throws GraphException {
    return new QuantizedGraph(model, ranges, means, settings.weightLimit).of(new HashSet<>(chosen));
  }

  /** Layers whose share of the work is worth it. */
  private List<NodeProto> heavy(OnnxGraph search) {
    Map<NodeProto, Double> work = new HashMap<>();
    for (NodeProto node : QuantizedGraph.layers(search)) {
      TensorProto weight = search.constant(node.getInput(1)).orElseThrow();
      QuantizationRanges.Range output = Objects.requireNonNull(ranges.get(node.getOutput(0)));
      double results = 1;
      for (long length : output.shape()) {
        results *= length;
      }
      long channels = weight.getDims(QuantizedGraph.axis(node));
      work.put(node, results * Tensors.count(weight) / channels);
    }
    double total = work.values().stream().mapToDouble(Double::doubleValue).sum();
    return QuantizedGraph.layers(search).stream()
        .filter(node -> work.getOrDefault(node, 0.0) >= LEAST_WORK * total)
        .toList();
  }

  /** Layers, the one first that alone changes most labels. */
  private List<NodeProto> bySensitivity() throws GraphException {
    Map<NodeProto, Double> agreements = new HashMap<>();
    for (NodeProto node : layers) {
      agreements.put(node, agreement(written(Set.of(node)), PICTURES_PER_LAYER));
    }
    return layers.stream()
        .sorted(Comparator.comparingDouble(node -> agreements.getOrDefault(node, 1.0)))
        .toList();
  }

  private double agreement(ModelProto written, int pictures) throws GraphException {
    int count = Math.min(pictures, validation.size());
    List<float[]> actual = labels(written, validation.subList(0, count));
    long equal = 0;
    long total = 0;
    for (int i = 0; i < count; i++) {
      float[] before = expected.get(i);
      float[] after = actual.get(i);
      for (int n = 0; n < before.length; n++) {
        equal += before[n] == after[n] ? 1 : 0;
      }
      total += before.length;
    }
    return (double) equal / total;
  }

  private static List<float[]> labels(ModelProto model, List<byte[]> pictures)
      throws GraphException {
    List<float[]> labels = new ArrayList<>();
    try (GraphRun run = GraphRun.of(model, List.of(), 1)) {
      for (byte[] picture : pictures) {
        Map<String, GraphRun.Value> outputs = run.run(ContractInputs.of(model, picture));
        labels.add(Objects.requireNonNull(outputs.get(ContractTensors.LABELS)).values());
      }
    }
    return labels;
  }
}
