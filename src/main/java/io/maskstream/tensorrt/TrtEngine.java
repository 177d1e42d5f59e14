package io.maskstream.tensorrt;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import org.bytedeco.tensorrt.global.nvinfer;
import org.jspecify.annotations.Nullable;

/** TensorRT as a DJL engine. Models are plans or ONNX files; arrays have no operators. */
public final class TrtEngine extends Engine {

  /** Name for {@code Engine.getEngine} and {@code Model.newInstance}. */
  public static final String NAME = "TensorRT";

  /** Behind ONNX Runtime's 10, so that this engine is only taken by name. */
  static final int RANK = 20;

  private final TrtLogger logger = new TrtLogger();

  private TrtEngine() {}

  /** Starts the engine or says in one sentence why it cannot. */
  static TrtEngine start() {
    NativeLibraries.loadRuntime();
    Cuda.requireDevice(0);
    return new TrtEngine();
  }

  TrtLogger logger() {
    return logger;
  }

  /** What a plan of this engine fits: library, device. */
  PlanKey.Target target(int device) {
    Cuda.Gpu gpu = Cuda.gpu(device);
    return new PlanKey.Target(getVersion(), gpu.name(), gpu.capability());
  }

  /** Bytes in use on a device, by all processes. */
  public long usedBytes(int device) {
    Cuda.use(device);
    return Cuda.usedBytes();
  }

  @Override
  public @Nullable Engine getAlternativeEngine() {
    return null;
  }

  @Override
  public String getEngineName() {
    return NAME;
  }

  @Override
  public int getRank() {
    return RANK;
  }

  @Override
  public String getVersion() {
    int version = nvinfer.getInferLibVersion(); // 101501 is 10.15.1
    return version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
  }

  @Override
  public boolean hasCapability(String capability) {
    return StandardCapabilities.CUDA.equals(capability);
  }

  @Override
  public int getGpuCount() {
    return Cuda.devices();
  }

  @Override
  public Device defaultDevice() {
    return Device.gpu();
  }

  @Override
  public Model newModel(String name, @Nullable Device device) {
    return new TrtModel(name, this, newBaseManager(device));
  }

  @Override
  public NDManager newBaseManager() {
    return newBaseManager(null);
  }

  @Override
  public NDManager newBaseManager(@Nullable Device device) {
    return TrtManager.root().newSubManager(device == null ? defaultDevice() : device);
  }
}
