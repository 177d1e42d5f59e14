package io.maskstream.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.TestKeys;
import io.maskstream.config.YamlReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {

  @TempDir private static Path folder;
  private static SSLContext trusting;

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = folder.resolve("server.p12");
    KeyStore keys = TestKeys.create(store, "EC", "localhost", "IP:127.0.0.1");
    TestKeys.writePem(
        folder.resolve("certificate.pem"),
        "CERTIFICATE",
        keys.getCertificate(TestKeys.ALIAS).getEncoded());
    TestKeys.writePem(
        folder.resolve("key.pem"),
        "PRIVATE KEY",
        keys.getKey(TestKeys.ALIAS, TestKeys.PASSWORD.toCharArray()).getEncoded());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(TestKeys.ALIAS, keys.getCertificate(TestKeys.ALIAS));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, factory.getTrustManagers(), null);
  }

  private static MonitorServer start(String tls) throws Exception {
    MonitorConfig config =
        YamlReader.parse("monitor", "{port: 0, tls: " + tls + "}", MonitorConfig.class, Map.of());
    Health health = new Health();
    health.started();
    return MonitorServer.start(config, new Metrics(), health);
  }

  private static void answersOverTls(MonitorServer server) throws Exception {
    assertThat(server.address()).startsWith("https://");
    HttpResponse<String> answer =
        HttpClient.newBuilder()
            .sslContext(trusting)
            .build()
            .send(
                HttpRequest.newBuilder(URI.create(server.address() + "/readyz")).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
  }

  @Test
  void pemFiles_serveHttps() throws Exception {
    try (MonitorServer server =
        start(
            "{certificate: '%s', key: '%s'}"
                .formatted(folder.resolve("certificate.pem"), folder.resolve("key.pem")))) {
      answersOverTls(server);
    }
  }

  @Test
  void pkcs12_servesHttps() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), TestKeys.PASSWORD + "\n");
    try (MonitorServer server =
        start(
            "{keystore: '%s', password: {file: '%s'}}"
                .formatted(folder.resolve("server.p12"), password))) {
      answersOverTls(server);
    }
  }

  @Test
  void keyOfAnotherForm_isNamed() {
    assertThatThrownBy(
            () ->
                start(
                    "{certificate: '%s', key: '%s'}"
                        .formatted(
                            folder.resolve("certificate.pem"), folder.resolve("certificate.pem"))))
        .hasMessageContaining("holds no key in PKCS#8");
  }
}
