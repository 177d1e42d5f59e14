package io.maskstream.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaGetLastError;
import static org.bytedeco.cuda.global.cudart.cudaGraphDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphExecDestroy;
import static org.bytedeco.cuda.global.cudart.cudaGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cudaGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cudaStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cudaStreamCaptureModeThreadLocal;
import static org.bytedeco.cuda.global.cudart.cudaStreamEndCapture;
import static org.bytedeco.cuda.global.cudart.cudaSuccess;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;

/**
 * A forward pass for one set of input shapes, recorded as a CUDA graph over the plan's memory:
 * later passes are one launch in place of hundreds. The first pass runs plainly, because a
 * recording must not see TensorRT's lazy set-up. A recording holds as long as its context is not
 * touched, so each has a context of its own; memory they share.
 */
final class BatchGraph implements AutoCloseable {
  private final StreamBuffers buffers;
  private final IExecutionContext context;
  private final TrtLogger logger;
  private final Map<String, Shape> shapes = new HashMap<>();
  private final CUgraph_st graph = new CUgraph_st();
  private final CUgraphExec_st executable = new CUgraphExec_st();
  private final Optional<String> refusal;

  /** Records a pass. */
  BatchGraph(
      PlanMemory memory, StreamBuffers buffers, TrtLogger logger, Map<String, Shape> inputs) {
    this.buffers = buffers;
    this.logger = logger;
    this.context = memory.context(inputs);
    for (String name : memory.names()) {
      shapes.put(name, PlanMemory.shape(context.getTensorShape(name)));
    }
    this.refusal = record();
  }

  /** Records, or says why the network cannot be recorded. */
  private Optional<String> record() {
    enqueue();
    buffers.synchronize();
    Cuda.check(
        cudaStreamBeginCapture(buffers.stream(), cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture");
    boolean enqueued = context.enqueueV3(buffers.stream());
    int ended = cudaStreamEndCapture(buffers.stream(), graph);
    if (enqueued && ended == cudaSuccess) {
      Cuda.check(cudaGraphInstantiate(executable, graph, 0), "cudaGraphInstantiate");
      return Optional.empty();
    }
    cudaGetLastError(); // a recording that failed is no failure of what comes after
    return Optional.of("%s (CUDA error %d)".formatted(logger.lastError(), ended));
  }

  /** Why the pass is not recorded and is enqueued each time, where it is so. */
  Optional<String> refusal() {
    return refusal;
  }

  private void enqueue() {
    if (!context.enqueueV3(buffers.stream())) {
      throw new EngineException("enqueueV3 failed: " + logger.lastError());
    }
  }

  /** Starts a pass over what lies in the inputs' memory. */
  void launch() {
    if (refusal.isEmpty()) {
      Cuda.check(cudaGraphLaunch(executable, buffers.stream()), "cudaGraphLaunch");
    } else {
      enqueue();
    }
  }

  Shape shapeOf(String name) {
    return Objects.requireNonNull(shapes.get(name), name);
  }

  /** Frees the recording; the context belongs to the plan's objects. */
  @Override
  public void close() {
    if (refusal.isEmpty()) {
      Cuda.check(cudaGraphExecDestroy(executable), "cudaGraphExecDestroy");
    }
    if (!graph.isNull()) {
      Cuda.check(cudaGraphDestroy(graph), "cudaGraphDestroy");
    }
  }
}
