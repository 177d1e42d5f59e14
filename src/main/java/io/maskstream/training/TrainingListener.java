package io.maskstream.training;

import java.io.IOException;
import java.util.Map;

/** Follows a training. */
public interface TrainingListener {

  /**
   * What one step did.
   *
   * @param epoch from 0
   * @param step within the epoch, from 0
   * @param steps of an epoch
   * @param loss weighted sum
   * @param terms unweighted terms by name
   */
  record Step(int epoch, int step, int steps, float loss, Map<String, Float> terms) {}

  default void onStep(Step step) {}

  /** After an epoch, from 0; the state may be read until this returns. */
  default void onEpoch(int epoch, TrainingState state) throws IOException {}
}
