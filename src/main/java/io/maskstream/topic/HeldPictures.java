package io.maskstream.topic;

import io.maskstream.config.Checks;
import io.maskstream.frame.FrameId;
import io.maskstream.topic.DropRecord.Reason;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Encoded pictures that never go to Kafka: each waits in this process until its worker reads the
 * frame's record. What waits of a camera is bounded in bytes, and the oldest goes first. Only who
 * reads a frame's record knows that nobody else gives it an outcome, so a picture that had to go is
 * no drop yet; {@link #missing} gives the reason when its record is read. Used by all threads.
 */
public final class HeldPictures {

  /** Of a camera: frames whose pictures had to go, until their records are read. */
  private static final int MOST_DISPLACED = 10_000;

  private final long bytesPerCamera;
  private final Map<String, Waiting> cameras = new HashMap<>();

  /** What is known of a camera. */
  private static final class Waiting {
    final Map<FrameId, byte[]> pictures = new LinkedHashMap<>();
    final Set<FrameId> displaced = new LinkedHashSet<>();
    long bytes;

    Optional<byte[]> remove(FrameId frame) {
      Optional<byte[]> found = Optional.ofNullable(pictures.remove(frame));
      found.ifPresent(picture -> bytes -= picture.length);
      return found;
    }

    void displaceOldest() {
      Iterator<Map.Entry<FrameId, byte[]>> oldest = pictures.entrySet().iterator();
      Map.Entry<FrameId, byte[]> entry = oldest.next();
      oldest.remove();
      bytes -= entry.getValue().length;
      displaced.add(entry.getKey());
      if (displaced.size() > MOST_DISPLACED) {
        Iterator<FrameId> first = displaced.iterator();
        first.next();
        first.remove();
      }
    }
  }

  /** Holds nothing yet. */
  public HeldPictures(long bytesPerCamera) {
    Checks.require(bytesPerCamera > 0, "bytesPerCamera must be above 0, is " + bytesPerCamera);
    this.bytesPerCamera = bytesPerCamera;
  }

  /**
   * Holds the picture of a frame whose record is about to be sent.
   *
   * @param picture shared, not copied
   */
  public synchronized void put(FrameId frame, byte[] picture) {
    Waiting waiting = cameras.computeIfAbsent(frame.camera(), id -> new Waiting());
    waiting.remove(frame);
    waiting.pictures.put(frame, picture);
    waiting.bytes += picture.length;
    while (waiting.bytes > bytesPerCamera) {
      waiting.displaceOldest();
    }
  }

  /** Gives a picture to who has read the frame's record; it is held no more. */
  public synchronized Optional<byte[]> take(FrameId frame) {
    Waiting waiting = cameras.get(frame.camera());
    return waiting == null ? Optional.empty() : waiting.remove(frame);
  }

  /** A frame has an outcome without its record: it is not sent. */
  public synchronized void remove(FrameId frame) {
    Waiting waiting = cameras.get(frame.camera());
    if (waiting != null) {
      waiting.remove(frame);
      waiting.displaced.remove(frame);
    }
  }

  /** Why a picture cannot be taken. Asked once for each frame. */
  public synchronized Reason missing(FrameId frame) {
    Waiting waiting = cameras.get(frame.camera());
    return waiting != null && waiting.displaced.remove(frame)
        ? Reason.HOLD_FULL
        : Reason.PICTURE_GONE;
  }

  /** A camera has gone for good. */
  public synchronized void forget(String camera) {
    cameras.remove(camera);
  }

  /** Bytes of all pictures that wait. */
  public synchronized long bytes() {
    return cameras.values().stream().mapToLong(waiting -> waiting.bytes).sum();
  }
}
