package io.maskstream.inference;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import io.maskstream.config.EngineNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which engine runs a model. */
public enum EngineChoice {
  /** TensorRT where it can start, else ONNX Runtime, with the reason in the log. */
  AUTO,
  ONNX_RUNTIME,
  /** ONNX Runtime with Intel's plug-in, which the user provides, or an error. */
  OPENVINO,
  /** TensorRT or an error. */
  TENSORRT;

  private static final Logger log = LoggerFactory.getLogger(EngineChoice.class);

  /** Name of the engine to use. */
  String resolve() throws ModelException {
    if (this == ONNX_RUNTIME) {
      return EngineNames.ONNX_RUNTIME;
    }
    if (this == OPENVINO) {
      return EngineNames.OPENVINO;
    }
    try {
      var unused = Engine.getEngine(EngineNames.TENSORRT);
      return EngineNames.TENSORRT;
    } catch (EngineException e) {
      if (this == TENSORRT) {
        throw new ModelException(
            "engine: tensorrt cannot start: %s. docs/gpu.md says how to set a machine up; engine: auto would take ONNX Runtime"
                .formatted(e.getMessage()),
            e);
      }
      log.info("ONNX Runtime on the CPU, without TensorRT: {}", e.getMessage());
      return EngineNames.ONNX_RUNTIME;
    }
  }
}
