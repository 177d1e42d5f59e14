package io.maskstream.topic;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Checks the accounting rule: every frame that was read has exactly one outcome. A frame that left
 * no record at all is found by its number, because the numbers of a connection have no gaps. Used
 * by one thread.
 */
public final class FrameAudit {

  /** What can become of a frame. */
  public enum Outcome {
    SEGMENTED(0),
    DROPPED(2),
    DEAD_LETTER(4);

    /** Where its count, two bits that stop at 3, lies in a frame's byte. */
    private final int shift;

    Outcome(int shift) {
      this.shift = shift;
    }
  }

  /**
   * Result for one camera.
   *
   * @param read frames that were read: all numbers of its connections
   * @param drops by reason
   * @param none frames without an outcome
   * @param several frames with more than one outcome
   * @param examples some of those, as epoch/sequence
   */
  public record CameraResult(
      long read,
      long segmented,
      Map<String, Long> drops,
      long deadLetters,
      long none,
      long several,
      List<String> examples) {}

  private static final int MAX_EXAMPLES = 20;
  private static final int FIRST_LENGTH = 1_024;

  private static final int COUNT_MASK = 3;

  /** Frames of one connection. */
  private static final class Epoch {
    byte[] counts = new byte[FIRST_LENGTH];
    long first = Long.MAX_VALUE;
    long last = -1;

    void see(long sequence) {
      first = Math.min(first, sequence);
      last = Math.max(last, sequence);
      if (sequence >= counts.length) {
        long doubled = Math.max(2L * counts.length, sequence + 1);
        counts = Arrays.copyOf(counts, Math.toIntExact(Math.min(doubled, Integer.MAX_VALUE - 8)));
      }
    }

    void count(long sequence, Outcome outcome) {
      if (of(sequence, outcome) < COUNT_MASK) {
        counts[(int) sequence] += (byte) (1 << outcome.shift);
      }
    }

    int of(long sequence, Outcome outcome) {
      return counts[(int) sequence] >> outcome.shift & COUNT_MASK;
    }
  }

  private static final class Camera {
    final Map<Long, Epoch> epochs = new TreeMap<>();
    final Map<String, Long> drops = new TreeMap<>();
  }

  private final long fromMicros;
  private final long toMicros;
  private final Map<String, Camera> cameras = new TreeMap<>();
  private long expired;

  /** An audit of the frames that were captured in a span of time. */
  public FrameAudit(Instant from, Instant to) {
    this.fromMicros = Micros.of(from);
    this.toMicros = Micros.of(to);
  }

  private boolean outside(FrameId frame) {
    return frame.captureMicros() < fromMicros || frame.captureMicros() > toMicros;
  }

  private Camera camera(String id) {
    return cameras.computeIfAbsent(id, key -> new Camera());
  }

  private Epoch see(FrameId frame) {
    Epoch epoch =
        camera(frame.camera()).epochs.computeIfAbsent(frame.epoch(), number -> new Epoch());
    epoch.see(frame.sequence());
    return epoch;
  }

  /** A frame is in the frames topic. */
  public void published(FrameId frame) {
    if (!outside(frame)) {
      see(frame);
    }
  }

  /** A frame was segmented or is in the dead letters. */
  public void outcome(FrameId frame, Outcome outcome) {
    if (!outside(frame)) {
      see(frame).count(frame.sequence(), outcome);
    }
  }

  /** A frame was dropped. */
  public void dropped(DropRecord drop) {
    FrameId frame = drop.frame();
    if (!outside(frame)) {
      see(frame).count(frame.sequence(), Outcome.DROPPED);
      camera(frame.camera()).drops.merge(drop.reason().label(), 1L, Long::sum);
    }
  }

  /** Frames that nobody knows any more. */
  public void expired(ExpiredRange range) {
    expired += range.count();
  }

  /** Records that retention took away before they were read, of cameras that are not known. */
  public long expired() {
    return expired;
  }

  /** Frames that have no outcome, beyond as many as retention took away before they were read. */
  public long unexplained() {
    long none = results().values().stream().mapToLong(CameraResult::none).sum();
    return Math.max(0, none - expired);
  }

  /** The result for each camera. */
  public Map<String, CameraResult> results() {
    Map<String, CameraResult> results = new LinkedHashMap<>();
    cameras.forEach((id, camera) -> results.put(id, result(camera)));
    return results;
  }

  private CameraResult result(Camera camera) {
    long read = 0;
    long segmented = 0;
    long dead = 0;
    long none = 0;
    long several = 0;
    List<String> examples = new ArrayList<>();
    for (Map.Entry<Long, Epoch> entry : camera.epochs.entrySet()) {
      Epoch epoch = entry.getValue();
      boolean whole = TimeUnit.MILLISECONDS.toMicros(entry.getKey()) >= fromMicros;
      for (long n = whole ? 0 : epoch.first; n <= epoch.last; n++) {
        read++;
        segmented += epoch.of(n, Outcome.SEGMENTED);
        dead += epoch.of(n, Outcome.DEAD_LETTER);
        int outcomes =
            epoch.of(n, Outcome.SEGMENTED)
                + epoch.of(n, Outcome.DROPPED)
                + epoch.of(n, Outcome.DEAD_LETTER);
        none += outcomes == 0 ? 1 : 0;
        several += outcomes > 1 ? 1 : 0;
        if (outcomes != 1 && examples.size() < MAX_EXAMPLES) {
          examples.add(entry.getKey() + "/" + n + (outcomes == 0 ? " none" : " several"));
        }
      }
    }
    return new CameraResult(
        read, segmented, Map.copyOf(camera.drops), dead, none, several, List.copyOf(examples));
  }
}
