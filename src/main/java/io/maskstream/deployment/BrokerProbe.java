package io.maskstream.deployment;

import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Asks the cluster every few seconds whether it is there. */
final class BrokerProbe implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Admin admin;
  private final String bootstrap;
  private final Metrics metrics;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "broker-probe");
            made.setDaemon(true);
            return made;
          });
  private volatile Health.CheckResult result;

  BrokerProbe(Map<String, Object> settings, String bootstrap, Metrics metrics) {
    var all = new java.util.LinkedHashMap<>(settings);
    all.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    all.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
    this.admin = Admin.create(all);
    this.bootstrap = bootstrap;
    this.metrics = metrics;
    this.result = new Health.CheckResult(true, bootstrap + " was reachable at the start");
    metrics.brokerReachable(true);
    var unused =
        thread.scheduleWithFixedDelay(
            this::ask, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void ask() {
    try {
      int nodes =
          admin.describeCluster().nodes().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).size();
      result = new Health.CheckResult(true, "%s answers, %d brokers".formatted(bootstrap, nodes));
    } catch (ExecutionException | TimeoutException e) {
      result = new Health.CheckResult(false, bootstrap + " does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    metrics.brokerReachable(result.ok());
  }

  Health.CheckResult result() {
    return result;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    admin.close(Duration.ZERO);
  }
}
