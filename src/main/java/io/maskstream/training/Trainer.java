package io.maskstream.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.NdOps;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/**
 * The training loop.
 *
 * <p>Neighbouring frames sit side by side in a batch. A first pass of the head without gradients
 * gives each its prototypes; some views then get their neighbour's as prior, with random trust a
 * class, so that the network learns what a camera's memory is worth and stays whole without one.
 */
public final class Trainer {
  private final SegmentationNetwork network;
  private final TrainingConfig config;
  private final BatchSource batches;
  private final CompositeLoss loss;
  private final List<TrainingListener> listeners;
  private final Engine engine;

  public Trainer(
      SegmentationNetwork network,
      TrainingConfig config,
      BatchSource batches,
      CompositeLoss loss,
      List<TrainingListener> listeners) {
    this.network = network;
    this.config = config;
    this.batches = batches;
    this.loss = loss;
    this.listeners = List.copyOf(listeners);
    this.engine = Engine.getEngine("PyTorch");
  }

  /** Trains from where the state is to the last epoch, or until interrupted. */
  public void run(TrainingState state) throws IOException {
    int steps = batches.steps();
    Schedule schedule =
        new Schedule(config.rate(), config.warmupSteps(), config.epochs() * steps, 0.9);
    try (Prefetch prefetch = new Prefetch(batches, state.steps(), config.epochs() * steps)) {
      while (state.steps() < config.epochs() * steps && !Thread.currentThread().isInterrupted()) {
        int epoch = state.steps() / steps;
        int step = state.steps() % steps;
        CompositeLoss.Result result = gradients(prefetch.next(), state);
        state.step(schedule.rate(state.steps()), config);
        TrainingListener.Step told =
            new TrainingListener.Step(epoch, step, steps, result.sum().getFloat(), result.terms());
        result.sum().getManager().close();
        listeners.forEach(listener -> listener.onStep(told));
        if (step == steps - 1) {
          for (TrainingListener listener : listeners) {
            listener.onEpoch(epoch, state);
          }
        }
      }
    }
  }

  /** Forward and backward of one step; the result's manager owns everything and must be closed. */
  private CompositeLoss.Result gradients(Batch batch, TrainingState state) {
    NDManager manager = engine.newBaseManager(); // owns all of the step
    NdOps ops = new NdOps(manager, state.weights(), state::learns);
    try (GradientCollector collector = engine.newGradientCollector()) {
      NDArray features = network.features(ops, batch.images(manager));
      long[] size = features.getShape().getShape();
      int rows = (int) size[2];
      int columns = (int) size[3];
      int classes = network.config().classes();
      NDArray truth = batch.truth(manager, classes, rows, columns);
      Prior<NDArray> prior = prior(ops, manager, features, state.steps());
      HeadOutput<NDArray> main = network.head().forward(ops, features, prior);
      NDArray masks = truth.reshape(size[0], classes, size[2] * size[3]);
      HeadOutput<NDArray> teacher = network.head().teach(ops, features, masks);
      NDArray fineTruth = batch.truth(manager, classes, batch.height() / 2, batch.width() / 2);
      CompositeLoss.Result result =
          loss.evaluate(new LossInput(manager, main, teacher, truth, fineTruth));
      collector.backward(result.sum());
      return result;
    }
  }

  private Prior<NDArray> prior(NdOps ops, NDManager manager, NDArray features, int step) {
    int size = (int) features.getShape().get(0);
    int prototypes = network.head().prototypes();
    NDArray cold = manager.zeros(new Shape(size, prototypes));
    NDArray empty = manager.zeros(new Shape(size, prototypes, network.config().features()));
    Prior<NDArray> none = new Prior<>(empty, cold);
    float[] trust = trust(size, prototypes, step);
    NDArray own =
        network.head().forward(ops, features.stopGradient(), none).prototypes().stopGradient();
    float[] bank = own.toFloatArray();
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
