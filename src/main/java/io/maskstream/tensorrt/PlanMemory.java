package io.maskstream.tensorrt;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * Device memory of a plan, enough for its largest batch: each input and output, and TensorRT's
 * scratch. The passes of all batch sizes use it in turn, so a plan that serves 32 sizes takes no
 * more than the largest of them.
 */
final class PlanMemory {

  /** An input's smallest and largest shape. */
  private record Range(Shape min, Shape max) {
    boolean holds(Shape shape) {
      boolean inside = shape.dimension() == min.dimension();
      for (int i = 0; inside && i < shape.dimension(); i++) {
        inside = shape.get(i) >= min.get(i) && shape.get(i) <= max.get(i);
      }
      return inside;
    }
  }

  private final ICudaEngine plan;
  private final NativeObjects objects;
  private final TrtLogger logger;
  private final Map<String, Range> ranges = new LinkedHashMap<>();
  private final Map<String, Pointer> addresses = new LinkedHashMap<>();
  private final Pointer scratch;
  private final long scratchBytes;

  /** Reserves the memory on the buffers' device. */
  PlanMemory(ICudaEngine plan, NativeObjects objects, StreamBuffers buffers, TrtLogger logger) {
    this.plan = plan;
    this.objects = objects;
    this.logger = logger;
    this.scratchBytes = plan.getDeviceMemorySizeV2();
    this.scratch = buffers.reserve(scratchBytes);
    for (int i = 0; i < plan.getNbIOTensors(); i++) {
      String name = plan.getIOTensorName(i);
      if (plan.getTensorIOMode(name).intern() == TensorIOMode.kINPUT) {
        ranges.put(
            name,
            new Range(
                shape(plan.getProfileShape(name, 0, OptProfileSelector.kMIN)),
                shape(plan.getProfileShape(name, 0, OptProfileSelector.kMAX))));
      }
    }
    Map<String, Shape> largest = new LinkedHashMap<>();
    ranges.forEach((name, range) -> largest.put(name, range.max));
    IExecutionContext context = context(largest);
    for (int i = 0; i < plan.getNbIOTensors(); i++) {
      String name = plan.getIOTensorName(i);
      int each = TrtBlock.type(plan.getTensorDataType(name)).getNumOfBytes();
      Shape shape = shape(context.getTensorShape(name));
      if (Arrays.stream(shape.getShape()).anyMatch(length -> length < 0)) {
        throw new EngineException(
            "tensor %s must have a size that follows from the inputs', is %s"
                .formatted(name, shape));
      }
      addresses.put(name, buffers.reserve(shape.size() * each));
    }
  }

  /** A context for fixed shapes over this memory; it belongs to the plan's objects. */
  IExecutionContext context(Map<String, Shape> inputs) {
    requireInside(inputs);
    IExecutionContext context =
        objects.own(
            plan.createExecutionContext(nvinfer.ExecutionContextAllocationStrategy.kUSER_MANAGED),
            "createExecutionContext");
    context.setDeviceMemoryV2(scratch, scratchBytes);
    inputs.forEach(
        (name, shape) -> {
          if (!context.setInputShape(name, dims(shape))) {
            throw new EngineException(
                "the plan does not take %s for input %s: %s"
                    .formatted(shape, name, logger.lastError()));
          }
        });
    addresses.forEach(
        (name, address) -> {
          if (!context.setTensorAddress(name, address)) {
            throw new EngineException("setTensorAddress " + name + ": " + logger.lastError());
          }
        });
    return context;
  }

  /**
   * Sizes of batches to record passes for; empty where more than the batch is free.
   *
   * @return ascending, the largest batch last
   */
  List<Integer> batches() {
    int smallest = 1;
    int largest = 1;
    for (Range range : ranges.values()) {
      for (int i = 1; i < range.min.dimension(); i++) {
        if (range.min.get(i) != range.max.get(i)) {
          return List.of();
        }
      }
      smallest = Math.toIntExact(range.min.get(0));
      largest = Math.toIntExact(range.max.get(0));
    }
    return BatchProfile.sizes(smallest, largest);
  }

  /** The inputs' shapes for a batch, where nothing else is free. */
  Map<String, Shape> inputs(int batch) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    ranges.forEach((name, range) -> shapes.put(name, ofBatch(range.max, batch)));
    return shapes;
  }

  /** A shape with another batch. */
  static Shape ofBatch(Shape shape, long batch) {
    long[] lengths = shape.getShape().clone();
    lengths[0] = batch;
    return new Shape(lengths);
  }

  void requireInside(Map<String, Shape> inputs) {
    ranges.forEach(
        (name, range) -> {
          Shape shape = inputs.get(name);
          if (shape == null || !range.holds(shape)) {
            throw new EngineException(
                "input %s must be %s to %s, is %s".formatted(name, range.min, range.max, shape));
          }
        });
  }

  /** Names of all inputs and outputs. */
  Set<String> names() {
    return addresses.keySet();
  }

  /** Where an input or output lies. */
  Pointer address(String name) {
    return Objects.requireNonNull(addresses.get(name), name);
  }

  static Shape shape(Dims64 dims) {
    long[] shape = new long[Math.max(0, dims.nbDims())];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dims.d(i);
    }
    return new Shape(shape);
  }

  private static Dims64 dims(Shape shape) {
    Dims64 dims = new Dims64();
    dims.nbDims(shape.dimension());
    for (int i = 0; i < shape.dimension(); i++) {
      dims.d(i, shape.get(i));
    }
    return dims;
  }
}
