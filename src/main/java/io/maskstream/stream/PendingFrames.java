package io.maskstream.stream;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The frames of a camera that were read and have no outcome yet: the one in its mailbox, the one in
 * work. Committed together with offsets and outputs, so that a task's next owner knows which frames
 * went with the last one.
 */
record PendingFrames(List<Frame> frames) {

  /** A frame's identity within its camera. */
  record Frame(long epoch, long sequence, long captureMicros) {
    private static final int BYTES = 3 * Long.BYTES;
  }

  PendingFrames {
    frames = List.copyOf(frames);
  }

  static Serde<PendingFrames> serde() {
    return Serdes.serdeFrom(
        (topic, pending) -> pending == null ? null : write(pending),
        (topic, data) -> data == null ? null : read(data));
  }

  private static byte[] write(PendingFrames pending) {
    ByteBuffer out = ByteBuffer.allocate(pending.frames().size() * Frame.BYTES);
    for (Frame frame : pending.frames()) {
      out.putLong(frame.epoch()).putLong(frame.sequence()).putLong(frame.captureMicros());
    }
    return out.array();
  }

  private static PendingFrames read(byte[] data) {
    try {
      ByteBuffer in = ByteBuffer.wrap(data);
      List<Frame> frames = new ArrayList<>();
      while (in.hasRemaining()) {
        frames.add(new Frame(in.getLong(), in.getLong(), in.getLong()));
      }
      return new PendingFrames(frames);
    } catch (BufferUnderflowException e) {
      throw new SerializationException("pending frames cut short at " + data.length + " bytes", e);
    }
  }
}
