package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.CaughtLog;
import io.maskstream.camera.CameraStatus.State;
import io.maskstream.frame.Picture;
import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a camera that refuses, ends, or makes its reader fail. */
class CameraFailuresIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Pattern WAIT = Pattern.compile("next try in ([0-9.]+) s");

  private final AtomicInteger frames = new AtomicInteger();

  private CameraSupervisor supervise(CameraConfig config, SourceFactory sources) {
    return TestCameras.supervise(
        List.of(config), frame -> frames.incrementAndGet(), new Metrics(), sources);
  }

  private static CameraStatus status(CameraSupervisor supervisor) {
    return supervisor.statuses().get("entrance");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://admin:hunter2@ | 401 Unauthorized | 401, wrong user or password",
        "http:// | 401 Unauthorized | 401, it needs a user and a password, and its URL has none",
        "http://admin:hunter2@ | 403 Forbidden | 403, the user has no right to this stream",
        "rtsp://admin:hunter2@ | 401 Unauthorized | 401, wrong user or password"
      })
  void refusal_isASentenceAndAskedOncePerMinute(String before, String answer, String sentence)
      throws IOException {
    boolean rtsp = before.startsWith("rtsp");
    String head =
        (rtsp ? "RTSP/1.0 " : "HTTP/1.0 ") + answer + "\r\nCSeq: 1\r\nContent-Length: 0\r\n\r\n";
    try (RawServer server = RawServer.answering(head);
        CameraSupervisor supervisor =
            supervise(
                TestCameras.camera("entrance", before + "127.0.0.1:" + server.port() + "/live"),
                new UrlSources())) {
      await().atMost(TIMEOUT).until(() -> status(supervisor).state() == State.WAITING);
      assertThat(status(supervisor).reason()).isEqualTo(sentence);
      assertThat(status(supervisor).nextTry().orElseThrow()).isAfter(Instant.now().plusSeconds(50));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void connectionRefused_saysSoWithoutTheSecret() throws IOException {
    int port;
    try (RawServer gone = RawServer.silent()) {
      port = gone.port();
    }
    CameraConfig config =
        TestCameras.camera("entrance", "http://admin:hunter2@127.0.0.1:" + port + "/live");
    try (CaughtLog log = new CaughtLog(CameraReader.class);
        CameraSupervisor supervisor = supervise(config, new UrlSources())) {
      await().atMost(TIMEOUT).until(() -> !log.contexts("next try in").isEmpty());
      assertThat(log.contexts("next try in").get(0)).containsEntry("camera", "entrance");
      assertThat(status(supervisor).reason())
          .containsIgnoringCase("connection refused")
          .doesNotContain("hunter2");
    }
  }

  /** Live; gives frames, 20 per second, and fails after some of them. */
  private static FrameSource giving(int frames) {
    return new FrameSource() {
      private int given;

      @Override
      public Grab grab() {
        if (given == frames) {
          return new Grab.Failed(
              new CameraException(CameraException.Kind.PASSING, "after " + frames));
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        return new Grab.Frame(
            () -> Picture.black(16, 16), new FrameSize(16, 16), 50_000L * given++, 0);
      }

      @Override
      public boolean live() {
        return true;
      }

      @Override
      public double fps() {
        return 20;
      }

      @Override
      public long damaged() {
        return 0;
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void cameraThatClosesAfterEachFrame_isAskedMoreAndMoreSeldom() {
    CameraConfig config =
        TestCameras.camera("entrance", "rtsp://unused")
            .withMaxReconnectDelay(Duration.ofMinutes(1));
    try (CaughtLog log = new CaughtLog(CameraReader.class);
        CameraSupervisor supervisor = supervise(config, (asked, deadline) -> giving(1))) {
      await().atMost(TIMEOUT).until(() -> waits(log).size() >= 4);
      assertThat(supervisor.finished()).isFalse();
      assertThat(waits(log).get(3)).isGreaterThan(0.7);
    }
  }

  @Test
  void cameraThatWorkedForLong_isAskedAgainSoon() {
    AtomicInteger opened = new AtomicInteger();
    CameraConfig config = TestCameras.camera("entrance", "rtsp://unused");
    try (CaughtLog log = new CaughtLog(CameraReader.class);
        CameraSupervisor supervisor =
            supervise(
                config, (asked, deadline) -> giving(opened.incrementAndGet() == 4 ? 20 : 1))) {
      await().atMost(TIMEOUT).until(() -> waits(log).size() >= 4);
      assertThat(supervisor.finished()).isFalse();
      assertThat(waits(log).get(2)).isGreaterThan(0.3);
      assertThat(waits(log).get(3)).isLessThanOrEqualTo(0.1);
    }
  }

  /** Waits before the next tries, seconds. */
  private static List<Double> waits(CaughtLog log) {
    return log.texts().stream()
        .map(WAIT::matcher)
        .filter(Matcher::find)
        .map(wait -> Double.valueOf(wait.group(1)))
        .toList();
  }

  @Test
  void readerThatThrows_isReplaced() {
    AtomicInteger opened = new AtomicInteger();
    CameraConfig synthetic = TestCameras.camera("entrance", "synthetic:street");
    SourceFactory failing =
        (config, deadline) -> {
          int attempt = opened.incrementAndGet();
          if (attempt == 1) {
            throw new IllegalStateException("a mistake of ours");
          }
          if (attempt == 2) {
            throw new StackOverflowError("one that ends the thread");
          }
          return new SyntheticSource(synthetic);
        };
    try (CameraSupervisor supervisor = supervise(synthetic, failing)) {
      await().atMost(TIMEOUT).until(() -> frames.get() > 3);
      assertThat(status(supervisor).state()).isEqualTo(State.DELIVERING);
    }
    assertThat(opened).hasValue(3);
  }

  @Test
  void cameraWhoseThreadsHang_isLeftAloneAfterTheSecond() {
    AtomicInteger opened = new AtomicInteger();
    CameraConfig config =
        TestCameras.camera("entrance", "rtsp://unused").withTimeout(Duration.ofMillis(100));
    java.util.concurrent.CountDownLatch end = new java.util.concurrent.CountDownLatch(1);
    SourceFactory deaf =
        (asked, deadline) -> {
          opened.incrementAndGet();
          while (end.getCount() > 0) {
            try {
              end.await();
            } catch (InterruptedException e) {
              assertThat(e).isNotNull(); // deaf on purpose, as a native call is
            }
          }
          return new SyntheticSource(TestCameras.camera("entrance", "synthetic:street"));
        };
    try (CameraSupervisor supervisor = supervise(config, deaf)) {
      await().atMost(TIMEOUT).until(() -> status(supervisor).reason().contains("2 threads hang"));
      await().during(Duration.ofSeconds(2)).atMost(TIMEOUT).until(() -> opened.get() == 2);
      end.countDown(); // the calls return: the camera is tried again
      await().atMost(TIMEOUT).until(() -> frames.get() > 3);
    }
  }
}
