package io.maskstream.topic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * Compares the topics that exist with what a deployment wants: Kafka never changes a topic because
 * a file did. Kafka Streams' changelogs are looked at, too.
 */
public final class TopicCheck {
  private static final int TIMEOUT_SECONDS = 20;

  /** Settings that are reported where they differ. */
  private static final List<String> REPORTED =
      List.of(
          TopicConfig.RETENTION_MS_CONFIG,
          TopicConfig.RETENTION_BYTES_CONFIG,
          TopicConfig.CLEANUP_POLICY_CONFIG,
          TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);

  private final Admin admin;

  public TopicCheck(Admin admin) {
    this.admin = admin;
  }

  /**
   * A difference.
   *
   * @param breaks whether the deployment cannot work with it
   * @param sentence with the topic, what is wanted and what was found
   */
  public record Difference(boolean breaks, String sentence) {}

  /** A topic as it is. */
  record Found(int partitions, int replicas, Map<String, String> settings) {}

  /**
   * All differences.
   *
   * @param application name of the deployment, before its changelogs
   */
  public List<Difference> differences(TopicSettings settings, String application)
      throws ExecutionException, InterruptedException, TimeoutException {
    Set<String> names = admin.listTopics().names().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    Set<String> ours =
        names.stream()
            .filter(name -> settings.names().all().contains(name) || isChangelog(name, application))
            .collect(Collectors.toSet());
    return compare(settings, found(ours));
  }

  private static boolean isChangelog(String name, String application) {
    return name.startsWith(application + "-") && name.endsWith("-changelog");
  }

  private Map<String, Found> found(Collection<String> names)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, TopicDescription> described =
        admin.describeTopics(names).allTopicNames().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    Map<String, Map<String, String>> settings = settings(names);
    Map<String, Found> result = new LinkedHashMap<>();
    described.forEach(
        (name, topic) ->
            result.put(
                name,
                new Found(
                    topic.partitions().size(),
                    topic.partitions().get(0).replicas().size(),
                    settings.getOrDefault(name, Map.of()))));
    return result;
  }

  /** Nothing is known of settings without the right to see them. */
  private Map<String, Map<String, String>> settings(Collection<String> names)
      throws ExecutionException, InterruptedException, TimeoutException {
    List<ConfigResource> resources =
        names.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    try {
      Map<ConfigResource, Config> all =
          admin.describeConfigs(resources).all().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return all.entrySet().stream()
          .collect(
              Collectors.toMap(entry -> entry.getKey().name(), entry -> values(entry.getValue())));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicAuthorizationException
          || e.getCause() instanceof ClusterAuthorizationException) {
        return Map.of();
      }
      throw e;
    }
  }

  private static Map<String, String> values(Config config) {
    return config.entries().stream()
        .filter(entry -> entry.value() != null)
        .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
  }

  static List<Difference> compare(TopicSettings settings, Map<String, Found> found) {
    List<Difference> differences = new ArrayList<>();
    for (NewTopic wanted : settings.topics()) {
      Found topic = found.get(wanted.name());
      if (topic != null) {
        compare(wanted, topic, differences);
      }
    }
    Found frames = found.get(settings.names().frames());
    found.forEach(
        (name, topic) -> {
          if (!settings.names().all().contains(name) && frames != null) {
            compareChangelog(name, topic, frames, settings.replication(), differences);
          }
        });
    return differences;
  }

  private static void compare(NewTopic wanted, Found topic, List<Difference> into) {
    if (topic.partitions() != wanted.numPartitions()) {
      into.add(
          difference(
              topic.partitions() < wanted.numPartitions(),
              wanted.name(),
              "partitions",
              wanted.numPartitions(),
              topic.partitions()));
    }
    if (topic.replicas() != wanted.replicationFactor()) {
      into.add(
          difference(
              false, wanted.name(), "replicas", wanted.replicationFactor(), topic.replicas()));
    }
    Map<String, String> settings = wanted.configs();
    String most = settings.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    String mostFound = topic.settings().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    if (most != null && mostFound != null && !most.equals(mostFound)) {
      boolean breaks = Long.parseLong(mostFound) < Long.parseLong(most);
      into.add(
          difference(breaks, wanted.name(), TopicConfig.MAX_MESSAGE_BYTES_CONFIG, most, mostFound));
    }
    for (String key : REPORTED) {
      String value = settings.get(key);
      String valueFound = topic.settings().get(key);
      if (value != null && valueFound != null && !value.equals(valueFound)) {
        into.add(difference(false, wanted.name(), key, value, valueFound));
      }
    }
  }

  /** A changelog has a partition per task, so the frames' number must not change under it. */
  private static void compareChangelog(
      String name, Found topic, Found frames, int replicas, List<Difference> into) {
    if (topic.partitions() != frames.partitions()) {
      into.add(
          new Difference(
              true,
              "%s has %d partitions and the frames %d: the partitions were changed under the state; a new name for the deployment, or deleted changelogs, begin without it"
                  .formatted(name, topic.partitions(), frames.partitions())));
    }
    if (topic.replicas() != replicas) {
      into.add(difference(false, name, "replicas", replicas, topic.replicas()));
    }
  }

  private static Difference difference(
      boolean breaks, String topic, String what, Object wanted, Object found) {
    return new Difference(
        breaks, "%s: %s is %s, the file wants %s".formatted(topic, what, found, wanted));
  }
}
