package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class BrokerProbeIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(40);
  private static final Set<String> TOPICS = Set.of("a", "b", "hidden");

  private static void create(Admin admin, String... names) throws Exception {
    List<NewTopic> topics =
        List.of(names).stream().map(n -> new NewTopic(n, 1, (short) 1)).toList();
    admin.createTopics(topics).all().get();
  }

  @Test
  void topicThatIsDeleted_isNamed_untilItIsThereAgain() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0);
        Admin admin = Admin.create(KafkaConnection.plain(broker.bootstrap()).common())) {
      create(admin, "a", "b");
      KafkaConnection kafka = KafkaConnection.plain(broker.bootstrap());
      try (BrokerProbe probe =
          new BrokerProbe(kafka.common(), kafka.bootstrap(), TOPICS, new Metrics())) {
        await().atMost(TIMEOUT).until(() -> probe.topics().detail().equals("2 are there"));
        admin.deleteTopics(List.of("b")).all().get();
        await().atMost(TIMEOUT).until(() -> !probe.topics().ok());
        assertThat(probe.topics().detail()).isEqualTo("[b] are gone");
        assertThat(probe.result().ok()).isTrue();
        create(admin, "b");
        await().atMost(TIMEOUT).until(() -> probe.topics().ok());
      }
    }
  }
}
