package io.maskstream.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.maskstream.network.HalfFloat;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** A model in ONNX Runtime, for its own outputs and for tensors inside it. Used by one thread. */
public final class GraphRun implements AutoCloseable {

  /**
   * Numbers that go in or come out; integers, ground truth values and half floats are converted.
   *
   * @param shape lengths of the axes
   * @param values in row-major order; shared with the receiver
   */
  record Value(long[] shape, float[] values) {}

  private final OrtEnvironment environment = OrtRuntime.environment();
  private final OrtSession session;

  private GraphRun(ModelProto model, int threads) throws GraphException {
    try (SessionOptions options = options(threads)) {
      this.session = environment.createSession(model.toByteArray(), options);
    } catch (OrtException e) {
      throw new GraphException("ONNX Runtime does not take the graph: " + reason(e), e);
    }
  }

  private GraphRun(Path file, int threads) throws GraphException {
    try (SessionOptions options = options(threads)) {
      options.setCPUArenaAllocator(false);
      options.setMemoryPatternOptimization(false);
      this.session = environment.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new GraphException("ONNX Runtime does not take the graph: " + reason(e), e);
    }
  }

  private static SessionOptions options(int threads) throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setIntraOpNumThreads(threads);
    return options;
  }

  /** A model that hands each tensor back to the system as soon as it is not needed. */
  static GraphRun withoutArena(Path file, int threads) throws GraphException {
    return new GraphRun(file, threads);
  }

  /** A model's outputs and some inner tensors. */
  static GraphRun of(ModelProto model, Collection<String> inner, int threads)
      throws GraphException {
    return new GraphRun(withOutputs(model, inner), threads);
  }

  /** The model with inner tensors as outputs, whose types ONNX Runtime infers. */
  static ModelProto withOutputs(ModelProto model, Collection<String> inner) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    List<String> outputs =
        new ArrayList<>(graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
    for (String name : inner) {
      if (!outputs.contains(name)) {
        graph.addOutput(ValueInfoProto.newBuilder().setName(name));
        outputs.add(name);
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  /** Shapes of the outputs as far as they are known before a run; -1 where they are not. */
  Map<String, long[]> shapes() throws GraphException {
    try {
      Map<String, long[]> shapes = new LinkedHashMap<>();
      for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
        if (output.getValue().getInfo() instanceof TensorInfo tensor) {
          shapes.put(output.getKey(), tensor.getShape());
        }
      }
      return shapes;
    } catch (OrtException e) {
      throw new GraphException("ONNX Runtime does not tell the graph's shapes: " + reason(e), e);
    }
  }

  /** Types of the outputs. */
  Map<String, OnnxJavaType> types() throws GraphException {
    try {
      Map<String, OnnxJavaType> types = new LinkedHashMap<>();
      for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
        if (output.getValue().getInfo() instanceof TensorInfo tensor) {
          types.put(output.getKey(), tensor.type);
        }
      }
      return types;
    } catch (OrtException e) {
      throw new GraphException("ONNX Runtime does not tell the graph's types: " + reason(e), e);
    }
  }

  /** One sentence of what ONNX Runtime says. */
  static String reason(OrtException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message);
  }

  /** All outputs for these inputs. */
  Map<String, Value> run(Map<String, Value> inputs) throws GraphException {
    try (Prepared prepared = prepare(inputs);
        OrtSession.Result outputs = session.run(prepared.tensors)) {
      Map<String, Value> results = new LinkedHashMap<>();
      for (Map.Entry<String, OnnxValue> output : outputs) {
        if (output.getValue() instanceof OnnxTensor tensor) {
          results.put(output.getKey(), value(output.getKey(), tensor));
        }
      }
      return results;
    } catch (OrtException e) {
      throw new GraphException("the graph does not run: " + reason(e), e);
    }
  }

  /** Inputs in native memory, for passes that are timed. */
  final class Prepared implements AutoCloseable {
    private final Map<String, OnnxTensor> tensors = new HashMap<>();

    /** Milliseconds of one pass. */
    double time() throws GraphException {
      return time(System::nanoTime);
    }

    /**
     * Milliseconds of the processor for one pass of a session of one thread, which is the calling
     * one; what else the machine does hardly shows in them.
     */
    double processorTime() throws GraphException {
      return time(ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime);
    }

    private double time(LongSupplier nanoseconds) throws GraphException {
      long start = nanoseconds.getAsLong();
      try (OrtSession.Result outputs = session.run(tensors)) {
        return outputs.size() == 0 ? 0 : (nanoseconds.getAsLong() - start) / 1e6;
      } catch (OrtException e) {
        throw new GraphException("the graph does not run: " + reason(e), e);
      }
    }

    @Override
    public void close() {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /** Inputs to be used more than once. */
  Prepared prepare(Map<String, Value> inputs) throws GraphException {
    Prepared prepared = new Prepared();
    try {
      for (Map.Entry<String, Value> input : inputs.entrySet()) {
        NodeInfo info = session.getInputInfo().get(input.getKey());
        if (info == null) {
          throw new GraphException("the graph has no input '%s'".formatted(input.getKey()));
        }
        OnnxJavaType type = ((TensorInfo) info.getInfo()).type;
        prepared.tensors.put(input.getKey(), tensor(input.getValue(), type));
      }
      return prepared;
    } catch (OrtException e) {
      prepared.close();
      throw new GraphException("the graph does not take its inputs: " + reason(e), e);
    }
  }

  private OnnxTensor tensor(Value value, OnnxJavaType type) throws OrtException {
    float[] values = value.values;
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(values.length * bytes(type)).order(ByteOrder.nativeOrder());
    for (float v : values) {
      switch (type) {
        case UINT8, INT8, BOOL -> bytes.put((byte) Math.round(v));
        case FLOAT16 -> bytes.putShort(HalfFloat.of(v));
        case INT32 -> bytes.putInt(Math.round(v));
        case INT64 -> bytes.putLong(Math.round(v));
        default -> bytes.putFloat(v);
      }
    }
    return OnnxTensor.createTensor(environment, bytes.flip(), value.shape, type);
  }

  private static int bytes(OnnxJavaType type) {
    return type == OnnxJavaType.INT64 ? Long.BYTES : Float.BYTES;
  }

  private static Value value(String name, OnnxTensor tensor) throws GraphException {
    TensorInfo info = tensor.getInfo();
    float[] values = new float[(int) info.getNumElements()];
    switch (info.type) {
      case UINT8, BOOL -> {
        ByteBuffer bytes = tensor.getByteBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = bytes.get(i) & 0xFF;
        }
      }
      case INT8 -> {
        ByteBuffer bytes = tensor.getByteBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = bytes.get(i);
        }
      }
      case INT32 -> {
        IntBuffer ints = tensor.getIntBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = ints.get(i);
        }
      }
      case INT64 -> {
        LongBuffer longs = tensor.getLongBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = longs.get(i);
        }
      }
      case INT16 -> {
        ShortBuffer shorts = tensor.getShortBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = shorts.get(i);
        }
      }
      case DOUBLE -> {
        DoubleBuffer doubles = tensor.getDoubleBuffer();
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) doubles.get(i);
        }
      }
      case FLOAT, FLOAT16, BFLOAT16 -> tensor.getFloatBuffer().get(values);
      default ->
          throw new GraphException(
              "the graph's '%s' is of type %s, which is not supported; cast it to float32 or int64"
                  .formatted(name, typeName(info)));
    }
    return new Value(info.getShape(), values);
  }

  /** Such as uint16. */
  private static String typeName(TensorInfo info) {
    String name = info.onnxType.name(); // ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16
    return name.substring(name.lastIndexOf('_') + 1).toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot close a session", e);
    }
  }
}
