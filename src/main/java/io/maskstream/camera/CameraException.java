package io.maskstream.camera;

/** A camera cannot be opened; the message has no secrets. */
final class CameraException extends Exception {
  private static final long serialVersionUID = 1L;

  CameraException(String message) {
    super(message);
  }
}
