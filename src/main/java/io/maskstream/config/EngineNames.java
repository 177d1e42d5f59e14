package io.maskstream.config;

/** DJL's names of the engines. */
public final class EngineNames {
  public static final String ONNX_RUNTIME = "OnnxRuntime";
  public static final String PYTORCH = "PyTorch";
  public static final String TENSORRT = "TensorRT";

  private EngineNames() {}
}
