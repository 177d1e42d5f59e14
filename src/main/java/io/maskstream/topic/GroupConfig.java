package io.maskstream.topic;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How processes of one role share the work. */
public record GroupConfig(
    @Key(
            "Name of this process in its groups, such as ${POD_NAME}: it gets its share again when it"
                + " comes back within the session timeout (static membership). None where it is left"
                + " out.")
        Optional<String> instance,
    @Key(
            "Time without a sign of life after which others take a process's share over. Where it is"
                + " left out, 2s, or the least that the brokers allow if that is more"
                + " (group.min.session.timeout.ms, 6s by default); 6s beside an embedded broker; with"
                + " an instance, 20s.")
        Optional<Duration> sessionTimeout) {

  private static final Logger log = LoggerFactory.getLogger(GroupConfig.class);

  private static final Duration LEAST = Duration.ofSeconds(2);
  private static final Duration WITH_INSTANCE = Duration.ofSeconds(20);

  /** Nobody else waits for the share of a process that has its broker in it. */
  private static final Duration WITH_BROKER = Duration.ofSeconds(6);

  /** What brokers allow where they are not asked: Kafka's default. */
  private static final Duration ALLOWED = Duration.ofSeconds(6);

  private static final String ALLOWED_KEY = "group.min.session.timeout.ms";
  private static final int ANSWER_SECONDS = 10;

  public GroupConfig {
    Checks.require(
        sessionTimeout.isEmpty() || sessionTimeout.get().toMillis() >= 100,
        "sessionTimeout must be at least 100ms, is %d ms"
            .formatted(sessionTimeout.map(Duration::toMillis).orElse(0L)));
  }

  /**
   * This process in a group of a cluster.
   *
   * @param embedded whether the broker is in this process
   */
  public GroupMember member(String group, Admin admin, boolean embedded)
      throws InterruptedException {
    return new GroupMember(group, timeout(admin, embedded), instance);
  }

  private Duration timeout(Admin admin, boolean embedded) throws InterruptedException {
    if (sessionTimeout.isPresent()) {
      return sessionTimeout.get();
    }
    if (instance.isPresent()) {
      return WITH_INSTANCE;
    }
    return embedded ? WITH_BROKER : longer(LEAST, allowed(admin));
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** The least that the cluster allows; its default where this process may not ask. */
  private static Duration allowed(Admin admin) throws InterruptedException {
    try {
      String node =
          admin
              .describeCluster()
              .nodes()
              .get(ANSWER_SECONDS, TimeUnit.SECONDS)
              .iterator()
              .next()
              .idString();
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node);
      Config found =
          admin
              .describeConfigs(List.of(broker))
              .all()
              .get(ANSWER_SECONDS, TimeUnit.SECONDS)
              .get(broker);
      ConfigEntry entry = found == null ? null : found.get(ALLOWED_KEY);
      return entry == null ? ALLOWED : Duration.ofMillis(Long.parseLong(entry.value()));
    } catch (ExecutionException | TimeoutException e) {
      log.info(
          "{} cannot be asked and is taken as {} s: {}",
          ALLOWED_KEY,
          ALLOWED.toSeconds(),
          e.getMessage());
      return ALLOWED;
    }
  }
}
