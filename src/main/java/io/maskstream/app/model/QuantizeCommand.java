package io.maskstream.app.model;

import io.maskstream.app.option.AtLeastOne;
import io.maskstream.app.option.ClipReader;
import io.maskstream.app.option.DataFolder;
import io.maskstream.app.option.ModelOption;
import io.maskstream.camera.PictureFiles;
import io.maskstream.dataset.DataLayout;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.evaluation.Evaluator;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.onnx.Quantization;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a model in 8-bit integers. */
@Command(
    name = "quantize",
    mixinStandardHelpOptions = true,
    description =
        "Writes a model in 8-bit integers as model-int8.onnx into its bundle. Ranges come "
            + "from pictures without labels; layers that change too many labels stay in floats. "
            + "With labeled frames the loss of mIoU is measured, and a worker takes the integers "
            + "where they lose at most 0.3 points and its processor adds them exactly.")
public final class QuantizeCommand implements Callable<Integer> {

  @Mixin private ModelOption model;

  @Option(
      names = "--data",
      required = true,
      description = "Folder of pictures (JPEG, PNG) or a video, such as the camera's own.")
  private Path data;

  @Option(
      names = "--pictures",
      converter = AtLeastOne.class,
      defaultValue = "48",
      description =
          "Pictures to take, evenly chosen; every fourth is for the comparison of labels. "
              + "Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--labels",
      description = "Labeled frames (NAME and NAMEannot in this folder) to measure mIoU on.")
  private @Nullable Path labels;

  @Option(names = "--split", defaultValue = "val", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(
      names = "--least-agreement",
      defaultValue = "98.5",
      description = "Percent of labels that must stay as they are. Default: ${DEFAULT-VALUE}.")
  private double leastAgreement;

  @Option(
      names = "--weight-bits",
      defaultValue = "" + ModelCard.EXACT_WEIGHT_BITS,
      description =
          "Bits of the weights: 7, which x86 processors with AVX2 add exactly, or 8, for which "
              + "they need VNNI; ARM processors need dot products for both. "
              + "Default: ${DEFAULT-VALUE}.")
  private int weightBits;

  @Override
  public Integer call() throws IOException, ModelException {
    if (weightBits != ModelCard.EXACT_WEIGHT_BITS && weightBits != 8) {
      throw new IllegalArgumentException("weight-bits must be 7 or 8, is " + weightBits);
    }
    ModelBundle bundle = model.bundle();
    List<byte[]> calibration = new ArrayList<>();
    List<byte[]> validation = new ArrayList<>();
    split(pictures(), bundle.card(), calibration, validation);
    FolderFrames labeled = labels == null ? null : labeled(bundle.card(), labels);
    double floats = labeled == null ? 0 : meanIou(bundle, Precision.FLOAT, labeled);
    Quantization.Settings settings =
        new Quantization.Settings(leastAgreement / 100, weightBits == 8 ? 127 : 63);
    Quantization.Result result =
        Quantization.of(Files.readAllBytes(bundle.graph()), calibration, validation, settings);
    Files.write(bundle.integerGraph(), result.graph());
    Map<String, String> measured = new LinkedHashMap<>(bundle.card().measured());
    measured.put("int8: labels as in floats", percent(result.agreement()));
    measured.put("int8: layers, and layers left in floats for their labels", layers(result));
    measured.put(
        "int8: time of a pass against floats, one thread, on the machine that made it",
        String.format(Locale.ROOT, "%.2f", result.speed().after() / result.speed().before()));
    BundleWriter.seal(bundle.folder());
    ModelCard card = bundle.card().withMeasured(measured).withIntegerWeightBits(weightBits);
    if (labeled != null) {
      card = card.withIntegerLoss(loss(floats, meanIou(bundle, Precision.INT8, labeled)));
    }
    BundleWriter.writeCard(bundle.folder(), card);
    report(bundle, card, result);
    return 0;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static String layers(Quantization.Result result) {
    return "%d, %d".formatted(result.layers(), result.floatLayers().size());
  }

  private List<Picture> pictures() throws IOException {
    return Files.isDirectory(data)
        ? PictureFiles.ofFolder(data, count)
        : ClipReader.runs(data, count, 1, UnaryOperator.identity()).stream()
            .flatMap(List::stream)
            .toList();
  }

  private void split(
      List<Picture> pictures, ModelCard card, List<byte[]> calibration, List<byte[]> validation)
      throws IOException {
    if (pictures.size() < 4) {
      throw new IOException("at least 4 pictures must be in " + data);
    }
    for (int i = 0; i < pictures.size(); i++) {
      byte[] scaled = PictureScaler.scale(pictures.get(i), card.width(), card.height()).rgb();
      (i % 4 == 3 ? validation : calibration).add(scaled);
    }
  }

  private FolderFrames labeled(ModelCard card, Path folder) throws IOException {
    return new DataFolder(
            DataLayout.of("folder"),
            folder,
            card.width(),
            card.height(),
            Optional.empty(),
            Optional.empty())
        .frames(split, card.table());
  }

  /** Points of mIoU that the integers lose, negative where they gain. */
  private static double loss(double floats, double integers) {
    System.out.printf(
        Locale.ROOT, "mIoU %.2f %% in floats, %.2f %% in integers%n", floats, integers);
    return Math.round(100 * (floats - integers)) / 100.0;
  }

  private static double meanIou(ModelBundle bundle, Precision precision, FolderFrames frames)
      throws IOException, ModelException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel loaded =
            LoadedModel.load(bundle, LoadedModel.EngineOptions.processors(threads, precision));
        Evaluator evaluator =
            new Evaluator(
                loaded, Reuse.of(Reuse.Policy.PER_FRAME).build(), ResetRules.defaults())) {
      for (int i = 0; i < frames.size(); i++) {
        evaluator.add(frames.get(i), 0, true);
      }
      LabeledPixels.require(
          evaluator.matrix().pixels(), bundle.card().name(), LabeledPixels.BY_IDS);
      return 100 * evaluator.matrix().meanIou();
    }
  }

  private static void report(ModelBundle bundle, ModelCard card, Quantization.Result result) {
    System.out.printf("wrote %s (%.1f MB)%n", bundle.integerGraph(), result.graph().length / 1e6);
    card.measured().forEach((what, value) -> System.out.printf("%s: %s%n", what, value));
    if (!result.floatLayers().isEmpty()) {
      System.out.println("in floats: " + result.floatLayers());
    }
    System.out.println(
        new ModelBundle(bundle.folder(), card).servesIntegers()
            ? "workers on this machine take the integers"
            : "workers on this machine stay with floats");
  }
}
