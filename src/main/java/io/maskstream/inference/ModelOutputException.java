package io.maskstream.inference;

/**
 * What a model gave and no frame can have, in one message: numbers that are not finite, unknown
 * ids.
 */
public final class ModelOutputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ModelOutputException(String message) {
    super(message);
  }

  ModelOutputException(String message, Throwable cause) {
    super(message, cause);
  }
}
