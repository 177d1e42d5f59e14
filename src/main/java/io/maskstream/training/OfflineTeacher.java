package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.util.Map;

/**
 * A trained network whose class logits another one learns.
 *
 * @param weights by name, not trained; they belong to who made them
 */
record OfflineTeacher(SegmentationNetwork network, Map<String, NDArray> weights) {

  /**
   * A teacher with the classes of the training.
   *
   * @param manager owner of its weights
   * @param saved weights or checkpoint
   */
  static OfflineTeacher of(NDManager manager, Parameters saved, LabelScheme labels)
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
    return new OfflineTeacher(network, NdInputs.parameters(manager, parameters));
  }

  /**
   * Class logits of pictures, without a memory: [B, K, N].
   *
   * @param owner of the result
   * @param input [B, 3, H, W]
   */
  NDArray logits(NDManager owner, NDArray input) {
    NdOps ops = new NdOps(owner, weights, name -> false);
    Prior<NDArray> cold = NdInputs.cold(owner, network, input.getShape().get(0));
    return network.forward(ops, input, cold).logits().stopGradient();
  }
}
