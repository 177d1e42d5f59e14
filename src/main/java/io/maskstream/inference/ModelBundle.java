package io.maskstream.inference;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model on disk: a folder with {@code bundle.yaml} and {@code model.onnx}.
 *
 * @param folder where it is
 * @param card what it says of itself
 */
public record ModelBundle(Path folder, ModelCard card) {
  static final String CARD = "bundle.yaml";

  /** File of the graph in a bundle's folder. */
  public static final String GRAPH = "model.onnx";

  static final String INTEGER_GRAPH = "model-int8.onnx";

  /** File of the trained weights, where a bundle keeps them. */
  public static final String WEIGHTS = "weights.safetensors";

  /** Folder of TensorRT's plans in a bundle's folder. */
  public static final String PLANS = "plans";

  /** Points of mIoU that integers may lose and be served without being asked for. */
  private static final double LARGEST_INTEGER_LOSS = 0.3;

  /** Reads the card; the graph is read when the model is loaded. */
  public static ModelBundle read(Path folder) throws ModelException {
    if (!Files.isDirectory(folder)) {
      throw new ModelException("a model is a folder with " + CARD + "; no such folder: " + folder);
    }
    try {
      ModelCard card = YamlReader.read(folder.resolve(CARD), ModelCard.class, Map.of());
      ModelBundle bundle = new ModelBundle(folder, card);
      if (!Files.isRegularFile(bundle.graph())) {
        throw new ModelException("the model " + folder + " has no " + GRAPH);
      }
      return bundle;
    } catch (IOException | ConfigException e) {
      throw new ModelException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The ONNX graph. */
  public Path graph() {
    return folder.resolve(GRAPH);
  }

  /** The same in 8-bit integers, where {@code quantize} was run. */
  public Path integerGraph() {
    return folder.resolve(INTEGER_GRAPH);
  }

  /** The graph that a processor of this machine runs. */
  public Path graph(Precision precision) throws ModelException {
    boolean integers =
        precision == Precision.INT8 || (precision == Precision.AUTO && servesIntegers());
    if (integers && !Files.isRegularFile(integerGraph())) {
      throw new ModelException(
          "the model %s has no %s for precision int8; quantize writes it"
              .formatted(folder, INTEGER_GRAPH));
    }
    return integers ? integerGraph() : graph();
  }

  /** Whether a processor of this machine runs the model in integers. */
  public boolean servesIntegers() {
    return Files.isRegularFile(integerGraph())
        && card.integerLoss() <= LARGEST_INTEGER_LOSS
        && ProcessorFeatures.ofThisMachine().addExactly(card.integerWeightBits());
  }
}
