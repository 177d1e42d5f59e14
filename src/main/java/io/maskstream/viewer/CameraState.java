package io.maskstream.viewer;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Silence;
import io.maskstream.topic.CameraReport;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jspecify.annotations.Nullable;

/** What the page knows of a camera: its newest frame, and figures over the last minutes. */
final class CameraState {

  /** Frames that the rate is taken from. */
  private static final int RATE_FRAMES = 60;

  private static final double RATE_SECONDS = 5;

  /** A picture of this age is of a camera that is silent; of a slow one later. */
  private static final Duration SILENT = Duration.ofSeconds(3);

  /** Seconds of history. */
  private static final int HISTORY = 300;

  /** Shares of the classes at a second; the list is in the order of the class table. */
  record Second(long time, List<Double> shares) {}

  /**
   * What the page shows beside the picture; the figures are 0 and the texts empty before the first
   * frame.
   *
   * @param state what the camera does, or {@code paused}; empty where no ingest process has
   *     reported
   * @param reason why it does not deliver, or empty
   * @param nextTry seconds until it is opened again; 0 where that is not planned
   * @param conditions what is wrong with the picture, such as {@code covered}; empty where nothing
   *     is
   * @param age seconds since the frame was captured
   * @param silentAfter age from which the camera counts as silent, seconds
   * @param captureMillis when it was captured, milliseconds since 1970
   * @param propagated share of the last masks that had no forward pass, 0 to 1
   * @param zones changes with the camera's zones; 0 where it never had any
   */
  record View(
      String camera,
      String state,
      String reason,
      double nextTry,
      List<String> conditions,
      String id,
      int width,
      int height,
      double fps,
      double latencyMillis,
      double age,
      double silentAfter,
      long captureMillis,
      long zones,
      long drops,
      String policy,
      long framesSinceReset,
      double agreement,
      double propagated,
      long resets,
      String lastReset,
      String model,
      String classTable,
      Map<String, Double> shares) {}

  /** A mask that has come. */
  private record Arrival(long millis, boolean propagated) {}

  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private final Deque<Second> history = new ArrayDeque<>();
  private final String camera;
  private @Nullable MaskedFrame latest;
  private @Nullable Supplier<byte[]> jpeg;
  private @Nullable Supplier<byte[]> png;
  private @Nullable MaskExports exports;
  private @Nullable CameraReport report;
  private final Supplier<List<String>> conditions;
  private boolean paused;
  private List<ZoneOutline> zones = List.of();
  private long zonesChanged;
  private long changed;
  private long intervalMillis;
  private long drops;
  private long resets;
  private String lastReset = "";

  /**
   * A camera without a frame.
   *
   * @param conditions what is wrong with its picture now
   */
  CameraState(String camera, Supplier<List<String>> conditions) {
    this.camera = camera;
    this.conditions = conditions;
  }

  synchronized void add(MaskedFrame frame, long nowMillis, long change) {
    if (latest != null) {
      intervalMillis =
          (frame.record().getCaptureMicros() - latest.record().getCaptureMicros()) / 1_000;
    }
    if (latest != null && !latest.table().id().equals(frame.table().id())) {
      history.clear(); // its shares are those of other classes
    }
    latest = frame;
    jpeg = new Once<>(frame.jpeg());
    png = new Once<>(() -> png(frame.mask()));
    exports = new MaskExports(frame);
    changed = change;
    arrivals.addLast(new Arrival(nowMillis, frame.record().getReuse().getPropagatedMicros() > 0));
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

  synchronized void report(CameraReport newest, long change) {
    report = newest;
    changed = change;
  }

  /** Something that this object asks for, such as the conditions, is another now. */
  synchronized void touch(long change) {
    changed = change;
  }

  synchronized void register(boolean isPaused, List<ZoneOutline> outlines, long change) {
    paused = isPaused;
    changed = change;
    if (!zones.equals(outlines)) {
      zones = List.copyOf(outlines);
      zonesChanged = change;
    }
  }

  synchronized List<ZoneOutline> zones() {
    return zones;
  }

  /** Number of the page's change that was this camera's last. */
  synchronized long changed() {
    return changed;
  }

  /** The newest picture as a JPEG, encoded once, or null before the first frame. */
  byte @Nullable [] jpeg() {
    Supplier<byte[]> source;
    synchronized (this) {
      source = jpeg;
    }
    return source == null ? null : source.get();
  }

  /** The class ids of the newest mask as the grey values of a PNG, encoded once, or null. */
  byte @Nullable [] png() {
    Supplier<byte[]> source;
    synchronized (this) {
      source = png;
    }
    return source == null ? null : source.get();
  }

  /** The newest mask in the forms of other programs, or null before the first frame. */
  synchronized @Nullable MaskExports exports() {
    return exports;
  }

  private static byte[] png(Mask mask) {
    BufferedImage image =
        new BufferedImage(mask.width(), mask.height(), BufferedImage.TYPE_BYTE_GRAY);
    byte[] raster = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(mask.labels(), 0, raster, 0, raster.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var memory = new MemoryCacheImageOutputStream(out)) { // or it would write to a file
      ImageIO.write(image, "png", memory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  synchronized @Nullable MaskedFrame latest() {
    return latest;
  }

  synchronized List<Second> history() {
    return List.copyOf(history);
  }

  private double fps(long nowMillis, double age) {
    if (intervalMillis > 500 * RATE_SECONDS && age < silentAfter()) {
      return 1e3 / intervalMillis;
    }
    long since = nowMillis - (long) (1_000 * RATE_SECONDS);
    long recent = arrivals.stream().filter(arrival -> arrival.millis() >= since).count();
    Arrival first = arrivals.peekFirst();
    if (first == null || recent == 0) {
      return 0;
    }
    double seconds = Math.max(0.5, (nowMillis - Math.max(first.millis(), since)) / 1e3);
    return recent / seconds;
  }

  /** Age of a picture from which the camera counts as silent, seconds. */
  private double silentAfter() {
    return Silence.after(SILENT, intervalMillis).toMillis() / 1e3;
  }

  /** What to show. */
  synchronized View view(long nowMillis) {
    String state = paused ? "paused" : report == null ? "" : report.state();
    String reason = paused || report == null ? "" : report.reason();
    double nextTry = paused ? 0 : nextTry(nowMillis);
    List<String> wrong = conditions.get();
    if (latest == null) {
      return new View(
          camera,
          state,
          reason,
          nextTry,
          wrong,
          "",
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          zonesChanged,
          drops,
          "",
          0,
          0,
          0,
          0,
          "",
          "",
          "",
          Map.of());
    }
    var record = latest.record();
    double age = Math.max(0, nowMillis / 1e3 - record.getCaptureMicros() / 1e6);
    return new View(
        camera,
        state,
        reason,
        nextTry,
        wrong,
        record.getEpoch() + "-" + record.getSequence(),
        latest.mask().width(),
        latest.mask().height(),
        fps(nowMillis, age),
        record.getTimings().getTotalMicros() / 1e3,
        age,
        silentAfter(),
        record.getCaptureMicros() / 1_000,
        zonesChanged,
        drops,
        record.getReuse().getPolicy(),
        record.getReuse().getFramesSinceReset(),
        record.getReuse().getAgreement(),
        propagated(),
        resets,
        lastReset,
        record.getModel() + " " + record.getModelVersion(),
        latest.table().id(),
        shares(latest));
  }

  private double propagated() {
    return arrivals.stream().mapToInt(arrival -> arrival.propagated() ? 1 : 0).average().orElse(0);
  }

  private double nextTry(long nowMillis) {
    Long micros = report == null ? null : report.nextTryMicros();
    return micros == null ? 0 : Math.max(0, micros / 1e6 - nowMillis / 1e3);
  }

  private static Map<String, Double> shares(MaskedFrame frame) {
    double total = (double) frame.mask().width() * frame.mask().height();
    Map<String, Double> shares = new LinkedHashMap<>();
    int classes = Math.min(frame.table().size(), frame.record().getClassesCount());
    for (int k = 0; k < classes; k++) { // a worker of another version may know fewer
      shares.put(frame.table().name(k), frame.record().getClasses(k).getPixels() / total);
    }
    return shares;
  }
}
