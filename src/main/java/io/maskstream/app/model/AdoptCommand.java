package io.maskstream.app.model;

import io.maskstream.app.option.ClassTables;
import io.maskstream.app.option.DataFolder;
import io.maskstream.app.option.ImageSize;
import io.maskstream.app.option.RateOption;
import io.maskstream.camera.PictureFiles;
import io.maskstream.config.Checks;
import io.maskstream.config.ConfigException;
import io.maskstream.dataset.DataLayout;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.onnx.ForeignModel;
import io.maskstream.onnx.PixelScale;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a bundle of a network that another program exported. */
@Command(
    name = "adopt",
    mixinStandardHelpOptions = true,
    description =
        "Makes a model bundle of a segmentation network that another program exported as "
            + "ONNX. Finds its class scores and its last 1×1 layer, writes the model contract "
            + "around it, and compares its labels with those of the original.")
public final class AdoptCommand implements Callable<Integer> {
  private static final int PICTURES = 4;
  private static final Duration BETWEEN = Duration.ofSeconds(5);

  @Parameters(paramLabel = "MODEL.onnx", description = "The exported network.")
  private Path file;

  @Option(names = "--out", required = true, description = "Folder of the bundle.")
  private Path out;

  @Option(
      names = "--classes",
      description =
          "Class table: camvid, cityscapes or ade20k, or a file: YAML (id, classes: name, "
              + "color, group), one name per line, or config.json of a Hugging Face checkpoint. "
              + "Default: numbered classes.")
  private @Nullable String classes;

  @Option(
      names = "--input-size",
      converter = ImageSize.Converter.class,
      description = "Size of the pictures, such as 1024x512, where the graph takes any.")
  private @Nullable ImageSize size;

  @Option(
      names = "--mean",
      split = ",",
      description =
          "Mean of each channel, R,G,B, of pixels from 0 to 1, or from 0 to 255 where a "
              + "number exceeds 1. Default: ImageNet's, 0.485,0.456,0.406. Not used where the graph "
              + "takes bytes.")
  private double @Nullable [] mean;

  @Option(
      names = "--std",
      split = ",",
      description = "Deviation of each channel, R,G,B. Default: ImageNet's, 0.229,0.224,0.225.")
  private double @Nullable [] std;

  @Option(names = "--bgr", description = "The network takes blue first.")
  private boolean bgr;

  @Option(
      names = "--layout",
      description = "Layout of the input: nchw or nhwc, where its shape does not tell.")
  private ForeignModel.@Nullable Layout layout;

  @Option(names = "--logits", description = "Name of the tensor of class scores or labels.")
  private @Nullable String logits;

  @Option(
      names = "--adaptation",
      defaultValue = "0",
      description =
          "Share of a picture's own class centres in its prototypes, 0 to 1, after SSA-Seg "
              + "but without training; eval shows whether it pays. Default: ${DEFAULT-VALUE}.")
  private double adaptation;

  @Option(
      names = "--calibrate",
      description =
          "Folder of labeled frames (NAME/* and NAMEannot/*.png) to find class offsets on, "
              + "and the reuse of a camera's memory that fits. Never the frames that the model is "
              + "measured on.")
  private @Nullable Path calibration;

  @Option(
      names = "--split",
      defaultValue = "train",
      description = "NAME of the frames to calibrate on. Default: ${DEFAULT-VALUE}.")
  private String split;

  @Mixin private RateOption rate;

  @Option(names = "--pictures", description = "Folder of pictures to compare on. Default: drawn.")
  private @Nullable Path pictures;

  @Option(names = "--id", description = "Name of the model. Default: name of the folder.")
  private @Nullable String id;

  @Option(names = "--model-version", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private String version;

  @Option(names = "--licence", defaultValue = "", description = "What code and data allow.")
  private String licence;

  @Option(names = "--data-note", defaultValue = "", description = "What it was trained on.")
  private String data;

  @Override
  public Integer call() throws IOException, ConfigException, ModelException {
    Checks.require(
        !TrainingJob.began(out),
        "--out must not be the folder of a training, whose weights would go: " + out);
    BundleWriter.requireNoOther(out);
    Path graph = out.resolve(ModelBundle.GRAPH);
    Checks.require(
        !Files.exists(graph) || !Files.exists(file) || !Files.isSameFile(file, graph),
        "--out must be another folder: the model would be overwritten: " + graph);
    Optional<ClassTable> table =
        classes == null ? Optional.empty() : Optional.of(ClassTables.read(classes));
    ForeignModel model = ForeignModel.read(file, settings(table, List.of()));
    ModelCard.requireSize(model.width(), model.height());
    if (model.takesBytes() && (mean != null || std != null)) {
      System.out.println("--mean and --std are not used: the graph takes bytes as they are");
    }
    String name = id == null ? String.valueOf(out.toAbsolutePath().normalize().getFileName()) : id;
    List<byte[]> tried = pictures(model);
    ForeignModel.Adopted first = model.adopt(tried, Map.of("id", name, "version", version));
    ClassTable named = table.orElseGet(() -> ClassTables.numbered(first.classes()));
    ModelCard card = card(name, model, first, named);
    BundleTrial.run(card, first.graph(), tried);
    BundleWriter.write(out, card, first.graph());
    ForeignModel.Adopted adopted =
        calibration == null ? first : calibrated(model, first, named, name);
    try (LoadedModel loaded =
        LoadedModel.load(
            ModelBundle.read(out), LoadedModel.EngineOptions.processors(1, Precision.FLOAT))) {
      report(loaded.card(), adopted);
      System.out.println(memory(adopted, loaded.givesScores()));
      reportMeasures(loaded.card());
    }
    return 0;
  }

  /** Writes the bundle again with class offsets, and says which reuse fits. */
  private ForeignModel.Adopted calibrated(
      ForeignModel model, ForeignModel.Adopted adopted, ClassTable table, String name)
      throws IOException, ConfigException, ModelException {
    DataFolder data =
        new DataFolder(
            DataLayout.FOLDER,
            Objects.requireNonNull(calibration),
            model.width(),
            model.height(),
            Optional.empty(),
            classes == null ? Optional.empty() : Optional.of(ClassTables.labeled(classes)));
    AdoptionCalibration found =
        new AdoptionCalibration(out, data.frames(split, table), rate.perSecond());
    Optional<List<Double>> offsets = found.offsets();
    ForeignModel.Adopted result = adopted;
    if (offsets.isPresent()) {
      result =
          ForeignModel.read(file, settings(Optional.of(table), offsets.get()))
              .adopt(pictures(model), Map.of("id", name, "version", version));
      BundleWriter.write(out, card(name, model, result, table), result.graph());
      for (int k = 0; k < table.size(); k++) {
        System.out.printf(Locale.ROOT, "%-14s %+.1f%n", table.name(k), offsets.get().get(k));
      }
    } else {
      System.out.println("its scores stay in the graph: no class offsets");
    }
    reportReuse(found.reuse());
    return result;
  }

  private static void reportReuse(List<AdoptionCalibration.Reached> ways) {
    for (AdoptionCalibration.Reached way : ways) {
      System.out.printf(
          Locale.ROOT,
          "reuse: %-28s mIoU %.2f, flips %.2f%n",
          way.yaml(),
          100 * way.miou(),
          100 * way.flipRate());
    }
    ways.stream()
        .max(Comparator.comparingDouble(AdoptionCalibration.Reached::miou))
        .ifPresent(best -> System.out.println("segment: {reuse: " + best.yaml() + "}"));
  }

  private ForeignModel.Settings settings(Optional<ClassTable> table, List<Double> offsets) {
    PixelScale usual = PixelScale.imageNet();
    PixelScale scale =
        new PixelScale(mean == null ? usual.mean() : mean, std == null ? usual.std() : std, bgr);
    return new ForeignModel.Settings(
        scale,
        Optional.ofNullable(layout),
        size == null ? 0 : size.height(),
        size == null ? 0 : size.width(),
        Optional.ofNullable(logits),
        table.isPresent() ? OptionalInt.of(table.get().size()) : OptionalInt.empty(),
        adaptation,
        offsets);
  }

  /** PictureFiles to compare on, of the model's size. */
  private List<byte[]> pictures(ForeignModel model) throws IOException {
    List<byte[]> scaled = new ArrayList<>();
    if (pictures == null) {
      SyntheticStreet street = new SyntheticStreet(1, model.width(), model.height());
      for (int i = 0; i < PICTURES; i++) {
        scaled.add(street.at(BETWEEN.multipliedBy(i)).picture().rgb());
      }
      return scaled;
    }
    for (Picture picture : PictureFiles.ofFolder(pictures, PICTURES)) {
      scaled.add(PictureScaler.scale(picture, model.width(), model.height()).rgb());
    }
    if (scaled.size() < 2) {
      throw new IOException("at least two pictures (JPEG or PNG) must be in " + pictures);
    }
    return scaled;
  }

  private ModelCard card(
      String name, ForeignModel model, ForeignModel.Adopted adopted, ClassTable table) {
    Map<String, String> accuracy =
        Map.of(
            "labels equal to the original graph's",
            String.format(Locale.ROOT, "%.3f", 100 * adopted.agreement()));
    Map<String, String> measured = new LinkedHashMap<>();
    measured.put("pass of the original graph", millis(adopted.speed().before()));
    measured.put("pass with the contract", millis(adopted.speed().after()));
    return new ModelCard(
        name,
        version,
        adopted.prototypes() ? "adopted" : "adopted without prototypes",
        table.id(),
        ModelCard.entries(table),
        model.width(),
        model.height(),
        adopted.stride(),
        adopted.features(),
        1,
        licence,
        data,
        "Adopted from %s, ONNX operator set %d."
            .formatted(file.getFileName(), adopted.operatorSet()),
        "",
        accuracy,
        adopted.batch(),
        measured,
        ModelCard.NOT_MEASURED,
        ModelCard.EXACT_WEIGHT_BITS,
        ModelCard.NO_THRESHOLD);
  }

  private static String millis(double time) {
    return String.format(Locale.ROOT, "%.1f ms, one thread", time);
  }

  private void report(ModelCard card, ForeignModel.Adopted adopted) {
    System.out.printf(
        Locale.ROOT,
        "wrote %s (%.1f MB): %d classes from %s, %d×%d, stride %d, %s%n",
        out,
        adopted.graph().length / 1e6,
        adopted.classes(),
        adopted.logits(),
        card.width(),
        card.height(),
        adopted.stride(),
        adopted.batch() == 0 ? "any batch" : adopted.batch() + " picture per pass");
  }

  /** What cameras remember, by what the graph gives. */
  private static String memory(ForeignModel.Adopted adopted, boolean scores) {
    String prototypes =
        adopted.prototypes()
            ? "its last layer gives prototypes of %d numbers".formatted(adopted.features())
            : "no last 1×1 layer was found: no prototypes";
    if (scores) {
      return prototypes
          + (adopted.prototypes()
              ? ": cameras have a memory"
              : "; cameras have a memory of class probabilities (reuse: flow)");
    }
    return """
        %s
        its class scores stay in the graph: the reuse policy flow, the default, serves per frame%s; \
        no mask is propagated, and there are no confidence maps"""
        .formatted(
            prototypes, adopted.prototypes() ? " (guided and ema remember the prototypes)" : "");
  }

  private void reportMeasures(ModelCard card) {
    card.accuracy().forEach((what, value) -> System.out.printf("%s: %s %%%n", what, value));
    card.measured().forEach((what, value) -> System.out.printf("%s: %s%n", what, value));
    if (classes == null) {
      System.out.println(
          "classes are numbered; --classes names them: %s or a file"
              .formatted(ClassTables.SHIPPED));
    }
  }
}
