package io.maskstream.deployment;

import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the cluster every few seconds whether it is there, and whether the topics still are. */
final class BrokerProbe implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BrokerProbe.class);

  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Admin admin;
  private final String bootstrap;
  private final Set<String> topics;
  private final Metrics metrics;
  private final Set<String> seen = new TreeSet<>(); // of the thread, as gone
  private Set<String> gone = Set.of();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "broker-probe");
            made.setDaemon(true);
            return made;
          });
  private volatile Health.CheckResult result;
  private volatile Health.CheckResult topicsResult =
      new Health.CheckResult(true, "they were there at the start");

  /**
   * Begins to ask.
   *
   * @param topics names; one that has never been seen may be one that this process may not see
   */
  BrokerProbe(Map<String, Object> settings, String bootstrap, Set<String> topics, Metrics metrics) {
    var all = new java.util.LinkedHashMap<>(settings);
    all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    this.admin = Admin.create(all);
    this.bootstrap = bootstrap;
    this.topics = topics;
    this.metrics = metrics;
    this.result = new Health.CheckResult(true, bootstrap + " was reachable at the start");
    metrics.brokerReachable(true);
    var unused =
        thread.scheduleWithFixedDelay(
            this::askSafely, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void askSafely() {
    try {
      ask();
    } catch (RuntimeException e) { // or the executor would never call again
      log.error("the broker cannot be asked", e);
      result = new Health.CheckResult(false, bootstrap + " cannot be asked: " + e.getMessage());
      metrics.brokerReachable(false);
    }
  }

  private void ask() {
    try {
      int nodes =
          admin.describeCluster().nodes().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).size();
      result = new Health.CheckResult(true, "%s answers, %d brokers".formatted(bootstrap, nodes));
      lookForTopics();
    } catch (ExecutionException | TimeoutException e) {
      result = new Health.CheckResult(false, bootstrap + " does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    metrics.brokerReachable(result.ok());
  }

  private void lookForTopics() throws InterruptedException, TimeoutException {
    Set<String> missing = new TreeSet<>();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
        admin.describeTopics(topics).topicNameValues().entrySet()) {
      try {
        var unused = topic.getValue().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        seen.add(topic.getKey());
      } catch (ExecutionException e) {
        boolean unknown = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (unknown && seen.contains(topic.getKey())) {
          missing.add(topic.getKey());
        }
      }
    }
    if (!missing.equals(gone) && !missing.isEmpty()) {
      log.error("the topics {} are gone; ./maskstream topics create makes them again", missing);
    }
    gone = missing;
    topicsResult =
        new Health.CheckResult(
            missing.isEmpty(),
            missing.isEmpty() ? "%d are there".formatted(seen.size()) : missing + " are gone");
  }

  Health.CheckResult result() {
    return result;
  }

  /** Whether topics that were there still are. */
  Health.CheckResult topics() {
    return topicsResult;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    admin.close(Duration.ZERO);
  }
}
