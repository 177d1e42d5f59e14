package io.maskstream.app.bench;

import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.evaluation.FlipCounter;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What is measured of open-loop streams. Streaming accuracy is after Li et al., "Towards Streaming
 * Perception" (ECCV 2020): at the time of each frame, the mask that is available is compared with
 * that frame's ground truth, so latency costs accuracy.
 */
final class StreamMeasures {
  private static final long MAX_MICROS = 60_000_000;

  private final Histogram latency = new Histogram(MAX_MICROS, 3);
  private final ConfusionMatrix streaming;
  private final FlipCounter flips;
  private final Map<String, Mask> available = new HashMap<>();
  private final Map<String, Shown> shown = new HashMap<>();
  private final Set<FrameId> sent = new HashSet<>();
  private final Set<FrameId> masked = new HashSet<>();
  private final Set<FrameId> dropped = new HashSet<>();
  private long doubled;
  private long bytes;
  private long propagated;
  private boolean counting;

  /** What a consumer had at the time of a frame. */
  private record Shown(Mask groundTruth, Mask mask) {}

  StreamMeasures(int classes) {
    this.streaming = new ConfusionMatrix(classes);
    this.flips = new FlipCounter(classes);
  }

  /** From now on what is sent counts. */
  synchronized void count(boolean whether) {
    counting = whether;
  }

  /**
   * A frame goes to Kafka.
   *
   * @param groundTruth of the frame, where accuracy is taken on it
   */
  synchronized void sent(FrameId frame, @Nullable Mask groundTruth) {
    if (!counting) {
      return;
    }
    sent.add(frame);
    Mask mask = available.get(frame.camera());
    if (mask != null && groundTruth != null) {
      Shown now = new Shown(groundTruth, mask.scaled(groundTruth.width(), groundTruth.height()));
      streaming.add(groundTruth, now.mask());
      Shown before = shown.put(frame.camera(), now);
      if (before != null) {
        flips.add(before.groundTruth(), groundTruth, before.mask(), now.mask());
      }
    }
  }

  /**
   * A mask that has come back.
   *
   * @param propagated whether the frame had no forward pass
   * @param recordBytes of the record it came in
   */
  record Result(FrameId frame, Mask mask, boolean propagated, int recordBytes) {}

  /** A mask has come back. */
  synchronized void masked(Result result, long nowMicros) {
    FrameId frame = result.frame();
    available.put(frame.camera(), result.mask());
    if (!sent.contains(frame)) {
      return;
    }
    if (dropped.contains(frame) || !masked.add(frame)) {
      doubled++;
      return;
    }
    bytes += result.recordBytes();
    propagated += result.propagated() ? 1 : 0;
    latency.recordValue(Math.min(MAX_MICROS, frame.ageMicros(nowMicros)));
  }

  /** A record says that the frame has no mask. */
  synchronized void dropped(FrameId frame) {
    if (sent.contains(frame) && (masked.contains(frame) || !dropped.add(frame))) {
      doubled++;
    }
  }

  /** No camera has a mask any more: what comes from now on is new. */
  synchronized void forgetMasks() {
    available.clear();
  }

  /** Cameras of which a mask has come. */
  synchronized int camerasWithMask() {
    return available.size();
  }

  /** Whether a mask of this camera has come. */
  synchronized boolean hasMask(String camera) {
    return available.containsKey(camera);
  }

  /** All of it. */
  synchronized Map<String, Object> result() {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("frames", sent.size());
    result.put("masks", masked.size());
    result.put("missingPercent", percent(sent.size() - masked.size()));
    result.put("propagatedPercent", percent(propagated));
    result.put("unaccounted", sent.size() - masked.size() - dropped.size());
    result.put("doubled", doubled);
    result.put("maskBytesPer1000Masks", 1_000 * bytes / Math.max(1, masked.size()));
    result.put("latencyMsP50", millis(50));
    result.put("latencyMsP99", millis(99));
    result.put("latencyMsP999", millis(99.9));
    result.put("streamingMiou", BenchCommand.rounded(100 * streaming.meanIou()));
    double flipRate = flips.rate();
    if (!Double.isNaN(flipRate)) {
      result.put("streamingFlipPercent", BenchCommand.rounded(100 * flipRate));
    }
    return result;
  }

  /** Whether a live consumer would be content: p99.9 and frames without a mask. */
  synchronized boolean sustained() {
    return !masked.isEmpty() && millis(99.9) <= 250 && percent(sent.size() - masked.size()) <= 0.1;
  }

  synchronized long masks() {
    return masked.size();
  }

  private double percent(long count) {
    return BenchCommand.rounded(sent.isEmpty() ? 0 : 100.0 * count / sent.size());
  }

  private double millis(double percentile) {
    return BenchCommand.rounded(latency.getValueAtPercentile(percentile) / 1e3);
  }
}
