package io.maskstream.onnx;

import java.io.IOException;

/** Why a graph cannot be used, in one message for the user. */
public final class GraphException extends IOException {
  private static final long serialVersionUID = 1L;

  public GraphException(String message) {
    super(message);
  }

  public GraphException(String message, Throwable cause) {
    super(message, cause);
  }
}
