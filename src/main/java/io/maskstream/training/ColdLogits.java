package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.frame.Picture;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.SegmentationNetwork;

/** Class logits of a network in PyTorch for one picture, without a prior. */
public final class ColdLogits {

  private ColdLogits() {}

  /** The head's logits, [1, K, h, w]; they belong to the operations' manager. */
  public static NDArray of(
      SegmentationNetwork network, NDManager manager, NdOps ops, Picture picture) {
    NDArray image = network.input(manager, picture.rgb(), 1, picture.height(), picture.width());
    NDArray features = network.features(ops, image);
    long[] size = features.getShape().getShape();
    return network
        .head()
        .forward(ops, features, NdInputs.cold(manager, network, 1))
        .logits()
        .reshape(1, network.config().classes(), size[2], size[3]);
  }
}
