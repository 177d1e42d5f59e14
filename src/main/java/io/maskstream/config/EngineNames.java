package io.maskstream.config;

/** Names of the engines; DJL's own, but for OpenVINO, which runs inside of ONNX Runtime. */
public final class EngineNames {
  public static final String ONNX_RUNTIME = "OnnxRuntime";
  public static final String OPENVINO = "OpenVINO";
  public static final String PYTORCH = "PyTorch";
  public static final String TENSORRT = "TensorRT";

  private EngineNames() {}
}
