package io.maskstream.tensorrt;

import ai.djl.engine.EngineException;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * NVIDIA's libraries: loaded once, or a reason why not.
 *
 * <p>The presets of TensorRT and of its ONNX parser insist on cuBLAS, cuDNN, NVRTC and TensorRT's
 * plug-ins, which neither needs. Initialising these presets while JavaCPP's loading is switched off
 * leaves them out. Nothing of a preset's may be in a static field of a class that loads earlier.
 */
final class NativeLibraries {
  private static final String SWITCH = "org.bytedeco.javacpp.loadlibraries";

  private static @Nullable String failure;
  private static boolean runtime;
  private static boolean builder;

  private NativeLibraries() {}

  /** What a plan needs to run. */
  static synchronized void loadRuntime() {
    if (runtime) {
      return;
    }
    if (failure != null) { // a class that failed to initialise does not say why a second time
      throw new EngineException(failure);
    }
    try {
      Loader.load(org.bytedeco.cuda.global.cudart.class);
      withoutNatives(
          "org.bytedeco.cuda.global.cublas",
          "org.bytedeco.cuda.global.cudnn",
          "org.bytedeco.cuda.global.nvrtc");
      Loader.load(org.bytedeco.tensorrt.global.nvinfer.class);
      requireVersion(org.bytedeco.tensorrt.global.nvinfer.getInferLibVersion());
      runtime = true;
    } catch (ClassNotFoundException | LinkageError e) {
      throw failed("NVIDIA's driver or TensorRT's libraries are not installed", e);
    }
  }

  /** What a plan needs to be built from ONNX. */
  static synchronized void loadBuilder() {
    loadRuntime();
    if (builder) {
      return;
    }
    try {
      withoutNatives("org.bytedeco.tensorrt.global.nvinfer_plugin");
      Loader.load(org.bytedeco.tensorrt.global.nvonnxparser.class);
      builder = true;
    } catch (ClassNotFoundException | LinkageError e) {
      throw failed("TensorRT's ONNX parser is not installed", e);
    }
  }

  /** Functions that an older library lacks would be looked for beside its tables. */
  private static void requireVersion(int found) {
    int major = org.bytedeco.tensorrt.global.nvinfer.NV_TENSORRT_MAJOR;
    int minor = org.bytedeco.tensorrt.global.nvinfer.NV_TENSORRT_MINOR;
    int foundMinor = found / 100 % 100; // 101501 is 10.15.1
    if (found / 10_000 != major || foundMinor < minor) {
      failure =
          "TensorRT %d.%d is installed, this program needs %d.%d or a later %d"
              .formatted(found / 10_000, foundMinor, major, minor, major);
      throw new EngineException(failure);
    }
  }

  private static EngineException failed(String what, Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    failure = what + ": " + root.getMessage();
    return new EngineException(failure, e);
  }

  private static void withoutNatives(String... classes) throws ClassNotFoundException {
    String before = System.getProperty(SWITCH);
    System.setProperty(SWITCH, "false");
    try {
      for (String name : classes) {
        Class.forName(name, true, NativeLibraries.class.getClassLoader());
      }
    } finally {
      if (before == null) {
        System.clearProperty(SWITCH);
      } else {
        System.setProperty(SWITCH, before);
      }
    }
  }
}
