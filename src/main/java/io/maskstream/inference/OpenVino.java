package io.maskstream.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEpDevice;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.maskstream.onnx.OrtRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * OpenVINO as an execution provider of ONNX Runtime, by the plug-in that Intel publishes ({@code
 * onnxruntime-ep-openvino} on PyPI). It runs 8-bit integers faster than ONNX Runtime's own kernels.
 * The library is the user's: it is not part of this program.
 *
 * @param plugin the library, {@code libonnxruntime_providers_openvino_plugin.so} or its name
 *     elsewhere; OpenVINO's own libraries lie beside it
 * @param passes forward passes that run at a time
 */
public record OpenVino(Path plugin, int passes) {
  private static final String PROVIDER = "OpenVINOExecutionProvider";

  /**
   * Options of a session on this processor.
   *
   * @param threads of one forward pass
   * @param batchDimension name of the dimension that counts frames; it is fixed to one, because
   *     OpenVINO is slow with sizes that it does not know
   * @throws ModelException where the plug-in is missing or does not start
   */
  SessionOptions session(int threads, Optional<String> batchDimension) throws ModelException {
    if (!Files.isRegularFile(plugin)) {
      throw refused("no such file");
    }
    try {
      SessionOptions options = new SessionOptions();
      if (batchDimension.isPresent()) {
        options.setSymbolicDimensionValue(batchDimension.get(), 1);
      }
      options.addExecutionProvider(List.of(processor()), Map.of("load_config", config(threads)));
      return options;
    } catch (OrtException e) {
      throw refused(String.valueOf(e.getMessage()));
    }
  }

  /** OpenVINO's processor; the plug-in is loaded once in a process. */
  private OrtEpDevice processor() throws OrtException, ModelException {
    OrtEnvironment environment = OrtRuntime.environment();
    synchronized (OpenVino.class) {
      Optional<OrtEpDevice> loaded = processor(environment);
      if (loaded.isPresent()) {
        return loaded.get();
      }
      environment.registerExecutionProviderLibrary(PROVIDER, plugin.toAbsolutePath().toString());
      Optional<OrtEpDevice> found = processor(environment);
      if (found.isEmpty()) {
        // Else the next try would be another error.
        environment.unregisterExecutionProviderLibrary(PROVIDER);
      }
      return found.orElseThrow(
          () -> refused("it knows no processor of this machine, and takes Intel's alone"));
    }
  }

  private static Optional<OrtEpDevice> processor(OrtEnvironment environment) throws OrtException {
    return environment.getEpDevices().stream()
        .filter(device -> device.getEpName().equals(PROVIDER))
        .filter(device -> "CPU".equals(device.getEpMetadata().get("ov_device")))
        .findFirst();
  }

  /** What is not in integers stays in single precision: OpenVINO's default may be half of it. */
  private String config(int threads) {
    return """
        {"CPU": {"INFERENCE_NUM_THREADS": "%d", "NUM_STREAMS": "%d", "INFERENCE_PRECISION_HINT": "f32"}}"""
        .formatted(threads * passes, passes);
  }

  private ModelException refused(String reason) {
    return new ModelException(
        "engine: openvino cannot start with the plug-in %s: %s. docs/operations.md says where to get it; engine: auto does without"
            .formatted(plugin, reason));
  }
}
