package io.maskstream.topic;

import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.CameraMemory.FrameFacts;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.PrototypeBank;
import io.maskstream.prototype.SceneSignature;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A camera's memory as bytes: version, frame facts, bank, dense memory where there is one;
 * big-endian. A version of another number is refused, and the camera starts cold.
 */
public final class CameraMemorySerde {
  private static final Logger log = LoggerFactory.getLogger(CameraMemorySerde.class);

  private static final byte VERSION = 3;

  /** Version, four longs, four ints and the length of the model's name. */
  private static final int FIXED_BYTES = 1 + 4 * Long.BYTES + 4 * Integer.BYTES + Short.BYTES;

  private static final int SIGNATURE_CELLS = SceneSignature.COLUMNS * SceneSignature.ROWS;

  private CameraMemorySerde() {}

  public static Serde<CameraMemory> serde() {
    return Serdes.serdeFrom(
        (topic, memory) -> memory == null ? null : write(memory),
        (topic, data) -> data == null ? null : read(data));
  }

  static byte[] write(CameraMemory memory) {
    PrototypeBank bank = memory.bank();
    FrameFacts last = memory.last();
    byte[] model = last.model().getBytes(StandardCharsets.UTF_8);
    int floats = SIGNATURE_CELLS + bank.prototypes() * bank.features() + bank.prototypes();
    int dense = Byte.BYTES + memory.dense().map(CameraMemorySerde::size).orElse(0);
    ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + model.length + floats * Float.BYTES + dense);
    out.put(VERSION);
    out.putLong(last.epoch()).putLong(last.captureMicros()).putLong(last.intervalMicros());
    out.putLong(bank.frames());
    out.putInt(last.width()).putInt(last.height());
    out.putInt(bank.prototypes()).putInt(bank.features());
    out.putShort((short) model.length).put(model);
    put(out, last.signature().cells());
    put(out, bank.vectors());
    put(out, bank.mass());
    out.put((byte) (memory.dense().isPresent() ? 1 : 0));
    memory.dense().ifPresent(kept -> put(out, kept));
    return out.array();
  }

  private static int size(DenseMemory dense) {
    return 3 * Integer.BYTES + dense.probabilities().length + dense.luma().values().length;
  }

  private static void put(ByteBuffer out, DenseMemory dense) {
    out.putInt(dense.classes()).putInt(dense.rows()).putInt(dense.columns());
    out.put(dense.probabilities()).put(dense.luma().values());
  }

  private static DenseMemory dense(ByteBuffer in) {
    int classes = in.getInt();
    int rows = in.getInt();
    int columns = in.getInt();
    long pixels = (long) rows * columns;
    byte[] probabilities = bytes(in, classes * pixels);
    int scale = DenseMemory.LUMA_SCALE;
    byte[] luma = bytes(in, (long) scale * scale * pixels);
    return new DenseMemory(
        classes, rows, columns, probabilities, new Luma(scale * columns, scale * rows, luma));
  }

  private static void put(ByteBuffer out, float[] values) {
    for (float value : values) {
      out.putFloat(value);
    }
  }

  static @Nullable CameraMemory read(byte[] data) {
    try {
      ByteBuffer in = ByteBuffer.wrap(data);
      byte version = in.get();
      if (version != VERSION) {
        log.warn("prototype bank of format {}, this program reads {}", version, VERSION);
        return null;
      }
      long epoch = in.getLong();
      long capture = in.getLong();
      long interval = in.getLong();
      long frames = in.getLong();
      int width = in.getInt();
      int height = in.getInt();
      int prototypes = in.getInt();
      int features = in.getInt();
      byte[] model = bytes(in, in.getShort());
      SceneSignature signature = new SceneSignature(floats(in, SIGNATURE_CELLS));
      float[] vectors = floats(in, (long) prototypes * features);
      float[] mass = floats(in, prototypes);
      Optional<DenseMemory> dense = in.get() == 0 ? Optional.empty() : Optional.of(dense(in));
      return new CameraMemory(
          new PrototypeBank(prototypes, features, vectors, mass, frames),
          new FrameFacts(
              epoch,
              capture,
              interval,
              width,
              height,
              new String(model, StandardCharsets.UTF_8),
              signature),
          dense);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new SerializationException(
          "prototype bank of " + data.length + " bytes is damaged or cut short", e);
    }
  }

  /** How many numbers of some bytes each are to be read; damaged ones must not take memory. */
  private static int room(ByteBuffer in, long count, int bytes) {
    if (count < 0 || count > in.remaining() / bytes) {
      throw new BufferUnderflowException();
    }
    return (int) count;
  }

  private static byte[] bytes(ByteBuffer in, long count) {
    byte[] values = new byte[room(in, count, Byte.BYTES)];
    in.get(values);
    return values;
  }

  private static float[] floats(ByteBuffer in, long count) {
    float[] values = new float[room(in, count, Float.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.getFloat();
    }
    return values;
  }
}
