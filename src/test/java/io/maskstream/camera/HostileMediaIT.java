package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Servers that answer with what a camera would not. */
class HostileMediaIT {
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
}
