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

  /** Records a pass. */
  BatchGraph(
      PlanMemory memory, StreamBuffers buffers, TrtLogger logger, Map<String, Shape> inputs) {
    this.buffers = buffers;
    this.logger = logger;
    this.context = memory.context(inputs);
    for (String name : memory.names()) {
      shapes.put(name, PlanMemory.shape(context.getTensorShape(name)));
    }
    record();
  }

  private void record() {
    enqueue();
    buffers.synchronize();
    Cuda.check(
        cudaStreamBeginCapture(buffers.stream(), cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture");
    boolean enqueued = context.enqueueV3(buffers.stream());
    int ended = cudaStreamEndCapture(buffers.stream(), graph);
    if (!enqueued) {
      throw new EngineException("enqueueV3 cannot be recorded: " + logger.lastError());
    }
    Cuda.check(ended, "cudaStreamEndCapture");
    Cuda.check(cudaGraphInstantiate(executable, graph, 0), "cudaGraphInstantiate");
  }

  private void enqueue() {
    if (!context.enqueueV3(buffers.stream())) {
      throw new EngineException("enqueueV3 failed: " + logger.lastError());
    }
  }

  /** Starts a pass over what lies in the inputs' memory. */
  void launch() {
    Cuda.check(cudaGraphLaunch(executable, buffers.stream()), "cudaGraphLaunch");
  }

  Shape shapeOf(String name) {
    return Objects.requireNonNull(shapes.get(name), name);
  }

  /** Frees the recording; the context belongs to the plan's objects. */
  @Override
  public void close() {
    Cuda.check(cudaGraphExecDestroy(executable), "cudaGraphExecDestroy");
    Cuda.check(cudaGraphDestroy(graph), "cudaGraphDestroy");
  }
}
