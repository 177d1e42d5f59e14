package io.maskstream.tensorrt;

import ai.djl.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.ILogger;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvinfer.IOptimizationProfile;
import org.bytedeco.tensorrt.nvinfer.ITensor;
import org.bytedeco.tensorrt.nvinfer.ITimingCache;
import org.bytedeco.tensorrt.nvonnxparser.IParser;

/**
 * Builds a plan from an ONNX file: parse, profile over the batch, optimise, serialise. The network
 * is strongly typed: what the file says is half precision runs in half precision, and nothing else.
 * Run as a program by {@link BuildProcess}.
 */
final class PlanBuilder {
  private static final long WORKSPACE_BYTES = 4L << 30;
  private static final int OPTIMIZATION_LEVEL = 3;

  private PlanBuilder() {}

  /** ONNX file, plan file, timing cache file, batch profile, number of the GPU. */
  public static void main(String[] arguments) {
    try {
      NativeLibraries.loadBuilder();
      int device = Integer.parseInt(arguments[4]);
      Cuda.requireDevice(device);
      Cuda.use(device); // a builder is for the current device
      build(
          Path.of(arguments[0]),
          Path.of(arguments[1]),
          Path.of(arguments[2]),
          BatchProfile.of(arguments[3]));
    } catch (IOException | EngineException e) {
      System.out.println(e.getMessage());
      Runtime.getRuntime().halt(1);
    }
    Runtime.getRuntime().halt(0); // no orderly end for libraries that may hang in it
  }

  /** Leaves every TensorRT object to the end of the process. */
  private static void build(Path onnx, Path plan, Path timing, BatchProfile batch)
      throws IOException {
    TrtLogger logger = new TrtLogger();
    IBuilder builder =
        NativeObjects.require(nvinfer.createInferBuilder(logger), "createInferBuilder", logger);
    INetworkDefinition network =
        NativeObjects.require(builder.createNetworkV2(stronglyTyped()), "createNetworkV2", logger);
    IParser parser =
        NativeObjects.require(nvonnxparser.createParser(network, logger), "createParser", logger);
    parse(parser, onnx);
    IBuilderConfig config =
        NativeObjects.require(builder.createBuilderConfig(), "createBuilderConfig", logger);
    config.setMemoryPoolLimit(nvinfer.MemoryPoolType.kWORKSPACE, WORKSPACE_BYTES);
    config.setBuilderOptimizationLevel(OPTIMIZATION_LEVEL);
    useTimings(config, timing, logger);
    addProfile(builder, network, config, batch);
    IHostMemory memory =
        NativeObjects.require(
            builder.buildSerializedNetwork(network, config), "buildSerializedNetwork", logger);
    Files.write(plan, bytes(memory));
    IHostMemory times =
        NativeObjects.require(config.getTimingCache().serialize(), "timing cache", logger);
    PlanFile.replace(timing, bytes(times));
  }

  private static int stronglyTyped() {
    return 1 << nvinfer.NetworkDefinitionCreationFlag.kSTRONGLY_TYPED.value;
  }

  private static void parse(IParser parser, Path onnx) throws IOException {
    if (parser.parseFromFile(onnx.toString(), ILogger.Severity.kWARNING.value)) {
      return;
    }
    List<String> errors = new ArrayList<>();
    for (int i = 0; i < parser.getNbErrors(); i++) {
      errors.add(parser.getError(i).nodeName() + ": " + parser.getError(i).desc());
    }
    throw new IOException(onnx + " cannot be parsed: " + String.join("; ", errors));
  }

  /** Earlier timings, where there are any that this TensorRT takes. */
  private static void useTimings(IBuilderConfig config, Path timing, TrtLogger logger)
      throws IOException {
    byte[] earlier = Files.exists(timing) ? Files.readAllBytes(timing) : new byte[0];
    if (earlier.length > 0) {
      ITimingCache known = config.createTimingCache(new BytePointer(earlier), earlier.length);
      if (NativeObjects.isReal(known) && config.setTimingCache(known, false)) {
        return;
      }
      System.out.println(timing + " is not of this TensorRT and GPU; kernels are timed again");
    }
    ITimingCache empty = config.createTimingCache(new BytePointer(new byte[1]), 0);
    config.setTimingCache(NativeObjects.require(empty, "createTimingCache", logger), false);
  }

  private static void addProfile(
      IBuilder builder, INetworkDefinition network, IBuilderConfig config, BatchProfile batch) {
    IOptimizationProfile profile = builder.createOptimizationProfile(); // the builder's own
    for (int i = 0; i < network.getNbInputs(); i++) {
      ITensor input = network.getInput(i);
      String name = input.getName();
      boolean fits =
          profile.setDimensions(name, nvinfer.OptProfileSelector.kMIN, shape(input, batch.min()))
              && profile.setDimensions(
                  name, nvinfer.OptProfileSelector.kOPT, shape(input, batch.opt()))
              && profile.setDimensions(
                  name, nvinfer.OptProfileSelector.kMAX, shape(input, batch.max()));
      if (!fits) {
        throw new EngineException("TensorRT refuses batch sizes " + batch + " for input " + name);
      }
    }
    if (config.addOptimizationProfile(profile) < 0) {
      throw new EngineException("TensorRT refuses the batch sizes " + batch);
    }
  }

  /** The input's shape with a batch in place of its first axis. */
  private static Dims64 shape(ITensor input, int batch) {
    Dims64 declared = input.getDimensions();
    Dims64 shape = new Dims64();
    shape.nbDims(declared.nbDims());
    for (int i = 0; i < declared.nbDims(); i++) {
      shape.d(i, i == 0 ? batch : declared.d(i));
    }
    return shape;
  }

  private static byte[] bytes(IHostMemory memory) {
    byte[] bytes = new byte[Math.toIntExact(memory.size())];
    new BytePointer(memory.data()).capacity(memory.size()).get(bytes);
    return bytes;
  }
}
