package io.maskstream.deployment;

import io.maskstream.topic.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** A broker with the topics of a deployment, for tests of other packages. */
public final class TestBroker implements AutoCloseable {
  private final EmbeddedBroker broker;

  private TestBroker(EmbeddedBroker broker) {
    this.broker = broker;
  }

  /** Starts a broker whose topics are empty, with one partition each. */
  public static TestBroker start(TopicNames topics) throws Exception {
    TestBroker made = new TestBroker(EmbeddedBroker.start(Optional.empty(), 0));
    List<NewTopic> all =
        topics.all().stream().map(name -> new NewTopic(name, 1, (short) 1)).toList();
    try (Admin admin = Admin.create(made.connection())) {
      admin.createTopics(all).all().get();
    }
    return made;
  }

  /** Settings of a client. */
  public Map<String, Object> connection() {
    return Map.of("bootstrap.servers", broker.bootstrap());
  }

  @Override
  public void close() {
    broker.close();
  }
}
