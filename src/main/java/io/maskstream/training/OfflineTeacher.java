package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.network.NdOps;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** A trained network whose class logits another one learns. Holds native memory. */
final class OfflineTeacher implements AutoCloseable {
  private final SegmentationNetwork network;
  private final NDManager manager;
  private final Map<String, NDArray> weights = new HashMap<>();

  private OfflineTeacher(NDManager parent, SegmentationNetwork network, Parameters parameters) {
    this.network = network;
    this.manager = parent.newSubManager();
    parameters
        .values()
        .forEach(
            (name, value) ->
                weights.put(name, manager.create(value.data(), new Shape(value.shape()))));
  }

  /**
   * A teacher with the classes of the training.
   *
   * @param saved weights or checkpoint
   */
  static OfflineTeacher of(NDManager parent, Parameters saved, LabelScheme labels)
      throws IOException {
    Parameters parameters = TrainingState.averagedOf(saved);
    LabelScheme own = LabelScheme.of(parameters.metadata());
    if (!own.table().names().equals(labels.table().names())) {
      throw new IllegalArgumentException(
          "the teacher's classes must be those of the training, %s, are %s"
              .formatted(labels.table().names(), own.table().names()));
    }
    SegmentationNetwork network =
        new SegmentationNetwork(NetworkConfig.described(parameters.metadata(), own.table().size()));
    parameters.requireAll(network.parameters());
    return new OfflineTeacher(parent, network, parameters);
  }

  /**
   * Class logits of pictures, without a memory: [B, K, N].
   *
   * @param owner of the result
   * @param input [B, 3, H, W]
   */
  NDArray logits(NDManager owner, NDArray input) {
    NdOps ops = new NdOps(owner, weights, name -> false);
    long pictures = input.getShape().get(0);
    int prototypes = network.prototypes();
    Prior<NDArray> none =
        new Prior<>(
            owner.zeros(new Shape(pictures, prototypes, network.config().features())),
            owner.zeros(new Shape(pictures, prototypes)));
    return network.forward(ops, input, none).logits().stopGradient();
  }

  @Override
  public void close() {
    manager.close();
  }
}
