package io.maskstream.app.bench;

import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How soon the masks of a camera are back after it was away and after it hung: one more camera,
 * read over the network by an ingest process with default settings.
 */
final class CameraRecovery {
  /** Id of the camera. */
  private static final String CAMERA = "outage";

  private static final Duration AWAY = Duration.ofSeconds(3);

  /** Until what was on its way has come. */
  private static final Duration LAST_MASKS = Duration.ofSeconds(1);

  private final StreamMeasures measures;
  private final ClipServer camera;
  private final WorkerProcess ingest;

  private CameraRecovery(StreamMeasures measures, ClipServer camera, WorkerProcess ingest) {
    this.measures = measures;
    this.camera = camera;
    this.ingest = ingest;
  }

  /**
   * Measures both.
   *
   * @param clip pictures of the camera, JPEG
   * @param folder for the topology and the log
   */
  static void measure(
      StreamsScenario.Settings settings,
      KafkaConnection kafka,
      List<byte[]> clip,
      StreamMeasures measures,
      Path folder,
      Map<String, Object> result)
      throws IOException, InterruptedException {
    Path topology = folder.resolve("ingest.yaml");
    Duration interval = Duration.ofNanos((long) (1e9 / settings.fps()));
    try (ClipServer camera = new ClipServer(clip, interval)) {
      Files.writeString(
          topology,
          """
          name: maskstream-bench
          kafka: {bootstrap: "%s"}
          cameras: [{id: %s, url: "%s", fps: %s}]
          monitor: {port: 0}
          """
              .formatted(kafka.bootstrap(), CAMERA, camera.url(), settings.fps()));
      try (WorkerProcess ingest =
          WorkerProcess.maskstream(topology, "ingest", folder.resolve("ingest.log"))) {
        CameraRecovery recovery = new CameraRecovery(measures, camera, ingest);
        recovery.awaitMask();
        result.put("cameraRecoverySeconds", recovery.afterAnOutage());
        result.put("cameraHangSeconds", recovery.afterAHang());
      }
    }
  }

  /** From the camera's return to its next mask, seconds. */
  private double afterAnOutage() throws IOException, InterruptedException {
    camera.stop();
    TimeUnit.MILLISECONDS.sleep(AWAY.toMillis());
    measures.forgetMasks();
    long start = System.nanoTime();
    camera.startAgain();
    awaitMask();
    return BenchCommand.secondsSince(start);
  }

  /** From the last picture of a connection that stays open to the next mask, seconds. */
  private double afterAHang() throws IOException, InterruptedException {
    long start = System.nanoTime();
    camera.hang();
    TimeUnit.MILLISECONDS.sleep(LAST_MASKS.toMillis());
    measures.forgetMasks();
    awaitMask();
    return BenchCommand.secondsSince(start);
  }

  private void awaitMask() throws IOException, InterruptedException {
    ingest.await(() -> measures.hasMask(CAMERA), () -> "no mask of the camera " + CAMERA);
  }
}
