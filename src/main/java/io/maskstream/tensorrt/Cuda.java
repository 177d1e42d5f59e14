package io.maskstream.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceProperties;
import static org.bytedeco.cuda.global.cudart.cudaGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;
import static org.bytedeco.cuda.global.cudart.cudaSuccess;

import ai.djl.engine.EngineException;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;

/** CUDA's runtime with errors as exceptions. */
final class Cuda {

  /** TensorRT 10 needs Turing or newer. */
  private static final int LEAST_CAPABILITY = 75;

  private Cuda() {}

  /**
   * A GPU.
   *
   * @param name such as {@code NVIDIA H200}
   * @param capability ten times major plus minor
   */
  record Gpu(String name, int capability) {}

  /** Throws with CUDA's own words where a call failed. */
  static void check(int code, String what) {
    if (code != cudaSuccess) {
      throw new EngineException(
          "%s failed: %s (CUDA error %d)".formatted(what, message(code), code));
    }
  }

  private static String message(int code) {
    try (BytePointer text = cudaGetErrorString(code)) {
      return text == null ? "unknown" : text.getString();
    }
  }

  /** Throws with the reason where a device is missing or TensorRT cannot use it. */
  static void requireDevice(int device) {
    int[] count = new int[1];
    int code = cudaGetDeviceCount(count);
    if (code != cudaSuccess || count[0] == 0) {
      throw new EngineException("no CUDA device: " + message(code) + " (CUDA error " + code + ")");
    }
    if (device >= count[0]) {
      throw new EngineException(
          "no CUDA device %d: there are %d, from 0 on".formatted(device, count[0]));
    }
    Gpu gpu = gpu(device);
    if (gpu.capability < LEAST_CAPABILITY) {
      throw new EngineException(
          "%s has compute capability %.1f, TensorRT needs 7.5"
              .formatted(gpu.name, gpu.capability / 10.0));
    }
  }

  static int devices() {
    int[] count = new int[1];
    check(cudaGetDeviceCount(count), "cudaGetDeviceCount");
    return count[0];
  }

  static Gpu gpu(int device) {
    try (cudaDeviceProp properties = new cudaDeviceProp()) {
      check(cudaGetDeviceProperties(properties, device), "cudaGetDeviceProperties");
      int[] major = new int[1];
      int[] minor = new int[1];
      check(
          cudaDeviceGetAttribute(major, cudaDevAttrComputeCapabilityMajor, device),
          "cudaDeviceGetAttribute");
      check(
          cudaDeviceGetAttribute(minor, cudaDevAttrComputeCapabilityMinor, device),
          "cudaDeviceGetAttribute");
      return new Gpu(properties.name().getString(), 10 * major[0] + minor[0]);
    }
  }

  /** Makes a device the calling thread's. */
  static void use(int device) {
    check(cudaSetDevice(device), "cudaSetDevice");
  }

  /** Bytes in use on the calling thread's device, by all processes. */
  static long usedBytes() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      check(cudaMemGetInfo(free, total), "cudaMemGetInfo");
      return total.get() - free.get();
    }
  }
}
