package io.maskstream.app.demo;

import io.maskstream.camera.CameraConfig;
import io.maskstream.camera.CameraUrl;
import io.maskstream.camera.FrameSink;
import io.maskstream.camera.PictureFiles;
import io.maskstream.camera.VideoWriter;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Micros;
import io.maskstream.frame.Picture;
import io.maskstream.metrics.Metrics;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.v1.SegmentedFrame;
import io.maskstream.viewer.MaskedFrame;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a demo: what comes back from the topics, how fast, how good; and films the first camera.
 */
final class DemoMonitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DemoMonitor.class);

  /** Every n-th frame is compared with the ground truth, which has to be drawn for it. */
  private static final int COMPARE_EVERY = 5;

  private static final Duration LONGEST_FILM = Duration.ofMinutes(5);

  private final List<CameraConfig> cameras;
  private final Path out;
  private final double fps;
  private final Map<String, CameraStats> tallies = new LinkedHashMap<>();
  private final Map<String, SyntheticStreet> streets = new LinkedHashMap<>();
  private final Map<FrameId, Long> mediaTimes = new ConcurrentHashMap<>();
  private final Map<String, Picture> last = new LinkedHashMap<>();
  private final Instant processStart;
  private @Nullable VideoWriter video;
  private boolean filming = true;
  private long filmed;
  private @Nullable Duration firstMask;
  private long startNanos;
  private long lastRowNanos;

  DemoMonitor(List<CameraConfig> cameras, ClassTable table, Path out, double fps) {
    this.processStart = Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    this.cameras = cameras;
    this.out = out;
    this.fps = fps;
    for (CameraConfig camera : cameras) {
      tallies.put(camera.id(), new CameraStats(table.size()));
      seed(camera)
          .ifPresent(
              seed ->
                  streets.put(
                      camera.id(), new SyntheticStreet(seed, camera.width(), camera.height())));
    }
  }

  private static Optional<Long> seed(CameraConfig camera) {
    return camera.address().kind() == CameraUrl.Kind.SYNTHETIC
        ? Optional.of(camera.address().seed())
        : Optional.empty();
  }

  /** Notes each frame's place in its medium on the way to Kafka. */
  FrameSink tap(FrameSink sink) {
    return frame -> {
      if (streets.containsKey(frame.camera()) && frame.id().sequence() % COMPARE_EVERY == 0) {
        mediaTimes.put(frame.id(), frame.mediaMicros());
      }
      sink.accept(frame);
    };
  }

  /** Takes a frame back from the topics. */
  synchronized void accept(MaskedFrame frame) {
    SegmentedFrame record = frame.record();
    CameraStats tally = tallies.get(record.getCamera());
    if (tally == null) {
      return;
    }
    Instant arrived = Instant.now();
    if (firstMask == null) {
      firstMask = Duration.between(processStart, arrived);
      System.err.printf(
          Locale.ROOT, "first mask %.1f s after the start%n", firstMask.toMillis() / 1e3);
    }
    long now = Micros.of(arrived);
    tally.add(now - record.getCaptureMicros(), record.getReuse().getFramesSinceReset());
    compare(frame, tally);
    film(frame);
  }

  private void compare(MaskedFrame frame, CameraStats tally) {
    SegmentedFrame record = frame.record();
    FrameId id = SegmentedFrames.id(record);
    Long media = mediaTimes.remove(id);
    SyntheticStreet street = streets.get(record.getCamera());
    if (media == null || street == null) {
      return;
    }
    mediaTimes
        .keySet()
        .removeIf(old -> old.camera().equals(id.camera()) && old.sequence() < id.sequence());
    Mask groundTruth = street.at(Duration.ofNanos(media * 1_000)).groundTruth();
    if (groundTruth.width() == frame.mask().width()
        && groundTruth.height() == frame.mask().height()) {
      tally.compare(groundTruth, frame.mask());
    }
  }

  private void film(MaskedFrame frame) {
    String camera = frame.record().getCamera();
    boolean first = camera.equals(cameras.get(0).id());
    boolean pictured = frame.record().getSequence() % COMPARE_EVERY == 0;
    if (!first && !pictured) {
      return;
    }
    Picture drawn = DemoCommand.drawn(frame);
    last.put(camera, drawn);
    if (first && filming && filmed < LONGEST_FILM.toSeconds() * fps) {
      filmed++;
      try {
        if (video == null) {
          video = VideoWriter.open(out.resolve("overlay.mp4"), drawn.width(), drawn.height(), fps);
        }
        video.write(drawn);
      } catch (IOException e) {
        log.warn("{}; the demo goes on without it", e.getMessage());
        filming = false;
      }
    }
  }

  /** Prints the head of the table and starts the clock. */
  synchronized void header() {
    startNanos = System.nanoTime();
    lastRowNanos = startNanos;
    System.err.printf(
        "%-12s %8s %8s %10s %10s %8s %8s %10s%n",
        "camera", "frames", "fps", "p50 ms", "p99 ms", "drops", "mIoU %", "bank age");
  }

  /** Prints a row per camera. */
  synchronized void rows(Metrics metrics) {
    double passed = (System.nanoTime() - lastRowNanos) / 1e9;
    lastRowNanos = System.nanoTime();
    tallies.forEach(
        (camera, tally) ->
            System.err.printf(
                Locale.ROOT,
                "%-12s %8d %8.1f %10.1f %10.1f %8.0f %8s %10d%n",
                camera,
                tally.frames(),
                tally.newFrames() / passed,
                tally.latencyMillis(50),
                tally.latencyMillis(99),
                drops(metrics, camera),
                tally.meanIouText(),
                tally.bankFrames()));
  }

  private static double drops(Metrics metrics, String camera) {
    return metrics.count("maskstream_frames_dropped_total", "camera", camera);
  }

  synchronized long frames() {
    return tallies.values().stream().mapToLong(CameraStats::frames).sum();
  }

  /** Figures of the whole demo by camera. */
  synchronized Map<String, Object> summary(Metrics metrics) {
    double passed = (lastRowNanos - startNanos) / 1e9;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("fps", rounded(frames() / passed));
    if (firstMask != null) {
      result.put("firstMaskSeconds", rounded(firstMask.toMillis() / 1e3));
    }
    Map<String, Object> byCamera = new LinkedHashMap<>();
    tallies.forEach(
        (camera, tally) -> {
          Map<String, Object> figures = new LinkedHashMap<>();
          figures.put("frames", tally.frames());
          figures.put("fps", rounded(tally.frames() / passed));
          figures.put("latencyMsP50", rounded(tally.latencyMillis(50)));
          figures.put("latencyMsP99", rounded(tally.latencyMillis(99)));
          figures.put("dropped", (long) drops(metrics, camera));
          if (!Double.isNaN(tally.meanIou())) {
            figures.put("miou", rounded(tally.meanIou()));
          }
          byCamera.put(camera, figures);
        });
    result.put("cameras", byCamera);
    return result;
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }

  @Override
  public synchronized void close() throws IOException {
    if (video != null && filming) {
      video.close();
    }
    if (!last.isEmpty()) {
      PictureFiles.writePng(
          out.resolve("overlay.png"), PictureFiles.beside(List.copyOf(last.values())));
    }
  }
}
