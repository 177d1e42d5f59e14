package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.maskstream.metrics.Metrics;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cameras that give one JPEG per HTTP request. */
class SnapshotCameraIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final double FPS = 10;

  private final SyntheticStreet street = new SyntheticStreet(1, 160, 120);
  private final AtomicInteger requests = new AtomicInteger();
  private final List<FrameSink.CapturedFrame> frames = new CopyOnWriteArrayList<>();
  private volatile boolean changing = true;
  private volatile int status = 200;
  private volatile boolean empty;
  private HttpServer server;

  @BeforeEach
  void setUp() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void tearDown() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    int number = requests.incrementAndGet();
    Duration time = changing ? Duration.ofMillis(100L * number) : Duration.ZERO;
    byte[] jpeg = PictureCodec.encode(street.at(time).picture(), ContentType.JPEG, 80);
    exchange.getResponseHeaders().set("Content-Type", "image/jpeg");
    exchange.sendResponseHeaders(status, empty ? -1 : jpeg.length);
    try (OutputStream out = exchange.getResponseBody()) {
      if (!empty) {
        out.write(jpeg);
      }
    }
  }

  private CameraSupervisor camera(String path) {
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + path;
    return TestCameras.supervise(
        List.of(TestCameras.camera("c", url).withFps(FPS)), frames::add, new Metrics());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/snapshot.jpg", "/cgi-bin/snapshot.cgi?channel=1"})
  void pictures_areAskedForAtTheFrameRateWithinOneConnection(String path) {
    long start = System.nanoTime();
    try (CameraSupervisor camera = camera(path)) {
      await().atMost(PATIENCE).until(() -> frames.size() >= 8);
      assertThat(camera.statuses().get("c").state()).isEqualTo(CameraStatus.State.DELIVERING);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(requests.get()).isLessThanOrEqualTo((int) (seconds * FPS) + 3);
    assertThat(frames).extracting(frame -> frame.id().epoch()).containsOnly(1L);
    assertThat(frames).extracting(frame -> frame.id().sequence()).startsWith(0L, 1L, 2L, 3L);
    assertThat(frames).extracting(FrameSink.CapturedFrame::mediaMicros).isSorted();
    assertThat(frames.get(7).mediaMicros()).isGreaterThan(500_000); // FFmpeg says 0 each time
  }

  @Test
  void equalPicture_isNoNewFrame() throws Exception {
    changing = false;
    try (CameraSupervisor camera = camera("/snapshot.jpg")) {
      await().atMost(PATIENCE).until(() -> requests.get() > 6);
      assertThat(frames).hasSize(1);
      changing = true;
      await().atMost(PATIENCE).until(() -> frames.size() > 2);
      assertThat(frames).extracting(frame -> frame.id().epoch()).containsOnly(1L);
      assertThat(camera.finished()).isFalse();
    }
  }

  @Test
  void equalPictures_areAFrameNowAndThen() {
    changing = false;
    try (CameraSupervisor camera = camera("/snapshot.jpg")) {
      await().atMost(PATIENCE).until(() -> frames.size() >= 3);
      assertThat(camera.finished()).isFalse();
    }
    long micros = frames.get(2).id().captureMicros() - frames.get(0).id().captureMicros();
    assertThat(micros / 1e6).isBetween(3.9, 12.0);
  }

  @Test
  void refusalAmongAnswers_isWaitedForAsOneAtTheStart() {
    try (CameraSupervisor camera = camera("/snapshot.jpg")) {
      await().atMost(PATIENCE).until(() -> frames.size() > 1);
      status = 401;
      await().atMost(PATIENCE).until(() -> camera.statuses().get("c").reason().startsWith("401"));
      CameraStatus refused = camera.statuses().get("c");
      assertThat(refused.nextTry().orElseThrow()).isAfter(Instant.now().plusSeconds(50));
    }
  }

  @Test
  void failedRequest_endsTheConnection() throws Exception {
    try (CameraSupervisor camera = camera("/snapshot.jpg")) {
      await().atMost(PATIENCE).until(() -> frames.size() > 1);
      status = 404;
      await()
          .atMost(PATIENCE)
          .until(() -> camera.statuses().get("c").reason().equals("404, it has no such stream"));
      status = 200;
      empty = true;
      TimeUnit.SECONDS.sleep(1);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(camera.statuses().get("c").reason())
                      .doesNotContain("404")
                      .isNotEmpty());
      int before = frames.size();
      empty = false;
      await().atMost(PATIENCE).until(() -> frames.size() > before);
      assertThat(frames.get(before).id().epoch()).isGreaterThan(1);
    }
  }
}
