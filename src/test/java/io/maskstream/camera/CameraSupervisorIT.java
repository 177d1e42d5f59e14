package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.maskstream.metrics.Metrics;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Real connections on the loopback: MJPEG over HTTP, and a server that never answers. */
class CameraSupervisorIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(40);

  private final ConcurrentLinkedQueue<FrameSink.CapturedFrame> frames =
      new ConcurrentLinkedQueue<>();
  private final Metrics metrics = new Metrics();

  private static CameraConfig camera(String id, String url) {
    return new CameraConfig(
        id,
        url,
        CameraConfig.RtspTransport.TCP,
        30,
        160,
        120,
        ContentType.JPEG,
        80,
        CameraConfig.Pacing.REAL_TIME,
        false,
        Duration.ofSeconds(1),
        Duration.ofMillis(100),
        Duration.ofMillis(400),
        Optional.empty(),
        Optional.empty());
  }

  private long count(String camera) {
    return frames.stream().filter(frame -> frame.camera().equals(camera)).count();
  }

  private static HttpServer mjpeg(int port) throws IOException {
    byte[] jpeg =
        PictureCodec.encode(
            new SyntheticStreet(1, 160, 120).at(Duration.ZERO).picture(), ContentType.JPEG, 80);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    CountDownLatch never = new CountDownLatch(1);
    server.createContext(
        "/",
        exchange -> {
          exchange
              .getResponseHeaders()
              .set("Content-Type", "multipart/x-mixed-replace;boundary=frame");
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < 10_000; i++) {
              String head =
                  "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                      .formatted(jpeg.length);
              out.write(head.getBytes(StandardCharsets.US_ASCII));
              out.write(jpeg);
              out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
              out.flush();
              var unused = never.await(40, TimeUnit.MILLISECONDS);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    return server;
  }

  @Test
  void camera_serverKilledAndRestarted_comesBackInANewEpoch() throws IOException {
    HttpServer first = mjpeg(0);
    int port = first.getAddress().getPort();
    CameraConfig config = camera("mjpeg", "http://127.0.0.1:" + port + "/video");
    try (CameraSupervisor supervisor =
        new CameraSupervisor(List.of(config), frames::add, metrics, Clock.systemUTC())) {
      await().atMost(TIMEOUT).until(() -> count("mjpeg") > 5);
      first.stop(0);
      assertThat(supervisor.finished()).isFalse();
      long firstEpoch = frames.peek().epoch();
      HttpServer second = mjpeg(port);
      try {
        await()
            .atMost(TIMEOUT)
            .until(() -> frames.stream().anyMatch(frame -> frame.epoch() > firstEpoch));
      } finally {
        second.stop(0);
      }
    }
    List<FrameSink.CapturedFrame> all = List.copyOf(frames);
    for (int i = 1; i < all.size(); i++) {
      boolean sameEpoch = all.get(i).epoch() == all.get(i - 1).epoch();
      assertThat(all.get(i).sequence()).isEqualTo(sameEpoch ? all.get(i - 1).sequence() + 1 : 0);
    }
  }

  @Test
  void camera_thatNeverAnswers_disturbsNoOther() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CameraConfig dead = camera("dead", "http://127.0.0.1:" + silent.getLocalPort() + "/");
      CameraConfig alive = camera("alive", "synthetic:street");
      try (CameraSupervisor supervisor =
          new CameraSupervisor(List.of(dead, alive), frames::add, metrics, Clock.systemUTC())) {
        await().atMost(TIMEOUT).until(() -> count("alive") > 40);
        assertThat(supervisor.finished()).isFalse();
      }
      assertThat(count("dead")).isZero();
    }
  }

  /** A source whose call neither returns nor heeds an interrupt, as native calls do. */
  private record HangingSource(CountDownLatch never) implements FrameSource {
    @Override
    public Grab grab() {
      while (true) {
        try {
          never.await();
        } catch (InterruptedException e) {
          var unused = Thread.interrupted(); // deaf on purpose
        }
      }
    }

    @Override
    public boolean live() {
      return true;
    }

    @Override
    public void close() {}
  }

  @Test
  void camera_thatHangsInANativeCall_isAbandonedAndReplaced() {
    CameraConfig base = camera("hangs", "rtsp://unused");
    CameraConfig config =
        new CameraConfig(
            base.id(),
            base.url(),
            base.transport(),
            30,
            160,
            120,
            base.encoding(),
            80,
            base.pacing(),
            false,
            Duration.ofMillis(200),
            base.reconnectDelay(),
            base.maxReconnectDelay(),
            Optional.empty(),
            Optional.empty());
    java.util.concurrent.atomic.AtomicInteger opened =
        new java.util.concurrent.atomic.AtomicInteger();
    SourceFactory sources =
        asked ->
            opened.incrementAndGet() == 1
                ? new HangingSource(new CountDownLatch(1))
                : new SyntheticSource(camera("hangs", "synthetic:street"));
    try (CameraSupervisor supervisor =
        new CameraSupervisor(List.of(config), sources, frames::add, metrics, Clock.systemUTC())) {
      await().atMost(TIMEOUT).until(() -> count("hangs") > 5);
      assertThat(supervisor.finished()).isFalse();
    }
    assertThat(opened).hasValue(2);
  }

  @Test
  void camera_syntheticWithLimit_finishesWithThatManyFrames() {
    CameraConfig base = camera("few", "synthetic:street");
    CameraConfig config =
        new CameraConfig(
            base.id(),
            base.url(),
            base.transport(),
            200,
            160,
            120,
            base.encoding(),
            80,
            CameraConfig.Pacing.AS_FAST_AS_POSSIBLE,
            false,
            base.timeout(),
            base.reconnectDelay(),
            base.maxReconnectDelay(),
            Optional.of(17L),
            Optional.empty());
    try (CameraSupervisor supervisor =
        new CameraSupervisor(List.of(config), frames::add, metrics, Clock.systemUTC())) {
      await().atMost(TIMEOUT).until(supervisor::finished);
    }
    assertThat(count("few")).isEqualTo(17);
  }
}
