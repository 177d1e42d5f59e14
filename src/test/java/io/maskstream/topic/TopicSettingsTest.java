package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class TopicSettingsTest {
  private static final List<String> NAMES =
      List.of(
          "p.frames",
          "p.segmented-frames",
          "p.redacted-frames",
          "p.class-stats",
          "p.class-stats-windowed",
          "p.events",
          "p.drops",
          "p.dead-letters",
          "p.class-tables",
          "p.camera-status",
          "p.cameras",
          "p.rules",
          "p.control",
          "p.model-orders",
          "p.model-reports");

  private final Map<String, Map<String, String>> topics =
      TopicSettings.defaults("p").topics().stream()
          .collect(Collectors.toMap(NewTopic::name, NewTopic::configs));

  @Test
  void names_arePrefixAndTopic() {
    assertThat(new TopicNames("p").all()).containsExactlyElementsOf(NAMES);
    assertThat(topics.keySet()).containsExactlyInAnyOrderElementsOf(NAMES);
  }

  @Test
  void topics_haveTheirPartitionsAndCopies() {
    assertThat(TopicSettings.defaults("p").withPartitions(7).withReplication(3).topics())
        .allMatch(topic -> topic.numPartitions() == 7 && topic.replicationFactor() == 3);
  }

  @Test
  void frames_areBoundInTimeAndBytes_andDatedByTheBroker() {
    assertThat(topics.get("p.frames"))
        .containsEntry("retention.ms", "300000")
        .containsEntry("retention.bytes", "1000000000")
        .containsEntry("max.message.bytes", "8000000")
        .containsEntry("segment.bytes", "64000000")
        .containsEntry("segment.ms", "60000")
        .containsEntry("compression.type", "producer")
        .containsEntry("message.timestamp.type", "LogAppendTime");
    assertThat(topics.get("p.segmented-frames"))
        .containsOnly(
            Map.entry("retention.ms", "3600000"), Map.entry("max.message.bytes", "8000000"));
    assertThat(topics.get("p.redacted-frames"))
        .containsEntry("retention.ms", "3600000")
        .containsEntry("retention.bytes", "1000000000")
        .containsEntry("compression.type", "producer")
        .doesNotContainKey("message.timestamp.type");
  }

  @Test
  void statistics_areCompressedAndKeptForAWeek() {
    for (String topic :
        List.of(
            "p.class-stats", "p.class-stats-windowed", "p.events", "p.drops", "p.model-reports")) {
      assertThat(topics.get(topic))
          .containsEntry("compression.type", "lz4")
          .containsEntry("retention.ms", "604800000");
    }
    assertThat(topics.get("p.dead-letters"))
        .doesNotContainKey("compression.type")
        .containsEntry("retention.ms", "604800000");
    assertThat(topics.get("p.control")).containsEntry("retention.ms", "3600000");
  }

  @Test
  void state_isCompacted() {
    for (String topic : List.of("p.class-tables", "p.camera-status", "p.rules", "p.model-orders")) {
      assertThat(topics.get(topic)).containsOnly(Map.entry("cleanup.policy", "compact"));
    }
    assertThat(topics.get("p.cameras"))
        .containsOnly(
            Map.entry("cleanup.policy", "compact"),
            Map.entry("message.timestamp.type", "LogAppendTime"));
  }

  @Test
  void settings_outOfRange_nameRuleAndValue() {
    TopicSettings settings = TopicSettings.defaults("p");
    assertThatThrownBy(() -> settings.withPartitions(0))
        .hasMessageContaining("partitions must be at least 1, is 0");
    assertThatThrownBy(() -> settings.withReplication(0))
        .hasMessageContaining("replication must be at least 1, is 0");
    assertThatThrownBy(() -> settings.withMaxRecordBytes(99_999))
        .hasMessageContaining("maxRecordBytes must be at least 100000, is 99999");
    assertThatThrownBy(() -> settings.withPrefix("a b")).hasMessageContaining("is 'a b'");
    assertThat(settings.withMaxRecordBytes(100_000).maxRecordBytes()).isEqualTo(100_000);
  }
}
