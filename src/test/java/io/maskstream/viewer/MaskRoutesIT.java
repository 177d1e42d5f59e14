package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.deployment.TestBroker;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.CocoRle;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.ClassShare;
import io.maskstream.topic.v1.SegmentedFrame;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Masks of all encodings through the broker to the page's other forms. */
class MaskRoutesIT {
  private static final TopicNames TOPICS = new TopicNames("forms");
  private static final ClassTable TABLE = ClassTable.camvid11();
  private static final LabeledPicture STREET =
      new SyntheticStreet(4, 160, 120).at(Duration.ofSeconds(1));
  private static final Mask MASK = STREET.groundTruth();

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static TestBroker broker;
  private static ViewServer server;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start(TOPICS);
    server =
        ViewServer.start(
            ViewConfig.local(0),
            FeedSource.raw(broker.connection(), TOPICS, RecordLoop.Observer.none()),
            RecordedControl.deployed(new ArrayList<>()));
  }

  @AfterAll
  static void stop() {
    server.close();
    broker.close();
  }

  private static HttpResponse<byte[]> get(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  /** A frame and its mask. */
  private static void send(String camera, MaskEncoding encoding, long sequence) throws Exception {
    byte[] key = camera.getBytes(StandardCharsets.UTF_8);
    FrameId id = new FrameId(camera, 1, sequence, 1_000_000 * sequence);
    ProducerRecord<byte[], byte[]> picture =
        new ProducerRecord<>(
            TOPICS.frames(), key, PictureCodec.encode(STREET.picture(), ContentType.JPEG, 80));
    new FrameMetadata(id, 160, 120, ContentType.JPEG).writeTo(picture.headers());
    SegmentedFrame.Builder frame =
        SegmentedFrame.newBuilder()
            .setCamera(camera)
            .setEpoch(id.epoch())
            .setSequence(sequence)
            .setCaptureMicros(id.captureMicros())
            .setClassTable(TABLE.id())
            .setMask(MaskCodec.encode(MASK, encoding, TABLE));
    for (int k = 0; k < TABLE.size(); k++) {
      frame.addClasses(ClassShare.newBuilder());
    }
    try (Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
      producer.send(ClassTableRecords.record(TOPICS, TABLE)).get();
      producer.send(picture).get();
      producer
          .send(new ProducerRecord<>(TOPICS.segmentedFrames(), key, frame.build().toByteArray()))
          .get();
    }
  }

  private static void appear(String camera, MaskEncoding encoding) {
    long[] sequence = {0};
    await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              send(camera, encoding, sequence[0]++);
              return get("/api/cameras/" + camera + "/mask.png").statusCode() == 200;
            });
  }

  @ParameterizedTest
  @EnumSource(MaskEncoding.class)
  void mask_ofEveryEncoding_hasTheSameForms(MaskEncoding encoding) throws Exception {
    String camera = encoding.name().toLowerCase(Locale.ROOT);
    appear(camera, encoding);
    String path = "/api/cameras/" + camera + "/mask";

    HttpResponse<byte[]> png = get(path + ".png");
    assertThat(png.headers().firstValue("Content-Type")).contains("image/png");
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png.body()));
    assertThat(image.getColorModel()).isInstanceOf(IndexColorModel.class);
    for (int x = 0; x < 160; x++) {
      assertThat(image.getRaster().getSample(x, 100, 0)).isEqualTo(MASK.at(x, 100));
      assertThat(image.getRGB(x, 100) & 0xFFFFFF)
          .isEqualTo(TABLE.classes().get(MASK.at(x, 100)).color());
    }

    JsonNode rle = new ObjectMapper().readTree(get(path + ".rle.json").body());
    assertThat(rle.path("camera").asText()).isEqualTo(camera);
    List<CocoRle.ClassRuns> runs =
        StreamSupport.stream(rle.path("annotations").spliterator(), false)
            .map(
                one ->
                    new CocoRle.ClassRuns(
                        one.path("category_id").asInt(),
                        one.at("/segmentation/counts")
                            .asText()
                            .getBytes(StandardCharsets.US_ASCII)))
            .toList();
    assertThat(CocoRle.decode(160, 120, runs).labels()).isEqualTo(MASK.labels());
    assertThat(rle.at("/annotations/0/segmentation/size").toString()).isEqualTo("[120,160]");

    JsonNode polygons = new ObjectMapper().readTree(get(path + ".polygons.json").body());
    assertThat(areas(polygons)).isEqualTo(areas(rle)).hasSizeGreaterThan(3);
    assertThat(polygons.at("/annotations/0/category").asText()).isEqualTo("sky");
  }

  /** Pixels by class. */
  private static Map<String, Integer> areas(JsonNode document) {
    Map<String, Integer> areas = new TreeMap<>();
    document
        .path("annotations")
        .forEach(
            one ->
                areas.merge(one.path("category").asText(), one.path("area").asInt(), Integer::sum));
    return areas;
  }

  @Test
  void mask_ofNoCamera_isNotFound() throws Exception {
    for (String form : List.of(".png", ".rle.json", ".polygons.json")) {
      HttpResponse<byte[]> answer = get("/api/cameras/nobody/mask" + form);
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("no frame of camera nobody");
    }
  }

  @Test
  void schemas_areServed_oneForEveryTopicOfJson() throws Exception {
    JsonNode names = new ObjectMapper().readTree(get("/api/schemas").body());
    List<String> served = new ArrayList<>();
    names.forEach(name -> served.add(name.asText()));
    List<String> expected =
        new ArrayList<>(
            TOPICS.all().stream()
                .map(topic -> topic.substring("forms.".length()) + ".json")
                .toList());
    // pictures, Protobuf, records as they came, a word
    expected.removeAll(
        List.of(
            "frames.json",
            "redacted-frames.json",
            "segmented-frames.json",
            "dead-letters.json",
            "control.json"));
    expected.add("segmented_frame.proto");
    assertThat(served).containsExactlyInAnyOrderElementsOf(expected);
    for (String name : served) {
      HttpResponse<byte[]> answer = get("/api/schemas/" + name);
      assertThat(answer.statusCode()).isEqualTo(200);
      String text = new String(answer.body(), StandardCharsets.UTF_8);
      assertThat(text)
          .contains(name.endsWith(".proto") ? "message SegmentedFrame" : "draft/2020-12");
    }
    assertThat(get("/api/schemas/frames.json").statusCode()).isEqualTo(404);
    assertThat(get("/api/schemas/..%2Fviewer%2Findex.html").statusCode()).isIn(400, 404);
  }
}
