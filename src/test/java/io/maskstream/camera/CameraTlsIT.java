package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.maskstream.TestKeys;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cameras behind TLS: whose certificate is taken, by real servers of both protocols. */
class CameraTlsIT {

  @TempDir private static Path folder;
  private static SSLContext right;
  private static SSLContext ofAnotherHost;
  private static Path rightAuthority;
  private static Path otherAuthority;
  private static Path otherItself;
  private static Path video;

  /** How the camera speaks. */
  enum Protocol {
    HTTPS,
    RTSPS
  }

  /** A running camera. */
  private interface Server extends AutoCloseable {
    int port();

    @Override
    void close() throws IOException;
  }

  @BeforeAll
  static void makeCertificates() throws Exception {
    KeyStore keys = TestKeys.createSigned(folder.resolve("right.p12"), "cam", "IP:127.0.0.1");
    right = TestKeys.context(keys);
    rightAuthority = pem(keys, TestKeys.AUTHORITY, "right-authority.pem");
    KeyStore other = TestKeys.createSigned(folder.resolve("other.p12"), "127.0.0.1", "DNS:other");
    ofAnotherHost = TestKeys.context(other);
    otherAuthority = pem(other, TestKeys.AUTHORITY, "other-authority.pem");
    otherItself = pem(other, TestKeys.ALIAS, "other-itself.pem");
    video = folder.resolve("video.ts");
    RtspsServer.record(video);
  }

  private static Path pem(KeyStore keys, String alias, String name) throws Exception {
    Path file = folder.resolve(name);
    TestKeys.writePem(file, "CERTIFICATE", keys.getCertificate(alias).getEncoded());
    return file;
  }

  private static Server serve(Protocol protocol, SSLContext context) throws IOException {
    return protocol == Protocol.RTSPS ? rtsps(context) : https(context);
  }

  private static Server rtsps(SSLContext context) throws IOException {
    RtspsServer server = new RtspsServer(context, video);
    return new Server() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public void close() throws IOException {
        server.close();
      }
    };
  }

  private static Server https(SSLContext context) throws IOException {
    MjpegServer camera = new MjpegServer(0);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          String host = exchange.getRequestHeaders().getFirst("Host");
          if (host.equals("127.0.0.1:" + server.getAddress().getPort())) {
            camera.serve(exchange);
          } else {
            exchange.sendResponseHeaders(421, -1);
          }
        });
    server.start();
    return new Server() {
      @Override
      public int port() {
        return server.getAddress().getPort();
      }

      @Override
      public void close() {
        camera.close();
        server.stop(0);
      }
    };
  }

  private static CameraConfig camera(
      Protocol protocol, Server server, Optional<Path> ca, boolean verify) {
    String url =
        "%s://guard:secret@127.0.0.1:%d/video"
            .formatted(protocol.name().toLowerCase(Locale.ROOT), server.port());
    return TestCameras.camera("cam", url)
        .withTimeout(Duration.ofSeconds(15)) // handshakes cost time
        .withTls(new CameraConfig.Tls(ca, verify));
  }

  @ParameterizedTest
  @EnumSource
  void certificateOfAnUnknownAuthority_isRefused(Protocol protocol) throws Exception {
    try (Server server = serve(protocol, right)) {
      String sentence = "its certificate is from no authority that is trusted; tls.ca names";
      assertThat(TestCameras.failure(camera(protocol, server, Optional.empty(), true)))
          .startsWith(sentence);
      assertThat(TestCameras.failure(camera(protocol, server, Optional.of(otherAuthority), true)))
          .startsWith(sentence);
    }
  }

  @ParameterizedTest
  @EnumSource
  void certificateOfATrustedAuthority_isTaken(Protocol protocol) throws Exception {
    try (Server server = serve(protocol, right)) {
      TestCameras.awaitFrames(camera(protocol, server, Optional.of(rightAuthority), true));
    }
  }

  @ParameterizedTest
  @EnumSource
  void certificateForAnotherHost_isRefused(Protocol protocol) throws Exception {
    try (Server server = serve(protocol, ofAnotherHost)) {
      assertThat(TestCameras.failure(camera(protocol, server, Optional.of(otherAuthority), true)))
          .startsWith("its certificate is not for the host 127.0.0.1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void certificateOfTheFuture_isSaidToBeNotValidYet(Protocol protocol) throws Exception {
    KeyStore keys = TestKeys.createFuture(folder.resolve(protocol + ".p12"), "IP:127.0.0.1");
    Path itself = pem(keys, TestKeys.ALIAS, protocol + ".pem");
    try (Server server = serve(protocol, TestKeys.context(keys))) {
      assertThat(TestCameras.failure(camera(protocol, server, Optional.of(itself), true)))
          .startsWith("its certificate is not valid yet");
    }
  }

  @ParameterizedTest
  @EnumSource
  void certificateThatIsNamedItself_isTakenForAnyHost(Protocol protocol) throws Exception {
    try (Server server = serve(protocol, ofAnotherHost)) {
      TestCameras.awaitFrames(camera(protocol, server, Optional.of(otherItself), true));
    }
  }

  @ParameterizedTest
  @EnumSource
  void verificationOff_takesAny(Protocol protocol) throws Exception {
    try (Server server = serve(protocol, ofAnotherHost)) {
      TestCameras.awaitFrames(camera(protocol, server, Optional.empty(), false));
    }
  }

  @Test
  void cameraThatIsSilentInTheHandshake_isGivenUp() throws Exception {
    try (RawServer server = RawServer.silent()) {
      CameraConfig config =
          TestCameras.camera("cam", "rtsps://127.0.0.1:" + server.port() + "/video");
      assertThat(TestCameras.failure(config)).contains("timed out");
    }
  }

  @Test
  void missingFile_isNamed() {
    CameraConfig config =
        TestCameras.camera("cam", "rtsps://127.0.0.1:1/video")
            .withTls(new CameraConfig.Tls(Optional.of(folder.resolve("gone.pem")), true));
    assertThat(TestCameras.failure(config)).startsWith("tls.ca: no such file, or not readable: ");
  }
}
