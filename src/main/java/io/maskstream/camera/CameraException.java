package io.maskstream.camera;

/** A camera cannot be opened or read; the message has no secrets. */
final class CameraException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whether trying again soon can help. */
  enum Kind {
    /** It may: the network, a restart of the camera. */
    PASSING,
    /** The camera refuses the user: it may lock the account when it is asked too often. */
    REFUSED
  }

  private final Kind kind;

  CameraException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
