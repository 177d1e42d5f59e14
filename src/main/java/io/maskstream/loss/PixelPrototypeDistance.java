package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/**
 * PPD of ProtoSeg (CVPR 2022, eq. 12): mean of (1 - cosine of a pixel with its own prototype)²,
 * which draws a prototype's pixels together.
 */
public final class PixelPrototypeDistance implements Loss {

  @Override
  public String name() {
    return "pixelPrototypeDistance";
  }

  @Override
  public boolean needsEmbeddings() {
    return true;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray similarity = input.protoSeg().similarity(); // [B, P, N]
    NDArray target =
        PixelPrototypeContrast.Assigned.oneHot(input, similarity.getShape()); // [B, P, N]
    NDArray squares = similarity.neg().add(1f).square();
    return squares.mul(target).sum().div(target.sum().add(1e-6f));
  }
}
