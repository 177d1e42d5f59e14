package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.event.Event;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.inference.TestBundles;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.Json;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of events in a deployment that takes classes out of its pictures. */
class EventPicturesIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final TopicNames TOPICS = new TopicNames("pictures");

  /** Of a color, per channel; JPEG mixes neighbors. */
  private static final int TOLERANCE = 24;

  private static final String TOPOLOGY =
      """
      name: pictures
      kafka: {bootstrap: embedded}
      topics: {prefix: pictures, partitions: 1}
      cameras: [{id: a, url: 'synthetic:street?seed=1', fps: 10, width: 640, height: 480}]
      rules: [{name: any, classes: %s, above: 0.5, hold: 100ms}]
      segment: {model: '%s', maxAge: 2s, redact: {classes: [car]}}
      view: {port: 0}
      monitor: {port: 0}
      """;

  @TempDir private Path folder;

  private static HttpResponse<byte[]> get(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Ids of events that have a picture. */
  private static List<String> pictured(String page) throws Exception {
    JsonNode events = new ObjectMapper().readTree(get(page + "/api/events/recent").body());
    return events.findParents("snapshot").stream()
        .filter(event -> event.path("snapshot").asBoolean())
        .map(event -> event.path("id").asText())
        .toList();
  }

  @Test
  void pictures_ofARedactedDeployment_areMasksAlone() throws Exception {
    Path model = TestBundles.write(folder.resolve("model"), "street", "1", 1);
    String yaml = TOPOLOGY.formatted(ClassTable.camvid11().names(), model);
    DeploymentConfig config =
        YamlReader.parse("pictures.yaml", yaml, DeploymentConfig.class, Map.of());
    try (Deployment deployment = Deployment.start(config, EnumSet.allOf(Role.class))) {
      String page = deployment.page().orElseThrow();
      await().atMost(TIMEOUT).until(() -> pictured(page).size() == 1);
      String id = pictured(page).get(0);
      assertThat(id).startsWith("a/any/");
      HttpResponse<byte[]> answer = get(page + "/api/events/" + id + "/snapshot.jpg");
      assertThat(answer.headers().firstValue("Content-Type")).contains("image/jpeg");
      BufferedImage picture = ImageIO.read(new ByteArrayInputStream(answer.body()));
      assertThat(Math.max(picture.getWidth(), picture.getHeight())).isLessThanOrEqualTo(320);
      assertThat(shareOfClassColors(picture)).isGreaterThan(0.8);

      byte[] raw = get(page + "/api/cameras/a/picture").body(); // for comparison
      BufferedImage shown = ImageIO.read(new ByteArrayInputStream(raw));
      assertThat(shareOfClassColors(shown)).isLessThan(0.8);
      assertThat(get(page + "/api/events/a/any/1/2/snapshot.jpg").statusCode()).isEqualTo(404);
      conditionsHavePictures(deployment, page);
    }
  }

  /** The name of a condition has a colon in the event's id. */
  private static void conditionsHavePictures(Deployment deployment, String page) throws Exception {
    var frames = TopicReader.readAll(deployment.kafka(), TOPICS.segmentedFrames());
    FrameId frame =
        SegmentedFrames.id(SegmentedFrames.parse(frames.get(frames.size() - 1).value()));
    String id = "a/camera:covered/%d/%d".formatted(frame.epoch(), frame.sequence());
    Event.Data data =
        new Event.Data(id, "a", null, List.of(), "brightness", 1.0, 1, 1_000, 0, frame, "1");
    Event event =
        new Event(
            "1.0",
            id + "/started/1",
            "/cameras/a",
            "io.maskstream.camera.started",
            "covered",
            "2026-01-01T00:00:00Z",
            "application/json",
            data);
    try (Producer<byte[], byte[]> producer = ByteClients.producer(deployment.kafka().common())) {
      producer
          .send(
              new ProducerRecord<>(
                  TOPICS.events(), "a".getBytes(StandardCharsets.UTF_8), Json.write(event)))
          .get();
    }
    await().atMost(TIMEOUT).until(() -> pictured(page).contains(id));
    String path = "/api/events/" + id.replace(":", "%3A") + "/snapshot.jpg"; // as browsers ask
    assertThat(get(page + path).statusCode()).isEqualTo(200);
  }

  private static double shareOfClassColors(BufferedImage picture) {
    long near = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int pixel = picture.getRGB(x, y);
        if (ClassTable.camvid11().classes().stream().anyMatch(c -> near(pixel, c.color()))) {
          near++;
        }
      }
    }
    return (double) near / picture.getWidth() / picture.getHeight();
  }

  private static boolean near(int pixel, int color) {
    for (int shift = 0; shift <= 16; shift += 8) {
      if (Math.abs((pixel >> shift & 0xFF) - (color >> shift & 0xFF)) > TOLERANCE) {
        return false;
      }
    }
    return true;
  }
}
