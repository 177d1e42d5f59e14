package io.maskstream.stream;

/** A record that can never be processed; it goes to the dead letters and the flow goes on. */
final class PoisonRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PoisonRecordException(String message) {
    super(message);
  }

  PoisonRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
