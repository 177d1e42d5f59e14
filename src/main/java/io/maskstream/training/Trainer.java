package io.maskstream.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.maskstream.config.EngineNames;
import io.maskstream.dataset.Batch;
import io.maskstream.dataset.BatchSource;
import io.maskstream.dataset.Prefetch;
import io.maskstream.loss.CompositeLoss;
import io.maskstream.loss.ContrastMemory;
import io.maskstream.loss.LossInput;
import io.maskstream.loss.PixelContrast;
import io.maskstream.loss.SafeArrays;
import io.maskstream.network.Head.MovedPrototypes;
import io.maskstream.network.HeadDetail;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.network.TeacherOutput;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * The training loop.
 *
 * <p>Neighbouring frames sit side by side in a batch. A first pass of the head without gradients
 * gives each its prototypes; some views then get their neighbour's as prior, with random trust a
 * class, so that the network learns what a camera's memory is worth and stays whole without one.
 */
public final class Trainer {

  /** Temperature of the group logits, as of the class logits (SSA-Seg's τ). */
  private static final float GROUP_TEMPERATURE = 15f;

  /** State of pixel contrast's memory in a checkpoint. */
  private static final String CONTRAST_MEMORY = "contrast.memory";

  /**
   * What the ground truth says beyond the labels.
   *
   * @param classWeights weight of each class in the cross-entropies, K; only read
   * @param groupOf group of each class, K; only read
   */
  public record Supervision(float[] classWeights, int[] groupOf) {}

  private final SegmentationNetwork network;
  private final TrainingConfig config;
  private final BatchSource batches;
  private final Supervision supervision;
  private final List<TrainingListener> listeners;
  private final Optional<OfflineTeacher> teacher;
  private final Engine engine;

  public Trainer(
      SegmentationNetwork network,
      TrainingConfig config,
      BatchSource batches,
      Supervision supervision,
      List<TrainingListener> listeners,
      Optional<OfflineTeacher> teacher) {
    this.network = network;
    this.config = config;
    this.batches = batches;
    this.supervision = supervision;
    this.listeners = List.copyOf(listeners);
    this.teacher = teacher;
    this.engine = Engine.getEngine(EngineNames.PYTORCH);
  }

  /**
   * Trains from where the state is.
   *
   * @param stop asked before every step; true ends the training there
   * @return whether the last epoch is done
   */
  public boolean run(TrainingState state, BooleanSupplier stop) throws IOException {
    int steps = batches.steps();
    int end = config.epochs() * steps;
    CompositeLoss loss = loss(state);
    Schedule schedule = config.schedule(end);
    try (Prefetch prefetch = new Prefetch(batches, state.steps(), end)) {
      while (state.steps() < end && !stop.getAsBoolean()) {
        int epoch = state.steps() / steps;
        int step = state.steps() % steps;
        CompositeLoss.Result result = gradients(prefetch.next(), state, loss);
        requireNumber(result, epoch, step);
        state.step(schedule.rate(state.steps()), config);
        TrainingListener.Step done =
            new TrainingListener.Step(epoch, step, steps, result.sum().getFloat(), result.terms());
        result.sum().getManager().close();
        listeners.forEach(listener -> listener.onStep(done));
        if (step == steps - 1) {
          for (TrainingListener listener : listeners) {
            listener.onEpoch(epoch, state);
          }
        }
      }
    }
    return state.steps() == end;
  }

  /** A state with NaN or infinite numbers must never reach a checkpoint. */
  private static void requireNumber(CompositeLoss.Result result, int epoch, int step) {
    if (!Float.isFinite(result.sum().getFloat())) {
      throw new IllegalStateException(
          "the loss is not a number in epoch %d, step %d: %s. Started again, the training goes on from its last checkpoint"
              .formatted(epoch + 1, step + 1, result.terms()));
    }
  }

  private CompositeLoss loss(TrainingState state) {
    int classes = network.config().classes();
    int features = network.config().features();
    float[] memory = state.extra(CONTRAST_MEMORY, ContrastMemory.size(classes, features));
    PixelContrast contrast =
        new PixelContrast(
            classes, new ContrastMemory(classes, features, memory), config.seed(), state.steps());
    return new CompositeLoss(
        network.config(),
        supervision.classWeights,
        supervision.groupOf,
        contrast,
        CompositeLoss.weights(network.config(), config.lossWeights()));
  }

  /** Forward and backward of one step; the result's manager owns everything and must be closed. */
  private CompositeLoss.Result gradients(Batch batch, TrainingState state, CompositeLoss loss) {
    NDManager manager = engine.newBaseManager(); // owns all of the step
    NdOps ops = new NdOps(manager, state.weights(), state::isTrainable);
    NDArray input = batch.input(manager, network);
    NDArray offline = teacher.map(trained -> trained.logits(manager, input)).orElse(null);
    try (GradientCollector collector = engine.newGradientCollector()) {
      NDArray features = network.features(ops, input);
      long[] size = features.getShape().getShape();
      int rows = (int) size[2];
      int columns = (int) size[3];
      int classes = network.config().classes();
      NDArray groundTruth = batch.groundTruth(manager, classes, rows, columns);
      Prior<NDArray> prior = prior(ops, manager, features, state.steps());
      HeadOutput<NDArray> main = network.head().forward(ops, features, prior);
      NDArray masks = groundTruth.reshape(size[0], classes, size[2] * size[3]);
      TeacherOutput<NDArray> branch =
          network.head().hasTeacher() ? network.head().forwardTeacher(ops, features, masks) : null;
      LossInput.Pixels pixels =
          loss.needsEmbeddings() ? pixels(ops, features, main, batch.labels(rows, columns)) : null;
      NDArray fineGroundTruth =
          batch.groundTruth(manager, classes, batch.height() / 2, batch.width() / 2);
      CompositeLoss.Result result =
          loss.evaluate(
              new LossInput(
                  manager,
                  main,
                  branch,
                  groundTruth,
                  fineGroundTruth,
                  pixels,
                  PairMotion.of(batch, manager, rows, columns),
                  offline));
      collector.backward(result.sum());
      if (pixels != null) {
        network.head().moved().ifPresent(prototypes -> move(state, prototypes, pixels));
      }
      return result;
    }
  }

  private LossInput.Pixels pixels(
      NdOps ops, NDArray features, HeadOutput<NDArray> main, int[] labels) {
    long[] size = features.getShape().getShape();
    int images = (int) size[0];
    int classes = network.config().classes();
    int[] predicted = ints(main.fresh().stopGradient().argMax(1).flatten().toLongArray());
    NDArray groups = null;
    NDArray embeddings = network.head().embeddings(ops, features);
    int[] assigned =
        main.detail() instanceof HeadDetail.ProtoSeg<NDArray> detail
            ? SinkhornAssignment.assign(
                SafeArrays.of(detail.similarity()),
                labels,
                images,
                classes,
                network.head().prototypes() / classes)
            : new int[0];
    if (network.config().groups() > 0) {
      NDArray prototypes = ops.l2Normalize(ops.parameter(SegmentationNetwork.GROUPS), 1); // [G, D]
      groups = SafeArrays.times(ops.matmul(prototypes, embeddings), GROUP_TEMPERATURE); // [B, G, N]
    }
    return new LossInput.Pixels(embeddings, labels, predicted, assigned, groups);
  }

  private static int[] ints(long[] values) {
    int[] result = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (int) values[i];
    }
    return result;
  }

  private void move(TrainingState state, MovedPrototypes prototypes, LossInput.Pixels pixels) {
    float[] moved =
        PrototypeMomentum.update(
            state.value(prototypes.parameter()),
            SafeArrays.of(pixels.embeddings()),
            pixels,
            (int) pixels.embeddings().getShape().get(0),
            PrototypeMomentum.of(config.epochs() * batches.steps()));
    state.replace(prototypes.parameter(), moved);
  }

  private Prior<NDArray> prior(NdOps ops, NDManager manager, NDArray features, int step) {
    int size = (int) features.getShape().get(0);
    int prototypes = network.head().prototypes();
    Prior<NDArray> none = NdInputs.cold(manager, network, size);
    if (!network.head().usesPrior()) {
      return none;
    }
    float[] trust = trust(size, prototypes, step);
    NDArray own =
        network.head().forward(ops, features.stopGradient(), none).prototypes().stopGradient();
    float[] bank = SafeArrays.of(own);
    float[] swapped = new float[bank.length];
    int row = bank.length / size;
    for (int i = 0; i < size; i++) {
      System.arraycopy(bank, (i ^ 1) * row, swapped, i * row, row);
    }
    return new Prior<>(
        manager.create(swapped, own.getShape()),
        manager.create(trust, new Shape(size, prototypes)));
  }

  private float[] trust(int size, int prototypes, int step) {
    Random random = new Random(config.seed() * 31 + step);
    float[] trust = new float[size * prototypes];
    for (int i = 0; i < size; i++) {
      boolean warm = random.nextDouble() < config.priorShare();
      float level = random.nextFloat();
      for (int p = 0; p < prototypes; p++) {
        boolean known = random.nextInt(4) > 0;
        trust[i * prototypes + p] = warm && known ? level : 0f;
      }
    }
    return trust;
  }
}
