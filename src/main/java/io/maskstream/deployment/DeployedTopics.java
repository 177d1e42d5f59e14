package io.maskstream.deployment;

import io.maskstream.topic.AdminSession;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.KafkaReach;
import io.maskstream.topic.TopicAdmin;
import io.maskstream.topic.TopicCheck;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The topics of a deployment in its cluster, when a process starts. */
final class DeployedTopics {
  private static final Logger log = LoggerFactory.getLogger(DeployedTopics.class);

  private DeployedTopics() {}

  /**
   * Creates those that are missing.
   *
   * @throws IOException where Kafka is not there, or one that exists cannot be worked with
   */
  static void create(DeploymentConfig config, KafkaConnection kafka)
      throws IOException, InterruptedException {
    KafkaReach.require(kafka);
    try (AdminSession session = AdminSession.open(kafka)) {
      refuseOrTell(new TopicCheck(session.admin()).differences(config.topics(), config.name()));
      var created = new TopicAdmin(session.admin()).create(config.topics());
      if (!created.isEmpty()) {
        log.info("created topics {}", created);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw KafkaReach.failure(kafka, KafkaReach.PATIENCE, e);
    }
  }

  private static void refuseOrTell(List<TopicCheck.Difference> differences) throws IOException {
    List<String> breaking =
        differences.stream()
            .filter(TopicCheck.Difference::breaks)
            .map(TopicCheck.Difference::sentence)
            .toList();
    if (!breaking.isEmpty()) {
      throw new IOException(
          "existing topics do not fit: %s".formatted(String.join("; ", breaking)));
    }
    if (!differences.isEmpty()) {
      log.warn(
          "existing topics differ from the file and stay as they are: {}",
          differences.stream()
              .map(TopicCheck.Difference::sentence)
              .collect(Collectors.joining("; ")));
    }
  }
}
