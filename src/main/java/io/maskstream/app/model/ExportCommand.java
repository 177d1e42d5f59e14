package io.maskstream.app.model;

import ai.djl.MalformedModelException;
import ai.djl.translate.TranslateException;
import io.maskstream.app.option.ClassTables;
import io.maskstream.app.option.FeaturesOption;
import io.maskstream.app.option.ImageSize;
import io.maskstream.config.ConfigException;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.frame.ClassTable;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.FrozenFeatures;
import io.maskstream.onnx.ModelWriter;
import io.maskstream.onnx.ParityCheck;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.training.TrainingJob;
import io.maskstream.training.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes trained weights as a model bundle. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes trained weights as a model bundle (bundle.yaml, model.onnx) and compares "
            + "the graph in ONNX Runtime with the network it was written from.")
public final class ExportCommand implements Callable<Integer> {

  /** Scores beyond this difference mean that the graph is not the network. */
  private static final double TOLERANCE = 1e-4;

  @Option(
      names = "--weights",
      required = true,
      description = "File weights.safetensors or checkpoint.safetensors of a training.")
  private Path weights;

  @Mixin private FeaturesOption features;

  @Option(names = "--out", required = true, description = "Folder of the bundle.")
  private Path out;

  @Option(
      names = "--classes",
      description =
          "Class table with other names, colors or groups. Default: that of the training.")
  private @Nullable String classes;

  @Option(names = "--id", description = "Name of the model. Default: name of the folder.")
  private @Nullable String id;

  @Option(names = "--model-version", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private String version;

  @Option(
      names = "--size",
      defaultValue = "480x360",
      converter = ImageSize.Converter.class,
      description =
          "Size of the input; with --features, that of the bundle. Default: ${DEFAULT-VALUE}.")
  private ImageSize size;

  @Option(names = "--licence", defaultValue = "", description = "What code and data allow.")
  private String licence;

  @Option(names = "--data-note", defaultValue = "", description = "What it was trained on.")
  private String data;

  @Option(names = "--recipe", defaultValue = "", description = "How it was trained.")
  private String recipe;

  @Option(names = "--limits", defaultValue = "", description = "What it is not good at.")
  private String limits;

  @Option(names = "--accuracy", description = "Measured accuracy: NAME=PERCENT, many times.")
  private Map<String, String> accuracy = new LinkedHashMap<>();

  @Option(
      names = "--keep-weights",
      description = "Writes the weights beside the model, in half precision, for train --init.")
  private boolean keepWeights;

  @Override
  public Integer call()
      throws IOException,
          ConfigException,
          ModelException,
          MalformedModelException,
          TranslateException {
    Parameters parameters = TrainingState.averagedOf(Parameters.read(weights));
    ClassTable table =
        classes == null ? LabelScheme.of(parameters.metadata()).table() : ClassTables.read(classes);
    NetworkConfig shape = NetworkConfig.described(parameters.metadata(), table.size());
    try (FeaturesOption.Trunk trunk = features.open()) {
      size = trunk.size().orElse(size);
      SegmentationNetwork network = trunk.network(shape);
      ModelWriter writer = new ModelWriter(network, parameters);
      byte[] graph =
          writer.write(size.height(), size.width(), Map.of("id", id(), "version", version));
      int batch = trunk.found().map(FrozenFeatures::batch).orElse(0);
      write(card(table, network).withBatch(batch), graph);
      if (keepWeights) {
        parameters.writeHalf(out.resolve(TrainingJob.WEIGHTS));
        BundleWriter.seal(out);
      }
      System.out.printf("wrote %s (%.1f MB)%n", out, graph.length / 1e6);
      return check(network, parameters) ? 0 : 1;
    }
  }

  private void write(ModelCard card, byte[] graph) throws IOException {
    Path kept = out.resolve(TrainingJob.WEIGHTS);
    boolean given = Files.exists(kept) && Files.isSameFile(kept, weights);
    if (given || TrainingJob.began(out)) {
      BundleWriter.writeBesideWeights(out, card, graph);
    } else {
      BundleWriter.write(out, card, graph);
    }
  }

  private String id() {
    return id == null ? String.valueOf(out.toAbsolutePath().normalize().getFileName()) : id;
  }

  private ModelCard card(ClassTable table, SegmentationNetwork network) {
    return NetworkCard.of(network, table, size, id(), version)
        .withLicence(licence)
        .withData(data)
        .withRecipe(recipe)
        .withLimits(limits)
        .withAccuracy(accuracy);
  }

  private boolean check(SegmentationNetwork network, Parameters parameters)
      throws IOException, MalformedModelException, TranslateException {
    if (!ModelWriter.givesLogits(network, size.height(), size.width())) {
      System.out.println("its scores stay in the graph: not compared with the trained network");
      return true;
    }
    ParityCheck check = new ParityCheck(network, parameters, size.height(), size.width());
    byte[] image =
        new SyntheticStreet(1, size.width(), size.height()).at(Duration.ZERO).picture().rgb();
    double worst = 0;
    for (float trust : new float[] {0f, 0.5f, 1f}) {
      ParityCheck.Report report = check.run(image, trust, 1);
      System.out.printf(
          "trust %.1f: scores differ by %.2g, prototypes by %.2g, %.4f %% of labels%n",
          trust,
          report.scoreDifference(),
          report.prototypeDifference(),
          100 * report.labelDisagreement());
      worst = Math.max(worst, report.scoreDifference());
    }
    if (worst > TOLERANCE) {
      System.err.printf("the graph is not the network: scores differ by %.2g%n", worst);
    }
    return worst <= TOLERANCE;
  }
}
