package io.maskstream.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Values of named float32 tensors, kept on disk in the safetensors format (8 bytes with the length
 * of a JSON header, the header, the numbers in little-endian order), which other tools read too.
 * Files may hold half precision.
 */
public final class Parameters {

  /** One value. The array is shared with whoever reads it. */
  public record Value(long[] shape, float[] data) {
    public Value {
      long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
      if (size != data.length) {
        throw new IllegalArgumentException(
            "shape %s needs %d numbers, has %d"
                .formatted(Arrays.toString(shape), size, data.length));
      }
    }
  }

  /** Ends of the names of a layer's parameters. */
  private static final String WEIGHT = ".weight";

  private static final String BIAS = ".bias";

  private static final int MAX_HEADER_BYTES = 10_000_000;

  private final Map<String, Value> values;
  private final Map<String, String> metadata;

  public Parameters(Map<String, Value> values, Map<String, String> metadata) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.metadata = Map.copyOf(metadata);
  }

  /** Draws starting values; the same seed gives the same values. */
  public static Parameters initial(List<ParameterSpec> specs, long seed) {
    Map<String, Value> values = new LinkedHashMap<>();
    Random random = new Random(seed);
    for (ParameterSpec spec : specs) {
      float[] data = new float[spec.size()];
      spec.init().fill(data, random);
      values.put(spec.name(), new Value(spec.shape(), data));
    }
    return new Parameters(values, Map.of());
  }

  public Map<String, Value> values() {
    return values;
  }

  public Map<String, String> metadata() {
    return metadata;
  }

  public Value get(String name) {
    Value value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no parameter named " + name);
    }
    return value;
  }

  /** Checks that every declared parameter is there with its shape. */
  public void requireAll(List<ParameterSpec> specs) {
    for (ParameterSpec spec : specs) {
      if (!Arrays.equals(get(spec.name()).shape(), spec.shape())) {
        throw new IllegalArgumentException(
            "parameter %s must have shape %s, has %s"
                .formatted(
                    spec.name(),
                    Arrays.toString(spec.shape()),
                    Arrays.toString(get(spec.name()).shape())));
      }
    }
  }

  /** The same with the values of another set in place of those of equal name and shape. */
  public Parameters replacedBy(Parameters other) {
    Map<String, Value> merged = new LinkedHashMap<>(values);
    other.values.forEach(
        (name, value) -> {
          Value own = merged.get(name);
          if (own != null && Arrays.equals(own.shape, value.shape)) {
            merged.put(name, value);
          }
        });
    return new Parameters(merged, metadata);
  }

  /**
   * Starting values with those of an earlier network in place of them. A bias of a layer that the
   * earlier network had without one starts at zero, so that the layer still computes the same.
   */
  public Parameters continuing(Parameters earlier) {
    Map<String, Value> started = new LinkedHashMap<>(values);
    started.replaceAll(
        (name, value) -> {
          boolean gained =
              name.endsWith(BIAS)
                  && !earlier.values.containsKey(name)
                  && earlier.values.containsKey(name.replace(BIAS, WEIGHT));
          return gained ? new Value(value.shape, new float[value.data.length]) : value;
        });
    return new Parameters(started, metadata).replacedBy(earlier);
  }

  /** How many of these another set has, with the same name and shape. */
  public long shared(Parameters other) {
    return values.entrySet().stream()
        .filter(entry -> other.values.containsKey(entry.getKey()))
        .filter(entry -> Arrays.equals(other.get(entry.getKey()).shape, entry.getValue().shape))
        .count();
  }

  /** The same values with other metadata. */
  public Parameters withMetadata(Map<String, String> other) {
    return new Parameters(values, other);
  }

  /** How a file holds numbers. */
  private enum Precision {
    F32(Float.BYTES),
    F16(Short.BYTES);

    private final int bytes;

    Precision(int bytes) {
      this.bytes = bytes;
    }
  }

  /** Writes a safetensors file, replacing an old one only when the new one is whole. */
  public void write(Path file) throws IOException {
    write(file, Precision.F32);
  }

  /** Writes a file of half the size, with three significant digits of each number. */
  public void writeHalf(Path file) throws IOException {
    write(file, Precision.F16);
  }

  private void write(Path file, Precision precision) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try (OutputStream out = Files.newOutputStream(partial)) {
      byte[] header = header(precision);
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      out.write(length.putLong(header.length).array());
      out.write(header);
      for (Value value : values.values()) {
        ByteBuffer bytes =
            ByteBuffer.allocate(value.data.length * precision.bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : value.data) {
          var unused =
              precision == Precision.F16
                  ? bytes.putShort(HalfFloat.of(number))
                  : bytes.putFloat(number);
        }
        out.write(bytes.array());
      }
    }
    Files.move(
        partial,
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private byte[] header(Precision precision) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    ObjectNode meta = root.putObject("__metadata__");
    new TreeMap<>(metadata).forEach(meta::put);
    long offset = 0;
    for (Map.Entry<String, Value> entry : values.entrySet()) {
      Value value = entry.getValue();
      ObjectNode node = root.putObject(entry.getKey());
      node.put("dtype", precision.name());
      Arrays.stream(value.shape).forEach(node.putArray("shape")::add);
      long end = offset + (long) value.data.length * precision.bytes;
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = mapper.writeValueAsBytes(root);
    int padding = -json.length & Long.BYTES - 1;
    return (new String(json, StandardCharsets.UTF_8) + " ".repeat(padding))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Reads a safetensors file of float32 or float16 tensors. */
  public static Parameters read(Path file) throws IOException {
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      long length = Long.reverseBytes(in.readLong());
      if (length < 2 || length > MAX_HEADER_BYTES) {
        throw new IOException(file + " is not a safetensors file: header length " + length);
      }
      byte[] header = new byte[(int) length];
      in.readFully(header);
      JsonNode root = new ObjectMapper().readTree(header);
      ByteBuffer body = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      Map<String, Value> values = new LinkedHashMap<>();
      Map<String, String> metadata = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : root.properties()) {
        if (entry.getKey().equals("__metadata__")) {
          entry
              .getValue()
              .properties()
              .forEach(pair -> metadata.put(pair.getKey(), pair.getValue().asText()));
        } else {
          values.put(entry.getKey(), value(entry.getKey(), entry.getValue(), body));
        }
      }
      return new Parameters(values, metadata);
    } catch (EOFException | JsonProcessingException e) {
      throw new IOException(file + " is truncated or not a safetensors file: no whole header", e);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s is truncated or damaged: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Value value(String name, JsonNode node, ByteBuffer body) {
    String type = node.path("dtype").asText();
    boolean half = type.equals(Precision.F16.name());
    if (!half && !type.equals(Precision.F32.name())) {
      throw new IllegalArgumentException("tensor " + name + " must be F32 or F16, is " + type);
    }
    long[] shape = new long[node.path("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = node.path("shape").get(i).asLong();
    }
    long start = node.path("data_offsets").path(0).asLong(-1);
    long end = node.path("data_offsets").path(1).asLong(-1);
    if (start < 0 || end < start || end > body.capacity()) {
      throw new IllegalArgumentException(
          "tensor %s must lie in the %d bytes behind the header, its bytes are %d to %d"
              .formatted(name, body.capacity(), start, end));
    }
    int length = (int) (end - start);
    ByteBuffer numbers = body.slice((int) start, length).order(ByteOrder.LITTLE_ENDIAN);
    float[] data = new float[length / (half ? Short.BYTES : Float.BYTES)];
    for (int i = 0; i < data.length; i++) {
      data[i] = half ? HalfFloat.toFloat(numbers.getShort()) : numbers.getFloat();
    }
    return new Value(shape, data);
  }
}
