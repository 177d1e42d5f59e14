package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.maskstream.config.Labels;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.event.Rule;
import io.maskstream.event.RuleSettings;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.rollout.RolloutCommand;
import io.maskstream.rollout.RolloutReport;
import io.maskstream.topic.CameraReport;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.ExpiredRange;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicSchemas;
import io.maskstream.topic.WindowedStats;
import io.maskstream.zone.ZoneStats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Records as they are written against the schemas that are published. */
class TopicSchemasTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final FrameId FRAME = new FrameId("gate", 1_700_000_000_000L, 7, 1_700_000_000_5L);

  private record Written(String topic, byte[] value) {
    static Written of(String topic, Object value) {
      return new Written(topic, Json.write(value));
    }

    @Override
    public String toString() {
      return topic;
    }
  }

  static List<Written> records() {
    List<Written> records = new ArrayList<>();
    records.add(Written.of("class-stats", stats(Map.of())));
    records.add(
        Written.of(
            "class-stats",
            stats(
                Map.of(
                    "door",
                    new ZoneStats(
                        9, Map.of("car", new ZoneStats.ClassInZone(3, 1 / 3.0, 1, 0.25)))))));
    records.add(
        Written.of(
            "class-stats-windowed",
            new WindowedStats(
                "gate",
                60_000,
                1_000,
                15,
                Map.of("car", new WindowedStats.ShareOverTime(0, 0.1, 0.2, 0.05)),
                new WindowedStats.ShareOverTime(0, 0.1, 0.2, 0.05))));
    for (DropRecord.Reason reason : DropRecord.Reason.values()) {
      for (DropRecord.Stage stage : DropRecord.Stage.values()) {
        records.add(Written.of("drops", new DropRecord(FRAME, stage, reason, 600_000)));
      }
    }
    records.add(Written.of("drops", ExpiredRange.of("maskstream.frames", 3, 10, 20)));
    for (Event.Kind kind : Event.Kind.values()) {
      for (Event.Notice notice : Event.Notice.values()) {
        records.add(Written.of("events", event(kind, notice, FRAME, "door", 0.2)));
        records.add(Written.of("events", event(kind, notice, null, null, null)));
      }
    }
    for (CameraStatus.State state : CameraStatus.State.values()) {
      String label = Labels.of(state);
      records.add(Written.of("camera-status", new CameraReport("gate", label, "401", 5L)));
      records.add(Written.of("camera-status", new CameraReport("gate", label, "", null)));
    }
    records.addAll(cameras());
    records.addAll(rules());
    records.add(
        new Written(
            "class-tables",
            ClassTableRecords.record(new TopicNames("x"), ClassTable.camvid11()).value()));
    records.add(
        Written.of(
            "model-orders",
            new RolloutCommand(
                "street", "models/a", "models/b", "models/a", 60_000, 0.85, 1, false, "asked")));
    records.addAll(reports());
    return records;
  }

  private static ClassStats stats(Map<String, ZoneStats> zones) {
    return new ClassStats(
        FRAME,
        "street-ssa@5",
        Map.of("car", new ClassStats.ClassStat(9, 1, 0.8)),
        Map.of("vehicle", 1.0),
        zones,
        0.25,
        200_000);
  }

  private static Event event(
      Event.Kind kind, Event.Notice notice, FrameId frame, String zone, Double value) {
    return new Event(
        "1.0",
        "gate/crowd/1/1",
        "/cameras/gate",
        "io.maskstream." + kind.label() + "." + notice.label(),
        "crowd",
        "2025-11-25T02:00:56Z",
        "application/json",
        new Event.Data(
            "gate/crowd/1", "gate", zone, List.of("car"), "share", value, 0.3, 5, 6, frame, "1"));
  }

  private static List<Written> cameras() {
    return List.of(
        Written.of("cameras", CameraSettings.of(Map.of("url", "rtsp://gate/"))),
        Written.of("cameras", CameraSettings.of(Map.of("url", Map.of("file", "/run/secrets/url")))),
        Written.of("cameras", CameraSettings.ofFile(CameraConfig.of("gate", "rtsp://gate/"))),
        new Written("cameras", new OwnerClaim("host/1").write()));
  }

  private static List<Written> rules() {
    Rule rule =
        YamlReader.defaults(
            Rule.class,
            Map.of("name", "r", "zone", "door", "classes", List.of("car"), "above", 0.1));
    return List.of(
        Written.of("rules", RuleSettings.ofFile(rule)),
        Written.of("rules", RuleSettings.of(Map.of("measure", "unknown", "below", 0.5))));
  }

  private static List<Written> reports() {
    return Stream.of("taken-over", "rolled-back", "rejected")
        .flatMap(
            outcome ->
                Stream.of(
                    new RolloutReport(
                        "s", 1, "w", "a@1", "b@2", outcome, "r", 20, 0.9, Map.of("car", 0.8), 1.1),
                    new RolloutReport(
                        "s", 1, "w", "a@1", "b@2", outcome, "r", 0, null, Map.of(), null)))
        .map(report -> Written.of("model-reports", report))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("records")
  void record_asWritten_fitsItsSchema_whichDescribesEveryField(Written record) throws IOException {
    JsonNode schema = TopicSchemas.schema(record.topic());
    assertThat(schema.path("$schema").asText())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(TopicSchemas.errors(schema, record.value())).isEmpty();
    assertThat(TopicSchemas.errors(TopicSchemas.strict(record.topic()), record.value())).isEmpty();
  }

  /** All copies of a record in which one value is of a wrong kind. */
  private static List<JsonNode> broken(JsonNode whole, JsonNode part) {
    List<JsonNode> copies = new ArrayList<>();
    if (part instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : List.copyOf(object.properties())) {
        object.set(field.getKey(), MAPPER.createArrayNode().addArray());
        copies.add(whole.deepCopy());
        object.set(field.getKey(), field.getValue());
        copies.addAll(broken(whole, field.getValue()));
      }
    } else if (part instanceof ArrayNode array) {
      for (Iterator<JsonNode> all = array.elements(); all.hasNext(); ) {
        copies.addAll(broken(whole, all.next()));
      }
    }
    return copies;
  }

  @ParameterizedTest
  @MethodSource("records")
  void record_withAWrongValue_doesNotFit(Written record) throws IOException {
    JsonNode schema = TopicSchemas.schema(record.topic());
    JsonNode good = MAPPER.readTree(record.value());
    List<JsonNode> broken = broken(good, good);
    assertThat(broken).isNotEmpty();
    for (JsonNode bad : broken) {
      assertThat(TopicSchemas.errors(schema, bad)).as(bad.toString()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void record_withoutAFieldThatAllHave_doesNotFit(Written record) throws IOException {
    JsonNode schema = TopicSchemas.schema(record.topic());
    for (JsonNode name : schema.path("required")) {
      ObjectNode bad = (ObjectNode) MAPPER.readTree(record.value());
      bad.remove(name.asText());
      assertThat(TopicSchemas.errors(schema, bad)).as(bad.toString()).isNotEmpty();
    }
    if (schema.path("required").isMissingNode()) {
      assertThat(TopicSchemas.errors(schema, MAPPER.createObjectNode())).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("values")
  void value_outsideItsRange_doesNotFit(String topic, String good, String bad) throws IOException {
    String record =
        records().stream()
            .filter(written -> written.topic().equals(topic))
            .map(written -> new String(written.value(), StandardCharsets.UTF_8))
            .filter(text -> text.contains(good))
            .findFirst()
            .orElseThrow();
    assertThat(
            TopicSchemas.errors(
                TopicSchemas.schema(topic), MAPPER.readTree(record.replace(good, bad))))
        .isNotEmpty();
  }

  static List<Arguments> values() {
    return Stream.of(
            "class-stats|\"share\":1.0|\"share\":1.1",
            "class-stats|\"sequence\":7|\"sequence\":-1",
            "class-stats-windowed|\"frames\":15|\"frames\":1.5",
            "drops|\"stale\"|\"bored\"",
            "events|io.maskstream.rule.started|io.maskstream.rule.begun",
            "events|\"1.0\"|\"0.3\"",
            "camera-status|\"waiting\"|\"asleep\"",
            "class-tables|#4682B4|blue",
            "model-orders|0.85|85",
            "rules|\"share\"|\"sum\"",
            "rules|[\"car\"]|[1]",
            "model-reports|\"rejected\"|\"lost\"")
        .map(line -> Arrays.asList(line.split("\\|")))
        .map(parts -> Arguments.of(parts.toArray()))
        .toList();
  }
}
