package io.maskstream.app.model;

import io.maskstream.inference.ModelException;

/** The rule that labeled frames have labeled pixels: without any, every measure of them is NaN. */
final class LabeledPixels {

  /** How to change that where {@code --classes} is an option. */
  static final String BY_CLASSES = "--classes says which values are which class";

  /** How to change that where label pictures have class ids. */
  static final String BY_IDS = "their values must be its class ids, from 0";

  private LabeledPixels() {}

  /**
   * Refuses frames of which no pixel has a class.
   *
   * @param pixels with a class
   * @param of model or class table whose classes they are
   * @param remedy one of the above
   */
  static void require(long pixels, String of, String remedy) throws ModelException {
    if (pixels == 0) {
      throw new ModelException(
          "no label of these frames is a class of %s; %s".formatted(of, remedy));
    }
  }
}
