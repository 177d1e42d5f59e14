package io.maskstream.onnx;

import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A segmentation network that another program exported as ONNX, to be served under the model
 * contract. What cannot be served is refused with a {@link GraphException} that says why.
 */
public final class ForeignModel {

  /** Least share of equal labels, of the graph written and the original, to let it pass. */
  public static final double LEAST_AGREEMENT = 0.999;

  /** Order of an input's axes. */
  public enum Layout {
    NCHW,
    NHWC
  }

  /**
   * What a user knows of a graph.
   *
   * @param scale of the pixels; not used for an input of bytes
   * @param layout of the input, where its shape does not tell
   * @param height of the picture where the graph leaves it free, else 0
   * @param width of the picture where the graph leaves it free, else 0
   * @param logits name of the tensor of class logits, where it is not found
   * @param classes K of the class table
   * @param adaptation share of an image's own centres in its prototypes; 0 for none
   * @param offsets added to the class logits before they decide, K or none
   */
  public record Settings(
      PixelScale scale,
      Optional<Layout> layout,
      int height,
      int width,
      Optional<String> logits,
      OptionalInt classes,
      double adaptation,
      List<Double> offsets) {
    public Settings {
      offsets = List.copyOf(offsets);
      if (!(adaptation >= 0 && adaptation < 1)) {
        throw new IllegalArgumentException(
            "adaptation must be from 0 to below 1, is " + adaptation);
      }
    }
  }

  /**
   * A graph that meets the contract.
   *
   * @param graph serialized model; owned by the receiver
   * @param classes K
   * @param features D, 1 without prototypes
   * @param stride pixels of the image per pixel of the logits
   * @param batch pictures per pass that it is fixed to, 0 for any number
   * @param prototypes whether a last layer was found whose vectors are prototypes
   * @param agreement share of labels that equal the original's, 0 to 1
   * @param operatorSet of the original
   * @param logits how the original gives its result
   * @param speed of the original's pass and of the graph's, which decides and counts labels too
   */
  public record Adopted(
      byte[] graph,
      int classes,
      int features,
      int stride,
      int batch,
      boolean prototypes,
      double agreement,
      int operatorSet,
      String logits,
      GraphSpeed speed) {}

  private final ModelProto original;
  private final PictureInput input;
  private final Settings settings;

  private ForeignModel(ModelProto original, PictureInput input, Settings settings) {
    this.original = original;
    this.input = input;
    this.settings = settings;
  }

  /** Reads a graph and what it takes. */
  public static ForeignModel read(Path file, Settings settings) throws IOException {
    ModelProto model = OnnxFile.read(file);
    PictureInput input = PictureInput.of(new OnnxGraph(model.getGraph()), settings);
    return new ForeignModel(model, input, settings);
  }

  public int width() {
    return input.width();
  }

  public int height() {
    return input.height();
  }

  /** Whether it takes a picture's bytes as they are, with no scale of the pixels. */
  public boolean takesBytes() {
    return input.type() == DataType.UINT8;
  }

  /**
   * Writes the contract around the graph and compares both.
   *
   * @param pictures at least two of the graph's size, H·W·3 bytes
   */
  public Adopted adopt(List<byte[]> pictures, Map<String, String> metadata) throws IOException {
    ModelProto declared = input.declared(original, Math.max(1, input.batch()));
    List<Map<String, GraphRun.Value>> passes = new ArrayList<>();
    for (byte[] picture : pictures) {
      passes.add(input.values(Collections.nCopies(Math.max(1, input.batch()), picture)));
    }
    ClassLogits logits =
        ClassLogits.find(declared, passes, input, settings.logits(), settings.classes());
    ModelProto upgraded = OpsetUpgrade.upgrade(original);
    ForeignBody body = ForeignBody.of(upgraded, input, logits, pictures.subList(0, 2));
    byte[] graph = new AdoptedContract(body, input, 0, List.of()).write(metadata);
    LabelAgreement comparison = new LabelAgreement(declared, input, logits);
    double agreement = comparison.of(ModelProto.parseFrom(graph), pictures);
    if (agreement < LEAST_AGREEMENT) {
      throw new GraphException(
          "the graph written does not do what the original does: %.3f %% of the labels are equal, at least %.1f %% must be"
              .formatted(100 * agreement, 100 * LEAST_AGREEMENT));
    }
    if (settings.adaptation() > 0 || !settings.offsets().isEmpty()) {
      Map<String, String> adapted = new TreeMap<>(metadata);
      adapted.put("adaptation", Double.toString(settings.adaptation()));
      graph =
          new AdoptedContract(body, input, settings.adaptation(), settings.offsets())
              .write(adapted);
    }
    return new Adopted(
        graph,
        logits.classes(),
        body.features(),
        stride(body),
        body.batch(),
        body.layer().isPresent(),
        agreement,
        OpsetUpgrade.opset(original),
        describe(logits) + others(logits),
        comparison.speed(ModelProto.parseFrom(graph), pictures.get(0)));
  }

  /** That of the logits before they are resized; where that is not known, of the last layer's. */
  private int stride(ForeignBody body) {
    int[] size = body.logits().size();
    double pixels =
        body.coarse()
            .or(() -> body.layer().map(LastLayer::logits))
            .map(tensor -> body.numbers(tensor) / (double) body.logits().classes())
            .orElse((double) size[0] * size[1]);
    double area = (double) input.height() * input.width() / pixels;
    return (int) Math.max(1, Math.round(Math.sqrt(area)));
  }

  private static String others(ClassLogits logits) {
    return logits.others().isEmpty()
        ? ""
        : " (of the graph's outputs %s could be class scores, too; --logits names one)"
            .formatted(logits.others());
  }

  private static String describe(ClassLogits logits) {
    return switch (logits.kind()) {
      case PLANES, LAST_AXIS -> "scores '%s'".formatted(logits.tensor());
      case BINARY -> "one score per pixel '%s'".formatted(logits.tensor());
      case PROBABILITIES -> "probabilities '%s'".formatted(logits.tensor());
      case BINARY_PROBABILITY -> "one probability per pixel '%s'".formatted(logits.tensor());
      case LABELS -> "labels '%s'".formatted(logits.tensor());
      case QUERIES -> "queries %s".formatted(logits.tensors());
    };
  }
}
