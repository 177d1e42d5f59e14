package io.maskstream.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cudaGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cudaStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamCaptureModeThreadLocal;
import static org.bytedeco.cuda.global.cudart.cudaStreamEndCapture;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * A forward pass for one set of input shapes, recorded as a CUDA graph over memory of its own:
 * later passes are one launch in place of hundreds. The first pass runs plainly, because a
 * recording must not see TensorRT's lazy set-up.
 */
final class BatchGraph implements AutoCloseable {
  private final Lane lane;
  private final IExecutionContext context;
  private final Reporter reporter;
  private final Map<String, Pointer> memory = new HashMap<>();
  private final Map<String, Shape> shapes = new HashMap<>();
  private final CUgraph_st graph = new CUgraph_st();
  private final CUgraphExec_st executable = new CUgraphExec_st();

  BatchGraph(
      ICudaEngine plan,
      NativeObjects objects,
      Lane lane,
      Reporter reporter,
      Map<String, Shape> inputs) {
    this.lane = lane;
    this.reporter = reporter;
    this.context = objects.own(plan.createExecutionContext(), "createExecutionContext");
    inputs.forEach(
        (name, shape) -> {
          if (!context.setInputShape(name, dims(shape.getShape()))) {
            throw new EngineException(
                "the plan does not take %s for input %s: %s"
                    .formatted(shape, name, reporter.lastError()));
          }
        });
    for (int i = 0; i < plan.getNbIOTensors(); i++) {
      String name = plan.getIOTensorName(i);
      Shape shape = new Shape(shape(context.getTensorShape(name)));
      long bytes = shape.size() * elementBytes(plan, name);
      Pointer address = lane.take(bytes);
      memory.put(name, address);
      shapes.put(name, shape);
      if (!context.setTensorAddress(name, address)) {
        throw new EngineException("setTensorAddress " + name + ": " + reporter.lastError());
      }
    }
    record();
  }

  private static int elementBytes(ICudaEngine plan, String name) {
    return switch (plan.getTensorDataType(name).intern()) {
      case kFLOAT, kINT32 -> 4;
      case kINT64 -> 8;
      case kHALF, kBF16 -> 2;
      default -> 1;
    };
  }

  private void record() {
    enqueue();
    lane.synchronize();
    Cuda.check(
        cudaStreamBeginCapture(lane.stream(), cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture");
    try {
      enqueue();
    } finally {
      Cuda.check(cudaStreamEndCapture(lane.stream(), graph), "cudaStreamEndCapture");
    }
    Cuda.check(cudaGraphInstantiate(executable, graph, 0), "cudaGraphInstantiate");
  }

  private void enqueue() {
    if (!context.enqueueV3(lane.stream())) {
      throw new EngineException("enqueueV3 failed: " + reporter.lastError());
    }
  }

  /** Starts a pass over what lies in the inputs' memory. */
  void launch() {
    Cuda.check(cudaGraphLaunch(executable, lane.stream()), "cudaGraphLaunch");
  }

  /** Device memory of an input or output. */
  Pointer memory(String name) {
    return Objects.requireNonNull(memory.get(name), name);
  }

  Shape shapeOf(String name) {
    return Objects.requireNonNull(shapes.get(name), name);
  }

  static long[] shape(Dims64 dims) {
    long[] shape = new long[Math.max(0, dims.nbDims())];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dims.d(i);
    }
    return shape;
  }

  private static Dims64 dims(long[] shape) {
    Dims64 dims = new Dims64();
    dims.nbDims(shape.length);
    for (int i = 0; i < shape.length; i++) {
      dims.d(i, shape[i]);
    }
    return dims;
  }

  /** Frees the recording; memory is the lane's, the context belongs to the plan's objects. */
  @Override
  public void close() {
    Cuda.check(cudaGraphExecDestroy(executable), "cudaGraphExecDestroy");
    Cuda.check(cudaGraphDestroy(graph), "cudaGraphDestroy");
  }
}
