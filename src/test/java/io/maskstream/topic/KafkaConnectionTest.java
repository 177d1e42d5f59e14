package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class KafkaConnectionTest {
  private static final KafkaConnection CONNECTION =
      new KafkaConnection(
          "b:9092",
          Map.of("client.id", "gate"),
          Map.of("poll.ms", "7"),
          Map.of("linger.ms", "3"),
          Map.of("fetch.min.bytes", "9"));

  @Test
  void settings_reachTheClientsTheyAreFor() {
    assertThat(CONNECTION.common())
        .containsOnly(Map.entry("bootstrap.servers", "b:9092"), Map.entry("client.id", "gate"));
    assertThat(CONNECTION.producer(100))
        .containsEntry("linger.ms", "3")
        .containsEntry("client.id", "gate")
        .containsEntry("max.request.size", 100)
        .containsEntry("buffer.memory", 64_000_000L)
        .doesNotContainKeys("fetch.min.bytes", "poll.ms");
    assertThat(CONNECTION.consumer(100))
        .containsEntry("fetch.min.bytes", "9")
        .containsEntry("max.partition.fetch.bytes", 100)
        .containsEntry("fetch.max.bytes", 50_000_000)
        .doesNotContainKeys("linger.ms", "poll.ms");
    assertThat(CONNECTION.consumer(60_000_000)).containsEntry("fetch.max.bytes", 60_000_000);
    assertThat(CONNECTION.streams("p.", "c."))
        .containsOnly(
            Map.entry("poll.ms", "7"),
            Map.entry("p.linger.ms", "3"),
            Map.entry("c.fetch.min.bytes", "9"));
  }

  @Test
  void settings_ofTheFile_winOverOurs() {
    KafkaConnection own =
        new KafkaConnection(
            "b:9092",
            Map.of(),
            Map.of(),
            Map.of("max.request.size", "5", "buffer.memory", "6"),
            Map.of("max.partition.fetch.bytes", "7", "fetch.max.bytes", "8"));
    assertThat(own.producer(100))
        .containsEntry("max.request.size", "5")
        .containsEntry("buffer.memory", "6");
    assertThat(own.consumer(100))
        .containsEntry("max.partition.fetch.bytes", "7")
        .containsEntry("fetch.max.bytes", "8");
  }

  @Test
  void at_isTheSameElsewhere() {
    assertThat(CONNECTION.at("c:1").common()).containsEntry("bootstrap.servers", "c:1");
    assertThat(CONNECTION.at("c:1").producer()).isEqualTo(CONNECTION.producer());
  }

  @Test
  void shown_secretsAreHidden() {
    for (String key :
        new String[] {
          "ssl.key.location", "sasl.jaas.config", "A.PASSWORD", "x.secret", "a.token"
        }) {
      assertThat(new KafkaConnection("b:1", Map.of(key, "hunter2")).toString())
          .contains(key + "=***")
          .doesNotContain("hunter2");
    }
    assertThat(CONNECTION.toString()).contains("b:9092", "gate", "poll.ms=7", "linger.ms=3");
  }

  @Test
  void member_hasTheTimeoutOfTheFile_orTheOneOfItsKind() throws Exception {
    try (Admin nobody = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1"))) {
      Optional<String> pod = Optional.of("pod-0");
      GroupMember asGiven =
          new GroupConfig(pod, Optional.of(Duration.ofMillis(100))).member("g", nobody, true);
      assertThat(asGiven).isEqualTo(new GroupMember("g", Duration.ofMillis(100), pod));
      GroupMember stays = new GroupConfig(pod, Optional.empty()).member("g", nobody, true);
      assertThat(stays).isEqualTo(new GroupMember("g", Duration.ofSeconds(20), pod));
      GroupConfig none = new GroupConfig(Optional.empty(), Optional.empty());
      assertThat(none.member("g", nobody, true).sessionTimeout()).isEqualTo(Duration.ofSeconds(6));
      assertThat(stays.in("h").settings())
          .containsOnly(
              Map.entry("group.id", "h"),
              Map.entry("session.timeout.ms", 20_000),
              Map.entry("heartbeat.interval.ms", 4_000),
              Map.entry("group.instance.id", "pod-0"));
    }
    assertThatThrownBy(() -> new GroupConfig(Optional.empty(), Optional.of(Duration.ofMillis(99))))
        .hasMessageContaining("sessionTimeout must be at least 100ms");
  }
}
