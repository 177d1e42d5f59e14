package io.maskstream.client;

import io.maskstream.frame.FrameId;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Outcomes of frames, and which frames came before. Used by one thread.
 *
 * <p>The last {@value #WINDOW} frames of a connection are remembered, and the last {@value #EPOCHS}
 * connections of a camera; a frame from before is taken for a repeated one.
 */
public final class FrameAccount {
  private static final int WINDOW = 4_096;
  private static final int EPOCHS = 8;

  /**
   * Frames of a camera.
   *
   * @param repeated records of frames that had an outcome
   * @param missing numbers between a connection's first and last frame that have no outcome so far
   */
  public record Counts(long segmented, long dropped, long repeated, long missing) {}

  private static final class Epoch {
    private final LinkedHashSet<Long> recent = new LinkedHashSet<>();
    private long lowest = Long.MAX_VALUE;
    private long highest = -1;
    private long frames;

    boolean add(long sequence) {
      if (sequence <= highest - WINDOW || !recent.add(sequence)) {
        return false;
      }
      frames++;
      lowest = Math.min(lowest, sequence);
      highest = Math.max(highest, sequence);
      if (recent.size() > WINDOW) {
        recent.remove(recent.iterator().next());
      }
      return true;
    }

    long missing() {
      return highest - lowest + 1 - frames;
    }
  }

  private static final class Camera {
    private final TreeMap<Long, Epoch> epochs = new TreeMap<>();
    private long segmented;
    private long dropped;
    private long repeated;
    private long missing;

    boolean add(FrameId frame) {
      boolean first = frame.sequence() >= 0 && isFirst(frame);
      repeated += first ? 0 : 1;
      return first;
    }

    private boolean isFirst(FrameId frame) {
      if (!epochs.containsKey(frame.epoch()) && epochs.size() == EPOCHS) {
        if (frame.epoch() < epochs.firstKey()) {
          return false;
        }
        missing += epochs.pollFirstEntry().getValue().missing();
      }
      return epochs.computeIfAbsent(frame.epoch(), number -> new Epoch()).add(frame.sequence());
    }

    Counts counts() {
      long open = epochs.values().stream().mapToLong(Epoch::missing).sum();
      return new Counts(segmented, dropped, repeated, missing + open);
    }
  }

  private final Map<String, Camera> cameras = new TreeMap<>();

  /** A frame was segmented; whether that is its first outcome. */
  public boolean segmented(FrameId frame) {
    Camera camera = camera(frame);
    boolean first = camera.add(frame);
    camera.segmented += first ? 1 : 0;
    return first;
  }

  /** A frame was dropped; whether that is its first outcome. */
  public boolean dropped(FrameId frame) {
    Camera camera = camera(frame);
    boolean first = camera.add(frame);
    camera.dropped += first ? 1 : 0;
    return first;
  }

  private Camera camera(FrameId frame) {
    return cameras.computeIfAbsent(frame.camera(), id -> new Camera());
  }

  /** Counts by camera. */
  public Map<String, Counts> counts() {
    return cameras.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().counts()));
  }
}
