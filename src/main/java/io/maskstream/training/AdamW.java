package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW (Loshchilov and Hutter, ICLR 2019) with a state that can be saved; DJL's keeps its own to
 * itself. Weight decay spares vectors (biases and normalisation).
 */
public final class AdamW {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPSILON = 1e-8f;

  private final float weightDecay;
  private final Map<String, NDArray> means = new LinkedHashMap<>();
  private final Map<String, NDArray> squares = new LinkedHashMap<>();

  public AdamW(float weightDecay) {
    this.weightDecay = weightDecay;
  }

  /** Gives the optimiser its state for a parameter: moments of the gradient. */
  public void restore(String name, NDArray mean, NDArray square) {
    means.put(name, mean);
    squares.put(name, square);
  }

  NDArray mean(String name) {
    return state(means, name);
  }

  NDArray square(String name) {
    return state(squares, name);
  }

  private static NDArray state(Map<String, NDArray> states, String name) {
    NDArray state = states.get(name);
    if (state == null) {
      throw new IllegalArgumentException("no optimiser state for " + name);
    }
    return state;
  }

  /**
   * One step for one parameter, in place.
   *
   * @param step number of the step, from 1
   * @param rate learning rate
   */
  public void update(String name, NDArray parameter, NDArray gradient, int step, float rate) {
    try (NDManager scope = parameter.getManager().newSubManager()) {
      gradient.attach(scope);
      NDArray mean = mean(name);
      NDArray square = square(name);
      mean.muli(BETA1).addi(own(scope, gradient.mul(1 - BETA1)));
      square.muli(BETA2).addi(own(scope, own(scope, gradient.square()).mul(1 - BETA2)));
      float meanScale = (float) (rate / (1 - Math.pow(BETA1, step)));
      float squareScale = (float) (1 / Math.sqrt(1 - Math.pow(BETA2, step)));
      NDArray root = own(scope, square.sqrt());
      root.muli(squareScale).addi(EPSILON);
      if (parameter.getShape().dimension() > 1) {
        parameter.muli(1 - rate * weightDecay);
      }
      parameter.subi(own(scope, own(scope, mean.mul(meanScale)).div(root)));
    }
  }

  private static NDArray own(NDManager scope, NDArray array) {
    array.attach(scope);
    return array;
  }
}
