package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.maskstream.config.YamlReader;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.TopicSchemas;
import io.maskstream.topic.v1.Mask;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** The records of a running deployment against the published schemas. */
class WrittenRecordsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final TopicNames TOPICS = new TopicNames("written");

  /** Those that a deployment writes by itself, without the prefix. */
  private static final List<String> JSON_TOPICS =
      List.of(
          "camera-status",
          "cameras",
          "class-stats",
          "class-stats-windowed",
          "class-tables",
          "drops",
          "events",
          "rules");

  private static final String TOPOLOGY =
      """
      name: written
      kafka: {bootstrap: embedded}
      topics: {prefix: written, partitions: 1}
      cameras:
        - id: street
          url: synthetic:street?seed=3
          fps: 30
          zones:
            - {name: near, polygon: [[0, 0.6], [1, 0.6], [1, 1], [0, 1]], regions: [road]}
      rules:
        - {name: road, zone: near, classes: [road], above: 0.1, hold: 500ms}
      segment: {maxAge: 3s, encoding: rle, threads: 1}
      view: {port: 0}
      monitor: {port: 0}
      """;

  private static List<ConsumerRecord<byte[], byte[]>> records(Deployment deployment, String topic) {
    return TopicReader.readAll(deployment.kafka(), TOPICS.prefix() + "." + topic);
  }

  @Test
  void recordsOfADeployment_fitTheirSchemas() throws Exception {
    DeploymentConfig config = YamlReader.parse("it", TOPOLOGY, DeploymentConfig.class, Map.of());
    try (Deployment deployment = Deployment.start(config, Deployment.allRoles())) {
      for (String topic : JSON_TOPICS) {
        await(topic).atMost(TIMEOUT).until(() -> !records(deployment, topic).isEmpty());
      }
      for (String topic : JSON_TOPICS) {
        JsonNode schema = TopicSchemas.strict(topic);
        for (ConsumerRecord<byte[], byte[]> record : records(deployment, topic)) {
          if (record.value() != null) {
            assertThat(TopicSchemas.errors(schema, record.value())).as(topic).isEmpty();
          }
        }
      }
      for (ConsumerRecord<byte[], byte[]> record : records(deployment, "segmented-frames")) {
        Mask mask = SegmentedFrames.parse(record.value()).getMask();
        assertThat(mask.getEncoding()).isEqualTo(Mask.Encoding.RLE);
        assertThat(MaskCodec.decode(mask).width()).isEqualTo(mask.getWidth());
      }
    }
  }
}
