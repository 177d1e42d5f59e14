package io.maskstream.viewer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the page knows of a camera: its newest frame, and figures over the last minutes. */
final class CameraState {

  /** Frames that the rate is taken from. */
  private static final int RATE_FRAMES = 60;

  private static final double RATE_SECONDS = 5;

  /** Seconds of history. */
  private static final int HISTORY = 300;

  /** Shares of the classes at a second; the list is in the order of the class table. */
  record Second(long time, List<Double> shares) {}

  /**
   * What the page shows beside the picture.
   *
   * @param age seconds since the frame was captured
   */
  record View(
      String camera,
      String id,
      int width,
      int height,
      double fps,
      double latencyMillis,
      double age,
      long drops,
      String policy,
      long framesSinceReset,
      double agreement,
      long resets,
      String lastReset,
      String model,
      String classTable,
      Map<String, Double> shares) {}

  private final Deque<Long> arrivals = new ArrayDeque<>();
  private final Deque<Second> history = new ArrayDeque<>();
  private final String camera;
  private @Nullable MaskedFrame latest;
  private long drops;
  private long resets;
  private String lastReset = "";

  CameraState(String camera) {
    this.camera = camera;
  }

  synchronized void add(MaskedFrame frame, long nowMillis) {
    latest = frame;
    arrivals.addLast(nowMillis);
    if (arrivals.size() > RATE_FRAMES) {
      arrivals.removeFirst();
    }
    String reason = frame.record().getReuse().getResetReason();
    if (!reason.isEmpty()) {
      resets++;
      lastReset = reason;
    }
    long second = frame.record().getCaptureMicros() / 1_000_000;
    if (history.isEmpty() || history.getLast().time() < second) {
      history.addLast(new Second(second, new ArrayList<>(shares(frame).values())));
      if (history.size() > HISTORY) {
        history.removeFirst();
      }
    }
  }

  synchronized void addDrop() {
    drops++;
  }

  synchronized @Nullable MaskedFrame latest() {
    return latest;
  }

  synchronized List<Second> history() {
    return List.copyOf(history);
  }

  private double fps(long nowMillis) {
    long since = nowMillis - (long) (1_000 * RATE_SECONDS);
    long recent = arrivals.stream().filter(time -> time >= since).count();
    Long first = arrivals.peekFirst();
    if (first == null || recent == 0) {
      return 0;
    }
    double seconds = Math.max(0.5, (nowMillis - Math.max(first, since)) / 1e3);
    return recent / seconds;
  }

  /** What to show, or null before the first frame. */
  synchronized @Nullable View view(long nowMillis) {
    if (latest == null) {
      return null;
    }
    var record = latest.record();
    return new View(
        camera,
        record.getEpoch() + "-" + record.getSequence(),
        latest.mask().width(),
        latest.mask().height(),
        fps(nowMillis),
        record.getTimings().getTotalMicros() / 1e3,
        Math.max(0, nowMillis / 1e3 - record.getCaptureMicros() / 1e6),
        drops,
        record.getReuse().getPolicy(),
        record.getReuse().getFramesSinceReset(),
        record.getReuse().getAgreement(),
        resets,
        lastReset,
        record.getModel() + " " + record.getModelVersion(),
        latest.table().id(),
        shares(latest));
  }

  private static Map<String, Double> shares(MaskedFrame frame) {
    double total = (double) frame.mask().width() * frame.mask().height();
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int k = 0; k < frame.table().size(); k++) {
      shares.put(frame.table().name(k), frame.record().getClasses(k).getPixels() / total);
    }
    return shares;
  }
}
