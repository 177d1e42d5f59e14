package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * PPC of ProtoSeg (CVPR 2022, eq. 11): cross-entropy of a pixel's similarities with all prototypes,
 * divided by a temperature of 0.1, against the prototype that Sinkhorn gave it.
 */
public final class PixelPrototypeContrast implements Loss {
  private static final float TEMPERATURE = 0.1f;

  @Override
  public String name() {
    return "pixelPrototypeContrast";
  }

  @Override
  public boolean needsEmbeddings() {
    return true;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    NDArray similarity = input.protoSeg().similarity(); // [B, P, N]
    NDArray target = Assigned.oneHot(input, similarity.getShape()); // [B, P, N]
    NDArray log = SafeArrays.times(similarity, 1 / TEMPERATURE).logSoftmax(1);
    return log.mul(target).sum().neg().div(target.sum().add(1e-6f));
  }

  /** One-hot of the assignment. */
  static final class Assigned {
    private Assigned() {}

    /** [B, P, N]; void pixels are zero. */
    static NDArray oneHot(LossInput input, Shape shape) {
      int prototypes = (int) shape.get(1);
      int area = (int) shape.get(2);
      int[] assigned = input.embedded().assigned();
      float[] hot = new float[(int) shape.size()];
      for (int i = 0; i < assigned.length; i++) {
        if (assigned[i] >= 0) {
          hot[(i / area * prototypes + assigned[i]) * area + i % area] = 1f;
        }
      }
      return input.manager().create(hot, shape);
    }
  }
}
