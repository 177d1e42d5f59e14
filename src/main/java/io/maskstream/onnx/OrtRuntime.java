package io.maskstream.onnx;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import io.maskstream.config.EngineNames;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime in this process: its one environment, as long as the process lives.
 *
 * <p>Its Java API closes the environment at the very beginning of a process's end, beside what this
 * program still has to close. A model that loads at that time would take the process down with a
 * segmentation fault. The environment counts its holders, so one more keeps it.
 */
public final class OrtRuntime {
  private static final Logger log = LoggerFactory.getLogger(OrtRuntime.class);

  private OrtRuntime() {}

  /** The environment; DJL must be the one to make it. */
  public static OrtEnvironment environment() {
    return Held.ENVIRONMENT;
  }

  private static final class Held {
    static final OrtEnvironment ENVIRONMENT = held();

    private static OrtEnvironment held() {
      var unused = Engine.getEngine(EngineNames.ONNX_RUNTIME); // with its settings, before ours
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      try {
        hold();
      } catch (ReflectiveOperationException | RuntimeException e) {
        log.debug("ONNX Runtime's environment closes when the process begins to end", e);
      }
      return environment;
    }

    /** No public call of the Java API makes another holder. */
    private static void hold() throws ReflectiveOperationException {
      Field api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
      api.setAccessible(true);
      Method create =
          OrtEnvironment.class.getDeclaredMethod(
              "createHandle", long.class, int.class, String.class);
      create.setAccessible(true);
      create.invoke(
          null,
          api.getLong(null),
          OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING.getValue(),
          "maskstream");
    }
  }
}
