package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.deployment.TestBroker;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** The topic of cameras, in which anybody may have written. */
class CameraRegistryIT {
  private static final TopicSettings TOPICS = TopicSettings.defaults("cams");

  private static ProducerRecord<byte[], byte[]> record(String key, String value) {
    return new ProducerRecord<>(
        TOPICS.names().cameras(),
        0,
        key.getBytes(StandardCharsets.UTF_8),
        value.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void unreadableRecords_leaveTheOtherCamerasAlone() throws Exception {
    try (TestBroker broker = TestBroker.start(TOPICS.names())) {
      KafkaConnection kafka =
          KafkaConnection.plain((String) broker.connection().get("bootstrap.servers"));
      CameraRegistry registry = new CameraRegistry(kafka, TOPICS);
      registry.add("a", Map.of("url", "synthetic:street"));
      try (Producer<byte[], byte[]> producer =
          ByteClients.producer(kafka.producer(TOPICS.maxRecordBytes()))) {
        producer.send(record("b", "{\"settings\": 7")).get();
        producer.send(record("c", "[]")).get();
        producer.send(record("a", "no JSON")).get();
      }
      assertThat(registry.list()).containsOnlyKeys("a");
      registry.add("b", Map.of("url", "synthetic:street")); // what is no camera is replaced
      registry.putFile(List.of(CameraConfig.of("c", "synthetic:street")));
      registry.set("a", Map.of("fps", 5));
      assertThat(registry.list()).containsOnlyKeys("a", "b", "c");
      assertThat(registry.list().get("a").camera().settings()).containsEntry("fps", 5);
    }
  }
}
