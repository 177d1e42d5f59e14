package io.maskstream.loss;

import ai.djl.ndarray.NDArray;

/** One term of the training objective. */
public interface Loss {

  /** Name under which the value is reported and weighted. */
  String name();

  /** Whether it reads {@link LossInput#pixels}. */
  default boolean needsEmbeddings() {
    return false;
  }

  /** The unweighted value, a scalar. */
  NDArray evaluate(LossInput input);
}
