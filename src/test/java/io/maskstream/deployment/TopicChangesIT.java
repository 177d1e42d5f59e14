package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics that are changed under a deployment: it says so in one sentence and ends. */
class TopicChangesIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  @TempDir private Path folder;

  @Test
  void partitionsAddedWhileItRuns_endTheWorkerWithASentence_andRefuseItsRestart() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    try (LiveLoad load = new LiveLoad("changed", 2, 2);
        Admin admin = Admin.create(load.kafka().common());
        SleepingWorker worker =
            new SleepingWorker(
                seesChangesSoon(load),
                load.topics(),
                Guarantee.AT_LEAST_ONCE,
                Duration.ZERO,
                bundle)) {
      await().atMost(TIMEOUT).until(worker::running);
      load.publish(5, Duration.ofSeconds(1)).join();
      await().atMost(TIMEOUT).until(() -> load.account().complete());
      assertThat(worker.healthy()).isTrue();

      String frames = load.topics().names().frames();
      admin.createPartitions(Map.of(frames, NewPartitions.increaseTo(3))).all().get();
      await().atMost(TIMEOUT).until(() -> worker.whenFatal().isDone());
      assertThat(worker.whenFatal().join()).contains("partitions");
      await().atMost(TIMEOUT).until(() -> !worker.healthy());

      String yaml =
          """
          name: changed
          kafka: {bootstrap: '%s'}
          topics: {prefix: changed, partitions: 3}
          segment: {model: '%s'}
          monitor: {port: 0}
          """
              .formatted(load.bootstrap(), bundle);
      DeploymentConfig config = YamlReader.parse("it.yaml", yaml, DeploymentConfig.class, Map.of());
      assertThatThrownBy(() -> Deployment.start(config, Set.of(Role.SEGMENT)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("existing topics do not fit: ")
          .hasMessageContaining("changed-pending-changelog has 2 partitions and the frames 3");
    }
  }

  private static KafkaConnection seesChangesSoon(LiveLoad load) {
    return new KafkaConnection(
        load.bootstrap(), Map.of(), Map.of(), Map.of(), Map.of("metadata.max.age.ms", "1000"));
  }
}
