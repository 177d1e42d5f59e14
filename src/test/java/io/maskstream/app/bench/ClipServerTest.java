package io.maskstream.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClipServerTest {
  private static final int TIMEOUT_MILLIS = 1_000;
  private static final String PICTURE = "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 2";

  private static InputStream open(ClipServer server) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(server.url()).toURL().openConnection();
    connection.setReadTimeout(TIMEOUT_MILLIS);
    return connection.getInputStream();
  }

  private static String next(InputStream stream) throws IOException {
    return new String(stream.readNBytes(PICTURE.length()), StandardCharsets.US_ASCII);
  }

  private static void readUntilSilent(InputStream stream) {
    assertThatThrownBy(stream::readAllBytes).isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void hang_silencesTheConnectionsThatAreThere_andStop_refusesAll() throws Exception {
    try (ClipServer server = new ClipServer(List.of(new byte[2]), Duration.ofMillis(20));
        InputStream first = open(server)) {
      assertThat(next(first)).isEqualTo(PICTURE);
      server.hang();
      readUntilSilent(first);
      try (InputStream second = open(server)) {
        assertThat(next(second)).isEqualTo(PICTURE);
      }
      server.stop();
      assertThatThrownBy(() -> open(server)).isInstanceOf(ConnectException.class);
      server.startAgain();
      try (InputStream third = open(server)) {
        assertThat(next(third)).isEqualTo(PICTURE);
      }
    }
  }
}
