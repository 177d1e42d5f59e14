package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
record PendingFrames(List<FrameId> frames) {

  PendingFrames {
    frames = List.copyOf(frames);
  }

  static Serde<PendingFrames> serde() {
    return Serdes.serdeFrom(
        (topic, pending) -> pending == null ? null : write(pending),
        (topic, data) -> data == null ? null : read(data));
  }

  private static byte[] write(PendingFrames pending) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (FrameId frame : pending.frames()) {
        out.writeUTF(frame.camera());
        out.writeLong(frame.epoch());
        out.writeLong(frame.sequence());
        out.writeLong(frame.captureMicros());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static PendingFrames read(byte[] data) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(data))) {
      List<FrameId> frames = new ArrayList<>();
      while (in.available() > 0) {
        frames.add(new FrameId(in.readUTF(), in.readLong(), in.readLong(), in.readLong()));
      }
      return new PendingFrames(frames);
    } catch (IOException e) {
      throw new SerializationException("pending frames cut short at " + data.length + " bytes", e);
    }
  }
}
