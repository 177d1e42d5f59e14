package io.maskstream.tensorrt;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IRuntime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plan with one stream and one set of device memory: forward passes of several threads wait for
 * each other. Work that is to overlap takes a model per thread. Passes are recorded at the start,
 * for batches of 1, 2, 4 and so on; a batch between two of them runs in the next larger pass.
 */
final class TrtBlock extends AbstractSymbolBlock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrtBlock.class);

  private final NativeObjects objects;
  private final StreamBuffers buffers;
  private final ICudaEngine plan;
  private final PlanMemory memory;
  private final PairList<String, Shape> inputs = new PairList<>();
  private final PairList<String, Shape> outputs = new PairList<>();
  private final Map<String, DataType> types = new HashMap<>();
  private final Map<Map<String, Shape>, BatchGraph> graphs = new HashMap<>();
  private final List<Integer> batches;
  private final TrtLogger logger;
  private boolean closed;

  TrtBlock(TrtEngine engine, byte[] serialized, int device) {
    this.logger = engine.logger();
    this.objects = new NativeObjects(logger);
    this.buffers = new StreamBuffers(device);
    boolean whole = false;
    try {
      IRuntime runtime = objects.own(nvinfer.createInferRuntime(logger), "createInferRuntime");
      try (BytePointer blob = new BytePointer(serialized)) {
        this.plan = deserialized(runtime, blob, serialized.length);
      }
      this.memory = new PlanMemory(plan, objects, buffers, logger);
      describe();
      this.batches = memory.batches();
      recordPasses();
      whole = true;
    } finally {
      if (!whole) {
        graphs.values().forEach(BatchGraph::close);
        objects.close();
        buffers.close();
      }
    }
  }

  private void recordPasses() {
    batches.stream()
        .flatMap(size -> graph(memory.inputs(size)).refusal().stream())
        .reduce((first, later) -> first) // all are recorded
        .ifPresent(
            why -> log.warn("passes cannot be recorded as CUDA graphs and are enqueued: {}", why));
  }

  private ICudaEngine deserialized(IRuntime runtime, BytePointer blob, int bytes) {
    try {
      return objects.own(runtime.deserializeCudaEngine(blob, bytes), "deserializeCudaEngine");
    } catch (EngineException e) {
      throw new RefusedPlanException(e);
    }
  }

  /**
   * TensorRT does not take a plan back, for instance one that another build of TensorRT has made.
   */
  static final class RefusedPlanException extends EngineException {
    private static final long serialVersionUID = 1L;

    private RefusedPlanException(EngineException reason) {
      super(reason.getMessage(), reason);
    }
  }

  private void describe() {
    for (int i = 0; i < plan.getNbIOTensors(); i++) {
      String name = plan.getIOTensorName(i);
      types.put(name, type(plan.getTensorDataType(name)));
      Shape shape = PlanMemory.shape(plan.getTensorShape(name));
      boolean in = plan.getTensorIOMode(name).intern() == TensorIOMode.kINPUT;
      (in ? inputs : outputs).add(name, shape);
    }
  }

  @Override
  protected synchronized NDList forwardInternal(
      ParameterStore store,
      NDList arrays,
      boolean training,
      @Nullable PairList<String, Object> parameters) {
    if (closed) {
      throw new IllegalStateException("the model is closed");
    }
    buffers.use();
    TrtManager manager = (TrtManager) arrays.head().getManager();
    Map<String, TrtArray> given = given(manager, arrays);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    given.forEach((name, array) -> shapes.put(name, array.getShape()));
    memory.requireInside(shapes);
    BatchGraph graph = graph(padded(shapes));
    given.forEach((name, array) -> array.copyTo(buffers, memory.address(name)));
    graph.launch();
    return results(manager, graph, batch(shapes));
  }

  private Map<String, TrtArray> given(TrtManager manager, NDList arrays) {
    Map<String, TrtArray> given = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      String name = inputs.keyAt(i);
      NDArray array = arrays.get(name);
      given.put(name, checked(name, manager.from(array == null ? arrays.get(i) : array)));
    }
    return given;
  }

  /** The common first length of the inputs' shapes; 0 where they differ. */
  private static long batch(Map<String, Shape> shapes) {
    long[] sizes = shapes.values().stream().mapToLong(shape -> shape.get(0)).distinct().toArray();
    return sizes.length == 1 ? sizes[0] : 0;
  }

  /** The next shapes that a pass is recorded for; rows beyond the batch hold what was there. */
  private Map<String, Shape> padded(Map<String, Shape> shapes) {
    long batch = batch(shapes);
    return batches.stream()
        .filter(size -> batch > 0 && size >= batch)
        .findFirst()
        .map(memory::inputs)
        .orElse(shapes);
  }

  private BatchGraph graph(Map<String, Shape> shapes) {
    BatchGraph graph = graphs.get(shapes);
    if (graph == null) {
      graph = new BatchGraph(memory, buffers, logger, shapes);
      graphs.put(shapes, graph);
    }
    return graph;
  }

  private NDList results(TrtManager manager, BatchGraph graph, long batch) {
    NDList results = new NDList();
    for (int i = 0; i < outputs.size(); i++) {
      String name = outputs.keyAt(i);
      Shape declared = outputs.valueAt(i);
      boolean byBatch = batch > 0 && declared.dimension() > 0 && declared.get(0) < 0;
      Shape whole = graph.shapeOf(name);
      Shape shape = byBatch ? PlanMemory.ofBatch(whole, batch) : whole;
      TrtArray result = manager.adopt(TrtArray.onDevice(manager, buffers, shape, typeOf(name)));
      buffers.copy(memory.address(name), result.device(), result.bytes());
      result.setName(name);
      results.add(result);
    }
    return results;
  }

  private DataType typeOf(String name) {
    DataType type = types.get(name);
    if (type == null) {
      throw new EngineException("the plan has no tensor " + name);
    }
    return type;
  }

  private TrtArray checked(String name, NDArray array) {
    if (array.getDataType() != typeOf(name)) {
      throw new EngineException(
          "input %s must be %s, is %s".formatted(name, typeOf(name), array.getDataType()));
    }
    return (TrtArray) array;
  }

  static DataType type(nvinfer.DataType type) {
    return switch (type.intern()) {
      case kFLOAT -> DataType.FLOAT32;
      case kHALF -> DataType.FLOAT16;
      case kUINT8 -> DataType.UINT8;
      case kINT8 -> DataType.INT8;
      case kINT32 -> DataType.INT32;
      case kINT64 -> DataType.INT64;
      case kBOOL -> DataType.BOOLEAN;
      default -> throw new EngineException("DJL has no type for TensorRT's " + type);
    };
  }

  @Override
  public PairList<String, Shape> describeInput() {
    return inputs;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return outputs.values().toArray(new Shape[0]);
  }

  @Override
  public ParameterList getDirectParameters() {
    return new ParameterList(); // a plan does not tell its weights
  }

  /** Waits for the work in hand, then frees graphs, memory, context, plan and runtime. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    buffers.use();
    buffers.synchronize();
    graphs.values().forEach(BatchGraph::close);
    objects.close();
    buffers.close();
  }
}
