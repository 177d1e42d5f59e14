package io.maskstream.topic;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import java.time.Instant;
import java.util.ArrayList;
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

  /** Bits of a number within its block. */
  private static final int BLOCK_BITS = 10;

  private static final int BLOCK = 1 << BLOCK_BITS;

  private static final int COUNT_MASK = 3;

  /** Frames of one connection, in blocks: whoever writes a number may write any. */
  private static final class Epoch {
    final TreeMap<Long, byte[]> blocks = new TreeMap<>();
    long first = Long.MAX_VALUE;
    long last = -1;

    byte[] see(long sequence) {
      first = Math.min(first, sequence);
      last = Math.max(last, sequence);
      return blocks.computeIfAbsent(sequence >> BLOCK_BITS, number -> new byte[BLOCK]);
    }

    void count(long sequence, Outcome outcome) {
      byte[] counts = see(sequence);
      int at = (int) (sequence & (BLOCK - 1));
      if (of(counts[at], outcome) < COUNT_MASK) {
        counts[at] += (byte) (1 << outcome.shift);
      }
    }
  }

  private static int of(byte counts, Outcome outcome) {
    return counts >> outcome.shift & COUNT_MASK;
  }

  /** Sums over the frames of a camera. */
  private static final class Sums {
    long read;
    long segmented;
    long dead;
    long none;
    long several;
    final List<String> examples = new ArrayList<>();

    void add(long epoch, long sequence, byte counts) {
      read = plus(read, 1);
      segmented += of(counts, Outcome.SEGMENTED);
      dead += of(counts, Outcome.DEAD_LETTER);
      int outcomes =
          of(counts, Outcome.SEGMENTED)
              + of(counts, Outcome.DROPPED)
              + of(counts, Outcome.DEAD_LETTER);
      none = plus(none, outcomes == 0 ? 1 : 0);
      several += outcomes > 1 ? 1 : 0;
      if (outcomes != 1) {
        show(epoch, sequence, outcomes == 0 ? " none" : " several");
      }
    }

    /** Numbers of which there is no record at all. */
    void addMissing(long epoch, long from, long to) {
      long count = Math.max(0, to - from);
      read = plus(read, count);
      none = plus(none, count);
      for (long n = from; n < to && examples.size() < MAX_EXAMPLES; n++) {
        show(epoch, n, " none");
      }
    }

    /** Not beyond the largest number. */
    private static long plus(long sum, long count) {
      return count > Long.MAX_VALUE - sum ? Long.MAX_VALUE : sum + count;
    }

    private void show(long epoch, long sequence, String what) {
      if (examples.size() < MAX_EXAMPLES) {
        examples.add(epoch + "/" + sequence + what);
      }
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
    if (!from.isBefore(to)) {
      throw new IllegalArgumentException("no frame is from %s to %s".formatted(from, to));
    }
    this.fromMicros = Micros.of(from);
    this.toMicros = Micros.of(to);
  }

  private boolean outside(FrameId frame) {
    return frame.captureMicros() < fromMicros || frame.captureMicros() > toMicros;
  }

  private Camera camera(String id) {
    return cameras.computeIfAbsent(id, key -> new Camera());
  }

  private Epoch epoch(FrameId frame) {
    return camera(frame.camera()).epochs.computeIfAbsent(frame.epoch(), number -> new Epoch());
  }

  /** A frame is in the frames topic. */
  public void published(FrameId frame) {
    if (!outside(frame)) {
      var unused = epoch(frame).see(frame.sequence());
    }
  }

  /** A frame was segmented or is in the dead letters. */
  public void outcome(FrameId frame, Outcome outcome) {
    if (!outside(frame)) {
      epoch(frame).count(frame.sequence(), outcome);
    }
  }

  /** A frame was dropped. */
  public void dropped(DropRecord drop) {
    FrameId frame = drop.frame();
    if (!outside(frame)) {
      epoch(frame).count(frame.sequence(), Outcome.DROPPED);
      camera(frame.camera()).drops.merge(drop.reason().label(), 1L, Long::sum);
    }
  }

  /**
   * Frames that nobody knows any more.
   *
   * @param timeMicros of the first frame after them
   */
  public void expired(ExpiredRange range, long timeMicros) {
    if (timeMicros >= fromMicros && timeMicros <= toMicros) {
      expired += range.count();
    }
  }

  /** Records that retention took away before they were read, of cameras that are not known. */
  public long expired() {
    return expired;
  }

  /** Frames that have no outcome, beyond as many as retention took away before they were read. */
  public long unexplained() {
    double none = results().values().stream().mapToDouble(CameraResult::none).sum();
    return (long) Math.max(0, none - expired);
  }

  /** The result for each camera. */
  public Map<String, CameraResult> results() {
    Map<String, CameraResult> results = new LinkedHashMap<>();
    cameras.forEach((id, camera) -> results.put(id, result(camera)));
    return results;
  }

  private CameraResult result(Camera camera) {
    Sums sums = new Sums();
    camera.epochs.forEach((number, epoch) -> add(sums, number, epoch));
    return new CameraResult(
        sums.read,
        sums.segmented,
        Map.copyOf(camera.drops),
        sums.dead,
        sums.none,
        sums.several,
        List.copyOf(sums.examples));
  }

  private void add(Sums sums, long number, Epoch epoch) {
    boolean whole = TimeUnit.MILLISECONDS.toMicros(number) >= fromMicros;
    long next = whole ? 0 : epoch.first;
    for (Map.Entry<Long, byte[]> block : epoch.blocks.entrySet()) {
      long start = block.getKey() << BLOCK_BITS;
      sums.addMissing(number, next, start);
      int from = (int) Math.max(0, next - start);
      int to = (int) Math.min(BLOCK - 1L, epoch.last - start);
      for (int i = from; i <= to; i++) {
        sums.add(number, start + i, block.getValue()[i]);
      }
      next = start + to + 1;
    }
  }
}
