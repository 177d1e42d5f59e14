package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.maskstream.network.ParameterSpec;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that training changes: weights, their average, the optimiser's moments, the number of
 * steps done. Saved and restored whole, so that a resumed run goes on as if it had not stopped.
 */
public final class TrainingState implements AutoCloseable {
  private static final String WEIGHT = "weight/";
  private static final String AVERAGE = "average/";
  private static final String MEAN = "mean/";
  private static final String SQUARE = "square/";
  private static final String EXTRA = "extra/";
  private static final String STEPS = "steps";

  private final NDManager manager;
  private final List<ParameterSpec> specs;
  private final int frozenBlocks;
  private final Map<String, NDArray> weights = new LinkedHashMap<>();
  private final Map<String, NDArray> averages = new LinkedHashMap<>();
  private final AdamW optimizer;
  private final Map<String, float[]> extras = new LinkedHashMap<>();
  private final Map<String, String> description;
  private int steps;

  private TrainingState(NDManager parent, SegmentationNetwork network, TrainingConfig config) {
    this.manager = parent.newSubManager();
    this.specs = network.parameters();
    this.description = new LinkedHashMap<>(network.config().describe());
    this.frozenBlocks = config.frozenBlocks();
    this.optimizer = new AdamW((float) config.weightDecay());
  }

  /** The state before the first step. */
  public static TrainingState start(
      NDManager parent, SegmentationNetwork network, TrainingConfig config, Parameters initial) {
    initial.requireAll(network.parameters());
    TrainingState state = new TrainingState(parent, network, config);
    for (ParameterSpec spec : state.specs) {
      Parameters.Value value = initial.get(spec.name());
      state.put(spec, value, value, null, null);
    }
    return state;
  }

  /** The state of a checkpoint. */
  public static TrainingState resume(
      NDManager parent, SegmentationNetwork network, TrainingConfig config, Parameters saved) {
    TrainingState state = new TrainingState(parent, network, config);
    state.steps = Integer.parseInt(saved.metadata().getOrDefault(STEPS, "0"));
    for (ParameterSpec spec : state.specs) {
      String name = spec.name();
      boolean moments = state.isTrainable(spec);
      state.put(
          spec,
          saved.get(WEIGHT + name),
          saved.get(AVERAGE + name),
          moments ? saved.get(MEAN + name) : null,
          moments ? saved.get(SQUARE + name) : null);
    }
    saved
        .values()
        .forEach(
            (name, value) -> {
              if (name.startsWith(EXTRA)) {
                state.extras.put(name.substring(EXTRA.length()), value.data());
              }
            });
    return state;
  }

  private void put(
      ParameterSpec spec,
      Parameters.Value weight,
      Parameters.Value average,
      Parameters.@org.jspecify.annotations.Nullable Value mean,
      Parameters.@org.jspecify.annotations.Nullable Value square) {
    NDArray array = array(weight);
    weights.put(spec.name(), array);
    averages.put(spec.name(), array(average));
    if (isTrainable(spec)) {
      array.setRequiresGradient(true);
      Shape shape = new Shape(spec.shape());
      optimizer.restore(
          spec.name(),
          mean == null ? manager.zeros(shape) : array(mean),
          square == null ? manager.zeros(shape) : array(square));
    }
  }

  private NDArray array(Parameters.Value value) {
    return manager.create(value.data(), new Shape(value.shape()));
  }

  /** Whether the layer of a parameter is trained; the first blocks keep ImageNet's weights. */
  boolean isTrainable(String name) {
    if (frozenBlocks == TrainingConfig.ALL_BUT_LAST_STAGE) {
      return SegmentationNetwork.isLastStage(name);
    }
    if (frozenBlocks == 0 || !name.startsWith(SegmentationNetwork.BACKBONE)) {
      return true;
    }
    String[] path = name.split("\\.");
    return path[1].equals("blocks") && Integer.parseInt(path[2]) >= frozenBlocks;
  }

  private boolean isTrainable(ParameterSpec spec) {
    return spec.trained() && isTrainable(spec.name());
  }

  /**
   * SafeArrays that a loss term keeps from step to step; a checkpoint holds them too.
   *
   * @return the live array, zeros at first
   */
  float[] extra(String name, int size) {
    float[] kept = extras.computeIfAbsent(name, unused -> new float[size]);
    if (kept.length != size) {
      throw new IllegalArgumentException(
          "the checkpoint's %s has %d numbers, %d are needed".formatted(name, kept.length, size));
    }
    return kept;
  }

  /** Current numbers of a parameter. */
  float[] value(String name) {
    return weight(name).toFloatArray();
  }

  /** Sets a statistic that no gradient moves. */
  void replace(String name, float[] numbers) {
    NDArray weight = weight(name);
    try (NDArray next = manager.create(numbers, weight.getShape())) {
      weight.muli(0).addi(next);
    }
  }

  private NDArray weight(String name) {
    NDArray weight = weights.get(name);
    if (weight == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return weight;
  }

  Map<String, NDArray> weights() {
    return weights;
  }

  /** Steps done. */
  public int steps() {
    return steps;
  }

  /** Takes one optimiser step from the gradients and moves the average along. */
  void step(double rate, TrainingConfig config) {
    steps++;
    double decay = Math.min(config.averageDecay(), (1.0 + steps) / (10.0 + steps));
    for (ParameterSpec spec : specs) {
      NDArray weight = weights.get(spec.name());
      if (weight == null || !isTrainable(spec.name())) {
        continue;
      }
      if (spec.trained()) {
        boolean backbone = spec.name().startsWith(SegmentationNetwork.BACKBONE);
        float own = (float) (rate * (backbone ? config.backboneRate() : 1));
        optimizer.update(spec.name(), weight, weight.getGradient(), steps, own);
        clearGradient(weight);
      }
      follow(spec.name(), weight, (float) decay);
    }
  }

  private static void clearGradient(NDArray weight) {
    try (NDArray gradient = weight.getGradient()) {
      gradient.muli(0);
    }
  }

  private void follow(String name, NDArray weight, float decay) {
    NDArray average = averages.get(name);
    try (NDArray share = weight.stopGradient();
        NDArray scaled = share.mul(1 - decay)) {
      java.util.Objects.requireNonNull(average).muli(decay).addi(scaled);
    }
  }

  /** Adds to what the files of this state say of themselves. */
  void describe(Map<String, String> more) {
    description.putAll(more);
  }

  /** The averaged weights: what is exported and evaluated. */
  public Parameters averaged() {
    Map<String, Parameters.Value> values = new LinkedHashMap<>();
    averages.forEach((name, array) -> values.put(name, value(array)));
    return new Parameters(values, description);
  }

  /** Whether a file holds a training's whole state and not only its weights. */
  public static boolean isCheckpoint(Parameters saved) {
    return saved.metadata().containsKey(STEPS);
  }

  /** The averaged weights of a file: of a checkpoint, or a file that holds nothing else. */
  public static Parameters averagedOf(Parameters saved) {
    if (!isCheckpoint(saved)) {
      return saved;
    }
    Map<String, Parameters.Value> values = new LinkedHashMap<>();
    saved
        .values()
        .forEach(
            (name, value) -> {
              if (name.startsWith(AVERAGE)) {
                values.put(name.substring(AVERAGE.length()), value);
              }
            });
    Map<String, String> metadata = new LinkedHashMap<>(saved.metadata());
    metadata.remove(STEPS);
    return new Parameters(values, metadata);
  }

  /** Everything, for a checkpoint. */
  public Parameters checkpoint() {
    Map<String, Parameters.Value> values = new LinkedHashMap<>();
    weights.forEach((name, array) -> values.put(WEIGHT + name, value(array)));
    averages.forEach((name, array) -> values.put(AVERAGE + name, value(array)));
    for (ParameterSpec spec : specs) {
      if (isTrainable(spec)) {
        values.put(MEAN + spec.name(), value(optimizer.mean(spec.name())));
        values.put(SQUARE + spec.name(), value(optimizer.square(spec.name())));
      }
    }
    extras.forEach(
        (name, numbers) ->
            values.put(EXTRA + name, new Parameters.Value(new long[] {numbers.length}, numbers)));
    Map<String, String> metadata = new LinkedHashMap<>(description);
    metadata.put(STEPS, Integer.toString(steps));
    return new Parameters(values, metadata);
  }

  private static Parameters.Value value(NDArray array) {
    return new Parameters.Value(array.getShape().getShape(), array.toFloatArray());
  }

  @Override
  public void close() {
    manager.close();
  }
}
