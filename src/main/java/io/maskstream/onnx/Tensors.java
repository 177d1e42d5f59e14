package io.maskstream.onnx;

import com.google.protobuf.ByteString;
import io.maskstream.network.HalfFloat;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Numbers in and out of the wire format's tensors. */
final class Tensors {

  private Tensors() {}

  /** Values of a tensor of floats of any precision. */
  static float[] floats(TensorProto tensor) throws GraphException {
    int count = count(tensor);
    float[] values = new float[count];
    ByteBuffer raw = raw(tensor);
    boolean packed = tensor.getRawData().isEmpty();
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type(tensor)) {
            case FLOAT -> packed ? tensor.getFloatData(i) : raw.getFloat();
            case FLOAT16 ->
                HalfFloat.toFloat(packed ? (short) tensor.getInt32Data(i) : raw.getShort());
            case DOUBLE -> (float) raw.getDouble();
            default ->
                throw new GraphException("the weight %s is no float".formatted(name(tensor)));
          };
    }
    return values;
  }

  /** Values of a tensor of integers. */
  static long[] longs(TensorProto tensor) throws GraphException {
    int count = count(tensor);
    long[] values = new long[count];
    ByteBuffer raw = raw(tensor);
    boolean packed = tensor.getRawData().isEmpty();
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (type(tensor)) {
            case INT64 -> packed ? tensor.getInt64Data(i) : raw.getLong();
            case INT32 -> packed ? tensor.getInt32Data(i) : raw.getInt();
            default ->
                throw new GraphException("the constant %s is no integer".formatted(name(tensor)));
          };
    }
    return values;
  }

  /** A tensor of 64-bit integers; no length is a list. */
  static TensorProto ofLongs(String name, long... values) {
    ByteBuffer bytes = buffer(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return of(name, DataType.INT64, bytes, values.length);
  }

  /** A tensor of 32-bit floats; no shape is a scalar. */
  static TensorProto ofFloats(String name, float[] values, long... shape) {
    ByteBuffer bytes = buffer(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return of(name, DataType.FLOAT, bytes, shape);
  }

  static TensorProto of(String name, DataType type, ByteBuffer bytes, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setRawData(ByteString.copyFrom(bytes.rewind()));
    Arrays.stream(shape).forEach(tensor::addDims);
    return tensor.build();
  }

  /** A buffer in the wire format's order. */
  static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int count(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
  }

  private static ByteBuffer raw(TensorProto tensor) {
    return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static DataType type(TensorProto tensor) {
    DataType type = DataType.forNumber(tensor.getDataType());
    return type == null ? DataType.UNDEFINED : type;
  }

  private static String name(TensorProto tensor) {
    return "%s of type %d".formatted(tensor.getName(), tensor.getDataType());
  }
}
