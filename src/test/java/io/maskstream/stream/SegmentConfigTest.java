package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import io.maskstream.metrics.Metrics;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentConfigTest {
  private static final SegmentConfig LIVE = SegmentConfig.of(Path.of("m"));
  private static final SegmentConfig REPLAY = LIVE.withMaxAge(Optional.empty());

  private static Map<String, Object> settings(SegmentConfig config, KafkaConnection kafka) {
    return WorkerSettings.of(
        new GroupMember("app", Duration.ofSeconds(2), Optional.empty()),
        kafka,
        TopicSettings.defaults("t").withReplication(3),
        config,
        Path.of("state"),
        new WorkerSettings.Handed(new Metrics(), new FailedRecords()));
  }

  private static Map<String, Object> settings(SegmentConfig config) {
    return settings(config, KafkaConnection.plain("b:9092"));
  }

  private static SegmentConfig with(String key, int value) {
    return YamlReader.defaults(SegmentConfig.class, Map.of(key, value));
  }

  @ParameterizedTest
  @CsvSource({"threads, 1", "engineThreads, 1", "standbyReplicas, 0", "device, 0"})
  void numbers_haveALeastValue(String key, int least) {
    assertThat(with(key, least)).isNotNull();
    assertThatThrownBy(() -> with(key, least - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("is " + (least - 1));
  }

  @Test
  void streamThreads_areAtLeastOne_andDefaultToWhatTheTopologyNeeds() {
    assertThatThrownBy(() -> LIVE.withStreamThreads(Optional.of(0)))
        .hasMessageContaining("streamThreads must be at least 1");
    assertThat(settings(LIVE.withThreads(4))).containsEntry("num.stream.threads", 1);
    assertThat(settings(REPLAY.withThreads(4))).containsEntry("num.stream.threads", 4);
    assertThat(settings(LIVE.withStreamThreads(Optional.of(3))))
        .containsEntry("num.stream.threads", 3);
  }

  @Test
  void guarantee_reachesKafkaStreams_withItsCommitInterval() {
    assertThat(settings(LIVE))
        .containsEntry("processing.guarantee", "at_least_once")
        .containsEntry("commit.interval.ms", 1_000L);
    assertThat(settings(LIVE.withGuarantee(Guarantee.EXACTLY_ONCE)))
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("commit.interval.ms", 100L);
  }

  @Test
  void standbysAndReplication_reachKafkaStreams() {
    assertThat(settings(LIVE.withStandbyReplicas(2)))
        .containsEntry("num.standby.replicas", 2)
        .containsEntry("replication.factor", 3);
  }

  @Test
  void settingsOfTheFile_reachTheClientTheyAreFor_andWin() {
    KafkaConnection kafka =
        new KafkaConnection(
            "b:9092",
            Map.of("security.protocol", "SSL"),
            Map.of("num.standby.replicas", "1"),
            Map.of("linger.ms", "9"),
            Map.of("max.poll.records", "7"));
    assertThat(settings(LIVE, kafka))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("num.standby.replicas", "1")
        .containsEntry("producer.linger.ms", "9")
        .containsEntry("consumer.max.poll.records", "7");
    assertThat(kafka.common()).doesNotContainKeys("num.standby.replicas", "linger.ms");
    assertThat(kafka.producer(1))
        .containsEntry("linger.ms", "9")
        .doesNotContainKey("max.poll.records");
    assertThat(kafka.consumer(1))
        .containsEntry("max.poll.records", "7")
        .doesNotContainKey("linger.ms");
  }
}
