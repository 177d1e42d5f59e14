package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.maskstream.TestKeys;
import io.maskstream.metrics.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that answer with what a camera would not, and cameras behind TLS. */
class HostileMediaIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final AtomicInteger frames = new AtomicInteger();

  private CameraSupervisor supervise(CameraConfig config) {
    return TestCameras.supervise(List.of(config), frame -> frames.incrementAndGet(), new Metrics());
  }

  private String failure(CameraConfig config) {
    try (CameraSupervisor supervisor = supervise(config)) {
      await()
          .atMost(PATIENCE)
          .until(() -> !supervisor.statuses().get(config.id()).reason().isEmpty());
      assertThat(frames).hasValue(0);
      return supervisor.statuses().get(config.id()).reason();
    }
  }

  private void awaitFrames(CameraConfig config) {
    try (CameraSupervisor supervisor = supervise(config)) {
      await().atMost(PATIENCE).until(() -> frames.get() > 2);
      assertThat(supervisor.finished()).isFalse();
    }
  }

  @Test
  void redirect_isRefusedUnlessAllowed() throws IOException {
    try (MjpegServer target = new MjpegServer(0);
        RawServer redirecting =
            RawServer.answering(
                "HTTP/1.0 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                    .formatted(target.url()))) {
      CameraConfig config = TestCameras.camera("cam", redirecting.url());
      assertThat(failure(config)).contains("redirect");
      awaitFrames(
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
      assertThat(failure(TestCameras.camera("cam", server.url()))).contains("allow.formats");
    }
  }

  private HttpsServer encrypted(MjpegServer camera, String host) throws Exception {
    Path store = folder.resolve(host + ".p12");
    String name = (host.startsWith("127") ? "IP:" : "DNS:") + host;
    KeyStore keys = TestKeys.create(store, "RSA", host, name);
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, TestKeys.PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    TestKeys.writePem(
        folder.resolve(host + ".pem"),
        "CERTIFICATE",
        keys.getCertificate(TestKeys.ALIAS).getEncoded());
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", camera::serve);
    server.start();
    return server;
  }

  private CameraConfig camera(HttpsServer server, Optional<Path> ca, boolean verify) {
    CameraConfig config =
        TestCameras.camera("cam", "https://127.0.0.1:" + server.getAddress().getPort() + "/video");
    return config
        .withTimeout(Duration.ofSeconds(15)) // handshakes cost time
        .withTls(new CameraConfig.Tls(ca, verify));
  }

  @Test
  void https_isVerified() throws Exception {
    try (MjpegServer camera = new MjpegServer(0)) {
      HttpsServer server = encrypted(camera, "127.0.0.1");
      try {
        assertThat(failure(camera(server, Optional.empty(), true))).contains("certificate");
        awaitFrames(camera(server, Optional.of(folder.resolve("127.0.0.1.pem")), true));
      } finally {
        server.stop(0);
      }
    }
  }

  @Test
  void https_verificationOff_isOpened() throws Exception {
    try (MjpegServer camera = new MjpegServer(0)) {
      HttpsServer server = encrypted(camera, "other.example");
      try {
        awaitFrames(camera(server, Optional.empty(), false));
      } finally {
        server.stop(0);
      }
    }
  }
}
