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
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IRuntime;
import org.jspecify.annotations.Nullable;

/**
 * A plan with one stream and one set of device memory: forward passes of several threads wait for
 * each other. Work that is to overlap takes a model a thread.
 */
final class TrtBlock extends AbstractSymbolBlock implements AutoCloseable {
  private final NativeObjects objects;
  private final StreamBuffers buffers;
  private final ICudaEngine plan;
  private final PlanMemory memory;
  private final PairList<String, Shape> inputs = new PairList<>();
  private final PairList<String, Shape> outputs = new PairList<>();
  private final Map<String, DataType> types = new HashMap<>();
  private final Map<Map<String, Shape>, BatchGraph> graphs = new HashMap<>();
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
        this.plan =
            objects.own(
                runtime.deserializeCudaEngine(blob, serialized.length), "deserializeCudaEngine");
      }
      this.memory = new PlanMemory(plan, objects, buffers, logger);
      describe();
      whole = true;
    } finally {
      if (!whole) {
        objects.close();
        buffers.close();
      }
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
    Map<String, TrtArray> given = new LinkedHashMap<>();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    TrtManager manager = (TrtManager) arrays.head().getManager();
    for (int i = 0; i < inputs.size(); i++) {
      String name = inputs.keyAt(i);
      NDArray array = arrays.get(name);
      given.put(name, checked(name, manager.from(array == null ? arrays.get(i) : array)));
      shapes.put(name, given.get(name).getShape());
    }
    BatchGraph graph = graphs.get(shapes);
    if (graph == null) {
      graph = new BatchGraph(memory, buffers, logger, shapes);
      graphs.put(shapes, graph);
    }
    given.forEach((name, array) -> array.copyTo(buffers, memory.address(name)));
    graph.launch();
    NDList results = new NDList();
    for (int i = 0; i < outputs.size(); i++) {
      String name = outputs.keyAt(i);
      TrtArray result =
          manager.adopt(TrtArray.onDevice(manager, buffers, graph.shapeOf(name), typeOf(name)));
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
