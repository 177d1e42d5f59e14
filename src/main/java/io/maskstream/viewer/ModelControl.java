package io.maskstream.viewer;

import io.maskstream.config.Checks;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The deployment's models, as operators list and change them. A change that breaks a rule is an
 * IllegalArgumentException that says which.
 */
public interface ModelControl {

  /**
   * A wish for another model.
   *
   * @param folder of its bundle, as the workers see it
   * @param shadowSeconds how long it runs beside the one in use, 0 for no trial; null for the
   *     default
   * @param agreement least share of pixels with the same class, 0 to 1; null for the default
   */
  record Swap(String folder, @Nullable Double shadowSeconds, @Nullable Double agreement) {

    /** A day: a longer trial is a mistake. */
    private static final double MOST_SECONDS = 86_400;

    public Swap {
      Checks.require(!folder.isBlank(), "folder must name the new model's bundle, is empty");
      Checks.require(
          shadowSeconds == null || (shadowSeconds >= 0 && shadowSeconds <= MOST_SECONDS),
          "shadowSeconds must be 0 to 86400, is " + shadowSeconds);
      Checks.require(
          agreement == null || (agreement >= 0 && agreement <= 1),
          "agreement must be 0 to 1, is " + agreement);
    }
  }

  /** All slots with their orders and reports, as values for JSON. */
  List<?> list() throws IOException;

  /**
   * Orders a model.
   *
   * @param slot id of the model that the configuration names
   */
  void swap(String slot, Swap swap) throws IOException;

  /** Orders the model before the last change. */
  void rollback(String slot) throws IOException;
}
