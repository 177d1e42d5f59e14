package io.maskstream.training;

import ai.djl.ndarray.NDArray;

/** One term of the training objective. */
interface Loss {

  /** Name under which the value is reported and weighted. */
  String name();

  /** The unweighted value, a scalar. */
  NDArray evaluate(LossInput input);
}
