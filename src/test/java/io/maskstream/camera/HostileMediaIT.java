package io.maskstream.camera;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Servers that answer with what a camera would not. */
class HostileMediaIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final byte[] JPEG =
      PictureCodec.encode(
          new SyntheticStreet(1, 160, 120).at(Duration.ZERO).picture(), ContentType.JPEG, 80);
  private static final String SDP =
      """
      v=0
      o=- 1 1 IN IP4 127.0.0.1
      s=x
      t=0 0
      m=video 0 RTP/AVP 96
      a=rtpmap:96 H264/90000
      a=control:t1
      """;

  private static void part(OutputStream out, byte[] jpeg, int promised) throws IOException {
    out.write(
        "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
            .formatted(promised)
            .getBytes(US_ASCII));
    out.write(jpeg);
    out.write("\r\n".getBytes(US_ASCII));
    out.flush();
  }

  /** A camera that begins to send pictures. */
  private static RawServer camera(RawServer.Behavior pictures) throws IOException {
    return new RawServer(
        (socket, stopped) -> {
          RawServer.readHead(socket.getInputStream());
          socket.getOutputStream().write(RawServer.HEAD.getBytes(US_ASCII));
          pictures.serve(socket, stopped);
        });
  }

  @Test
  void redirect_isRefusedUnlessAllowed() throws IOException {
    try (MjpegServer target = new MjpegServer(0);
        RawServer redirecting =
            RawServer.answering(
                "HTTP/1.0 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                    .formatted(target.url()))) {
      CameraConfig config = TestCameras.camera("cam", redirecting.url());
      assertThat(TestCameras.failure(config)).contains("redirect");
      TestCameras.awaitFrames(
          config.withAllow(new CameraConfig.Allowed(List.of(), List.of(), List.of(), true)));
    }
  }

  @Test
  void format_thatNoCameraSends_isRefused() throws IOException {
    String concat = "ffconcat version 1.0\nfile '/etc/passwd'\n";
    try (RawServer server =
        RawServer.answering(
            "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(concat.length(), concat))) {
      assertThat(TestCameras.failure(TestCameras.camera("cam", server.url())))
          .contains("format concat is not one that cameras send");
    }
  }

  @Test
  void webPage_isSaidToBeNoVideo() throws IOException {
    try (RawServer server =
        RawServer.answering(
            "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\nContent-Length: 32\r\n\r\n"
                + "<html><body>Log in</body></html>")) {
      assertThat(TestCameras.failure(TestCameras.camera("cam", server.url())))
          .startsWith("its answer is no video, perhaps a web page");
    }
  }

  @Test
  void playlistWithoutItsSegments_isSaidSo() throws IOException {
    String playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\na.ts\n";
    try (RawServer server =
        new RawServer(
            (socket, stopped) -> {
              byte[] request = new byte[1 << 12];
              int length = Math.max(0, socket.getInputStream().read(request));
              boolean segment = new String(request, 0, length, US_ASCII).contains("a.ts");
              String answer =
                  segment
                      ? "HTTP/1.0 404 Not Found\r\n\r\n"
                      : "HTTP/1.0 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\n"
                          + "Content-Length: %d\r\n\r\n%s".formatted(playlist.length(), playlist);
              socket.getOutputStream().write(answer.getBytes(US_ASCII));
            })) {
      CameraConfig config =
          TestCameras.camera("cam", "http://127.0.0.1:%d/live.m3u8".formatted(server.port()));
      assertThat(TestCameras.failure(config))
          .isEqualTo("no picture within 2.0 s, but HTTP error 404 Not Found");
    }
  }

  /** Why the first connection of a camera ended, with or without frames before. */
  private static String end(RawServer server) {
    try (CameraSupervisor camera =
        TestCameras.supervise(
            List.of(TestCameras.camera("cam", server.url())), frame -> {}, new Metrics())) {
      await().atMost(PATIENCE).until(() -> !camera.statuses().get("cam").reason().isEmpty());
      return camera.statuses().get("cam").reason();
    }
  }

  @Test
  void streamThatIsClosed_isSaidInWords() throws IOException {
    try (RawServer server =
        camera(
            (socket, stopped) -> {
              for (int i = 0; i < 10; i++) {
                part(socket.getOutputStream(), JPEG, JPEG.length);
              }
            })) {
      assertThat(end(server)).isEqualTo("the camera closed the connection");
    }
  }

  @Test
  void streamThatFallsSilent_isATimeOut() throws IOException {
    try (RawServer server =
        camera(
            (socket, stopped) -> {
              for (int i = 0; i < 50; i++) {
                part(socket.getOutputStream(), JPEG, JPEG.length);
              }
              stopped.await();
            })) {
      assertThat(end(server)).isEqualTo("no picture within 1.0 s");
    }
  }

  @Test
  void pictureWithoutEnd_isATimeOut() throws IOException {
    try (RawServer server =
        camera(
            (socket, stopped) -> {
              part(socket.getOutputStream(), JPEG, 2_000_000_000);
              while (!stopped.await(2, TimeUnit.MILLISECONDS)) {
                socket.getOutputStream().write(new byte[1 << 14]);
              }
            })) {
      assertThat(end(server)).startsWith("no picture within");
    }
  }

  @Test
  void silenceOverUdp_isATimeOut() throws IOException {
    int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    assertThat(TestCameras.failure(TestCameras.camera("cam", "udp://127.0.0.1:" + port)))
        .startsWith("no picture within");
  }

  @Test
  void rtspServerThatStopsAnswering_isATimeOut() throws IOException {
    try (RawServer server =
        new RawServer(
            (socket, stopped) -> {
              for (int request = 1; request <= 2; request++) {
                RawServer.readHead(socket.getInputStream());
                String body = request == 1 ? "" : SDP;
                socket
                    .getOutputStream()
                    .write(
                        "RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(request, body.length(), body)
                            .getBytes(US_ASCII));
              }
              stopped.await();
            })) {
      String url = "rtsp://127.0.0.1:%d/live".formatted(server.port());
      assertThat(TestCameras.failure(TestCameras.camera("cam", url)))
          .isEqualTo("no picture within 1.0 s");
    }
  }

  @Test
  void halfPictures_areCounted() throws IOException {
    byte[] half = Arrays.copyOf(JPEG, JPEG.length / 2);
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger frames = new AtomicInteger();
    Metrics metrics = new Metrics();
    try (RawServer server =
            camera(
                (socket, stopped) -> {
                  while (!stopped.await(40, TimeUnit.MILLISECONDS)) {
                    byte[] jpeg = sent.incrementAndGet() % 2 == 0 ? half : JPEG;
                    part(socket.getOutputStream(), jpeg, jpeg.length);
                  }
                });
        CameraSupervisor camera =
            TestCameras.supervise(
                List.of(TestCameras.camera("cam", server.url())),
                frame -> frames.incrementAndGet(),
                metrics)) {
      await()
          .atMost(PATIENCE)
          .until(() -> metrics.count("maskstream_frames_damaged_total", "camera", "cam") >= 5);
      assertThat(frames).hasPositiveValue();
      assertThat(camera.finished()).isFalse();
    }
    assertThat(metrics.count("maskstream_frames_damaged_total", "camera", "cam"))
        .isLessThan(0.8 * sent.get());
    metrics.forgetReading("cam");
    assertThat(metrics.text()).doesNotContain("maskstream_frames_damaged_total{camera=\"cam\"");
  }
}
