package io.maskstream.app.model;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.app.option.AtLeastOne;
import io.maskstream.app.option.DataOptions;
import io.maskstream.app.option.FeaturesOption;
import io.maskstream.config.EngineNames;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.inference.ModelException;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.training.ColdLogits;
import io.maskstream.training.LogitAdjustment;
import io.maskstream.training.TrainingState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds class offsets on labelled frames and keeps them with the weights. */
@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description =
        "Finds an offset for each class's score that raises the mean IoU on labelled "
            + "frames, and keeps them with the weights; export puts them into the graph. Give the "
            + "frames that the network was trained on, never those that it is measured on.")
public final class CalibrateCommand implements Callable<Integer> {

  @Option(
      names = "--weights",
      required = true,
      description = "File weights.safetensors of a training; the offsets are written into it.")
  private Path weights;

  @Mixin private DataOptions data;

  @Mixin private FeaturesOption features;

  @Option(names = "--split", defaultValue = "train", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(
      names = "--stride",
      converter = AtLeastOne.class,
      defaultValue = "4",
      description = "Looks at every n-th frame. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Override
  public Integer call() throws IOException, ModelException {
    Parameters parameters = Parameters.read(weights);
    if (TrainingState.isCheckpoint(parameters)) {
      throw new IllegalArgumentException(
          "%s is a checkpoint, which a training goes on from; give the weights.safetensors beside it"
              .formatted(weights));
    }
    Optional<LabelScheme> named = data.scheme();
    LabelScheme labels = named.isPresent() ? named.get() : LabelScheme.of(parameters.metadata());
    NetworkConfig config = NetworkConfig.described(parameters.metadata(), labels.table().size());
    try (FeaturesOption.Trunk trunk = features.open()) {
      trunk.size().ifPresent(data::scaleByDefault);
      calibrate(trunk.network(config), parameters, labels);
    }
    return 0;
  }

  private void calibrate(SegmentationNetwork network, Parameters parameters, LabelScheme labels)
      throws IOException, ModelException {
    ClassTable table = labels.table();
    parameters.requireAll(network.parameters());
    FolderFrames frames = data.frames(split, labels);
    LogitAdjustment adjustment = new LogitAdjustment(table.size());
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      Map<String, NDArray> arrays = NdInputs.parameters(manager, parameters);
      for (int i = 0; i < frames.size(); i += every) {
        add(adjustment, network, manager, arrays, frames.get(i));
      }
    }
    LabeledPixels.require(adjustment.pixels(), table.id(), LabeledPixels.BY_CLASSES);
    double[] offsets = adjustment.best();
    for (int k = 0; k < offsets.length; k++) {
      System.out.printf(Locale.ROOT, "%-14s %+.1f%n", table.name(k), offsets[k]);
    }
    System.out.printf(
        Locale.ROOT,
        "mIoU on these frames: %.2f without, %.2f with them%n",
        100 * adjustment.meanIou(new double[offsets.length]),
        100 * adjustment.meanIou(offsets));
    NetworkConfig calibrated =
        network.config().withOffsets(Arrays.stream(offsets).boxed().toList());
    Map<String, String> metadata = new TreeMap<>(parameters.metadata());
    metadata.putAll(calibrated.describe());
    parameters.withMetadata(metadata).write(weights);
  }

  private void add(
      LogitAdjustment adjustment,
      SegmentationNetwork network,
      NDManager parent,
      Map<String, NDArray> arrays,
      LabeledPicture frame) {
    int width = frame.picture().width();
    int height = frame.picture().height();
    try (NDManager manager = parent.newSubManager()) {
      NdOps ops = new NdOps(manager, arrays, name -> false);
      NDArray map = ColdLogits.of(network, manager, ops, frame.picture());
      NDArray half = ops.resize(map, height / 2, width / 2);
      float[] values = half.transpose(0, 2, 3, 1).flatten().toFloatArray();
      byte[] labels = new byte[height / 2 * (width / 2)];
      for (int y = 0; y < height / 2; y++) {
        for (int x = 0; x < width / 2; x++) {
          labels[y * (width / 2) + x] = frame.groundTruth().labels()[2 * y * width + 2 * x];
        }
      }
      adjustment.add(values, labels);
    }
  }
}
