package io.maskstream.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.StringStringEntryProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Reads an ONNX model, together with the weights that an exporter left in files beside it. */
final class OnnxFile {

  /** Protobuf's limit of one message. */
  private static final long LARGEST = Integer.MAX_VALUE;

  private OnnxFile() {}

  /** The model with all weights inside. */
  static ModelProto read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new GraphException(file + " is a folder, it must be an ONNX file");
    }
    if (!Files.isRegularFile(file)) {
      throw new GraphException("no such file: " + file);
    }
    if (Files.size(file) > LARGEST) {
      throw new GraphException(file + " is larger than the 2 GB that one ONNX file can have");
    }
    ModelProto model = parse(file, Files.readAllBytes(file));
    if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new GraphException(file + " has no graph: it is not an ONNX model");
    }
    return withWeights(file, model);
  }

  private static ModelProto parse(Path file, byte[] bytes) throws GraphException {
    if (bytes.length > 1 && bytes[0] == 'P' && bytes[1] == 'K') {
      throw new GraphException(
          file
              + " is an archive, such as a PyTorch checkpoint, not ONNX; export the network first");
    }
    try {
      return ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new GraphException(
          "%s is truncated or not an ONNX model: it cannot be read beyond some of its %d bytes"
              .formatted(file, bytes.length),
          e);
    }
  }

  private static ModelProto withWeights(Path file, ModelProto model) throws IOException {
    ModelProto.Builder builder = model.toBuilder();
    long total = model.getSerializedSize();
    for (TensorProto.Builder tensor : builder.getGraphBuilder().getInitializerBuilderList()) {
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        byte[] data = external(file, tensor);
        total += data.length;
        if (total > LARGEST) {
          throw new GraphException(file + " has more than 2 GB of weights, which is not supported");
        }
        tensor.setRawData(ByteString.copyFrom(data));
        tensor.clearDataLocation().clearExternalData();
      }
    }
    return builder.build();
  }

  private static byte[] external(Path file, TensorProto.Builder tensor) throws IOException {
    Map<String, String> where =
        tensor.getExternalDataList().stream()
            .collect(
                Collectors.toMap(
                    StringStringEntryProto::getKey, StringStringEntryProto::getValue, (a, b) -> b));
    Path folder = Objects.requireNonNull(file.toAbsolutePath().normalize().getParent());
    Path weights = folder.resolve(where.getOrDefault("location", "")).normalize();
    if (!weights.startsWith(folder)) {
      throw new GraphException(file + " names weights outside its folder: " + weights);
    }
    if (!Files.isRegularFile(weights)) {
      throw new GraphException(
          "%s keeps its weights in %s, which is missing".formatted(file, weights.getFileName()));
    }
    try (RandomAccessFile data = new RandomAccessFile(weights.toFile(), "r")) {
      long offset = bytes(file, tensor, "offset", where.getOrDefault("offset", "0"));
      long rest = data.length() - offset;
      long length =
          where.containsKey("length")
              ? bytes(file, tensor, "length", Objects.requireNonNull(where.get("length")))
              : rest;
      if (length < 0 || length > rest || length > LARGEST) {
        throw new GraphException(
            "%s is truncated: the weight %s lies beyond its end"
                .formatted(weights, tensor.getName()));
      }
      requireFilled(file, tensor, length);
      byte[] bytes = new byte[(int) length];
      data.seek(offset);
      data.readFully(bytes);
      return bytes;
    }
  }

  private static long bytes(Path file, TensorProto.Builder tensor, String key, String value)
      throws GraphException {
    try {
      long bytes = Long.parseLong(value);
      if (bytes >= 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // said below, as for a negative number
    }
    throw new GraphException(
        "%s: the %s of the weight %s must be a number of bytes, is '%s'"
            .formatted(file, key, tensor.getName(), value));
  }

  /** Refuses bytes that are more or fewer than the shape of a weight needs. */
  private static void requireFilled(Path file, TensorProto.Builder tensor, long length)
      throws GraphException {
    DataType type = DataType.forNumber(tensor.getDataType());
    int size =
        switch (type == null ? DataType.UNDEFINED : type) {
          case FLOAT, INT32 -> Float.BYTES;
          case DOUBLE, INT64 -> Double.BYTES;
          case FLOAT16 -> Short.BYTES;
          case UINT8, INT8, BOOL -> Byte.BYTES;
          default -> 0; // of a type that is not known here
        };
    long needed = tensor.getDimsList().stream().mapToLong(dim -> dim).reduce(size, (a, b) -> a * b);
    if (size > 0 && needed != length) {
      throw new GraphException(
          "%s: the weight %s %s needs %d bytes, its file gives it %d"
              .formatted(file, tensor.getName(), tensor.getDimsList(), needed, length));
    }
  }
}
