package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.bytedeco.ffmpeg.global.avcodec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Video files and playlists that a server has, beside streams of the same formats. */
class FilesOverHttpIT {
  /** Longer than a playlist may be silent. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int FRAMES = 50;
  private static final int SLOW_FRAMES = 30;
  private static final long SLOW_MICROS = 800_000;
  private static final String PLAYLIST =
      "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\nclip.ts\n";

  @TempDir private Path folder;

  private final List<FrameSink.CapturedFrame> frames = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;
  private byte[] clip = {};

  @BeforeEach
  void setUp() throws IOException {
    clip = Files.readAllBytes(Clips.write(folder.resolve("clip.ts"), Clips.steady(0, FRAMES)));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/clip.ts", exchange -> send(exchange, clip, clip.length, clip.length));
    server.createContext("/stream.ts", exchange -> send(exchange, clip, 0, clip.length));
    server.createContext(
        "/broken.ts", exchange -> send(exchange, clip, clip.length, clip.length / 2));
    server.createContext("/slow.ts", this::drip);
    server.createContext("/whole.m3u8", exchange -> send(exchange, PLAYLIST + "#EXT-X-ENDLIST\n"));
    server.createContext("/live.m3u8", exchange -> send(exchange, PLAYLIST));
    server.start();
  }

  @AfterEach
  void tearDown() {
    server.stop(0);
  }

  private void send(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    send(exchange, bytes, bytes.length, bytes.length);
  }

  /** Sends some bytes of those that are promised; 0 promises nothing. */
  private void send(HttpExchange exchange, byte[] bytes, int promised, int sent)
      throws IOException {
    requests.incrementAndGet();
    exchange.sendResponseHeaders(200, promised);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes, 0, sent);
    }
  }

  /** Sends a clip in the time that it lasts, in a stream without an end. */
  private void drip(HttpExchange exchange) throws IOException {
    long[] times = LongStream.range(0, SLOW_FRAMES).map(i -> i * SLOW_MICROS).toArray();
    byte[] slow =
        Files.readAllBytes(Clips.write(folder.resolve("slow.ts"), avcodec.AV_CODEC_ID_H264, times));
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      int parts = 10 * SLOW_FRAMES;
      for (int i = 0; i < parts; i++) {
        out.write(
            slow, i * slow.length / parts, (i + 1) * slow.length / parts - i * slow.length / parts);
        out.flush();
        TimeUnit.MICROSECONDS.sleep(SLOW_MICROS / 10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** FFmpeg wants more frames to know the stream than come before the deadline of opening. */
  @Test
  void streamOfFewFrames_staysConnected() {
    try (CameraSupervisor camera = play(camera("slow.ts").withTimeout(Duration.ofSeconds(2)))) {
      await().atMost(PATIENCE).until(() -> frames.size() > 2);
      assertThat(camera.statuses().get("c").state()).isEqualTo(CameraStatus.State.DELIVERING);
    }
    assertThat(frames).allSatisfy(frame -> assertThat(frame.id().epoch()).isEqualTo(1));
  }

  private CameraConfig camera(String path) {
    return TestCameras.camera(
        "c", "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), path));
  }

  private CameraSupervisor play(CameraConfig config) {
    return TestCameras.supervise(List.of(config), frames::add, new Metrics());
  }

  @Test
  void file_isPlayedOnceAtItsSpeed() {
    try (CameraSupervisor camera = play(camera("clip.ts"))) {
      await().atMost(PATIENCE).until(camera::finished);
    }
    assertPlayedOnce();
  }

  /** It may be what an encoder that is away has left of a live one. */
  @Test
  void playlistThatIsComplete_isPlayedOnce_andLookedAtAgain() {
    try (CameraSupervisor camera = play(camera("whole.m3u8"))) {
      await().atMost(PATIENCE).until(() -> frames.size() == FRAMES);
      await().atMost(PATIENCE).until(() -> !camera.statuses().get("c").reason().isEmpty());
      int before = requests.get();
      await().atMost(PATIENCE).until(() -> requests.get() > before);
      assertThat(camera.finished()).isFalse();
      assertThat(camera.statuses().get("c").reason()).contains("may come back as a stream");
    }
    assertPlayedOnce();
  }

  private void assertPlayedOnce() {
    assertThat(frames).hasSize(FRAMES);
    double micros =
        (double) frames.get(FRAMES - 1).id().captureMicros() - frames.get(0).id().captureMicros();
    assertThat(micros / 1e6).isBetween(1.8, 10.0);
  }

  @Test
  void file_startsAgainWhereItLoops() {
    try (CameraSupervisor camera = play(camera("clip.ts").withLoop(true))) {
      await().atMost(PATIENCE).until(() -> frames.size() > FRAMES);
      assertThat(camera.finished()).isFalse();
    }
    assertThat(frames.get(FRAMES).id().epoch()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stream.ts", "broken.ts", "live.m3u8"})
  void streamAndBrokenConnection_areNoEnd(String path) {
    try (CameraSupervisor camera = play(camera(path))) {
      await().atMost(PATIENCE).until(() -> !frames.isEmpty());
      await().atMost(PATIENCE).until(() -> !camera.statuses().get("c").reason().isEmpty());
      assertThat(camera.finished()).isFalse();
      int before = requests.get();
      await().atMost(PATIENCE).until(() -> requests.get() > before);
    }
  }
}
