package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.maskstream.camera.VideoWriter;
import io.maskstream.config.YamlReader;
import io.maskstream.frame.Picture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Alerts of pictures and of the webhook, in a real Prometheus, when their causes happen. */
@Tag("prometheus")
class EventAlertsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int REFUSES = 400;
  private static final int FAILS = 500;
  private static final int TAKES = 204;

  @TempDir private Path folder;

  /** Events of the street come again and again, so that there is always one to send. */
  private static final String TOPOLOGY =
      """
      name: events
      kafka: {bootstrap: embedded}
      topics: {prefix: events, partitions: 1}
      cameras:
        - {id: street, url: 'synthetic:street?seed=1', fps: 5}
        - {id: dark, url: '%s', fps: 5, loop: true}
      rules:
        - {name: road, cameras: [street], classes: [road], above: 0.01, hold: 0s, interval: 1s}
      segment: {maxAge: 2s, unknown: {below: 1}, cameraHealth: {hold: 1s}}
      webhook:
        url: '%s'
        secret: 0123456789abcdef
        retryDelay: 100ms
        maxRetryDelay: 200ms
      view: {port: 0}
      monitor: {port: 0}
      """;

  private Path darkVideo() throws IOException {
    Path file = folder.resolve("dark.mp4");
    Picture black = Picture.black(320, 240);
    try (VideoWriter writer = VideoWriter.open(file, 320, 240, 10)) {
      for (int i = 0; i < 20; i++) {
        writer.write(black);
      }
    }
    return file;
  }

  private static HttpServer receiver(AtomicInteger answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(answer.get(), -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void awaitFiring(PrometheusProcess prometheus, String alert) {
    await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(prometheus.firing()).contains(alert));
  }

  @Test
  void everyCause_firesItsAlert_andADeliveryEndsIt() throws Exception {
    AtomicInteger answer = new AtomicInteger(REFUSES);
    HttpServer receiver = receiver(answer);
    String hook = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/";
    DeploymentConfig config =
        YamlReader.parse(
            "events.yaml", TOPOLOGY.formatted(darkVideo(), hook), DeploymentConfig.class, Map.of());
    try (Deployment deployment = Deployment.start(config, Deployment.allRoles());
        PrometheusProcess prometheus =
            PrometheusProcess.start(folder, URI.create(deployment.monitor()).getAuthority())) {
      for (String alert :
          List.of(
              "MaskstreamCameraImpaired",
              "MaskstreamCameraSceneUnknown",
              "MaskstreamWebhookEventLost")) {
        awaitFiring(prometheus, alert);
      }
      assertThat(prometheus.firing()).doesNotContain("MaskstreamWebhookFailing");
      answer.set(FAILS);
      awaitFiring(prometheus, "MaskstreamWebhookFailing");
      answer.set(TAKES);
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () -> assertThat(prometheus.firing()).doesNotContain("MaskstreamWebhookFailing"));
    } finally {
      receiver.stop(0);
    }
  }
}
