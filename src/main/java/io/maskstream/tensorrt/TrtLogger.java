package io.maskstream.tensorrt;

import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TensorRT's messages in our log. TensorRT keeps its address: it must outlive all objects. */
final class TrtLogger extends ILogger {
  private static final Logger log = LoggerFactory.getLogger("io.maskstream.tensorrt");

  private volatile String lastError = "TensorRT gave no message";

  @Override
  public void log(Severity severity, String message) {
    switch (severity.intern()) {
      case kINTERNAL_ERROR, kERROR -> {
        lastError = message;
        log.error("{}", message);
      }
      case kWARNING -> log.warn("{}", message);
      default -> log.debug("{}", message);
    }
  }

  /** The last thing that went wrong, in TensorRT's words. */
  String lastError() {
    return lastError;
  }
}
