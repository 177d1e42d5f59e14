package io.maskstream.topic;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;

/** Whether a cluster answers, asked once before there is work for it. */
public final class KafkaReach {
  /** How long an answer is waited for, usually. */
  public static final Duration PATIENCE = Duration.ofSeconds(20);

  private KafkaReach() {}

  /**
   * Asks the cluster.
   *
   * @throws IOException with one sentence that names the address and the time
   */
  public static void require(KafkaConnection kafka) throws IOException, InterruptedException {
    require(kafka, PATIENCE);
  }

  static void require(KafkaConnection kafka, Duration patience)
      throws IOException, InterruptedException {
    Map<String, Object> settings = new LinkedHashMap<>(kafka.common());
    int millis = (int) patience.toMillis();
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    Admin admin = create(kafka, patience, settings);
    try {
      var unused = admin.describeCluster().nodes().get(millis, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw failure(kafka, patience, e);
    } finally {
      admin.close(Duration.ZERO); // without a time it waits for a silent broker without end
    }
  }

  private static Admin create(
      KafkaConnection kafka, Duration patience, Map<String, Object> settings) throws IOException {
    try {
      return Admin.create(settings);
    } catch (KafkaException e) {
      throw failure(kafka, patience, e);
    }
  }

  /**
   * One sentence for a call of Kafka that failed.
   *
   * @param patience how long an answer was waited for
   */
  public static IOException failure(KafkaConnection kafka, Duration patience, Exception failure) {
    Throwable cause =
        failure instanceof ExecutionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    boolean silent =
        cause instanceof TimeoutException
            || cause instanceof org.apache.kafka.common.errors.TimeoutException;
    return new IOException(sentence(kafka, patience, cause, silent), failure);
  }

  private static String sentence(
      KafkaConnection kafka, Duration patience, Throwable cause, boolean silent) {
    if (silent) {
      return "cannot reach Kafka at %s: no answer within %d s"
          .formatted(kafka.bootstrap(), patience.toSeconds());
    }
    String user = cause instanceof AuthorizationException ? ", this user lacks a right" : "";
    return "cannot use Kafka at %s%s: %s".formatted(kafka.bootstrap(), user, reason(cause));
  }

  /** The deepest message: Kafka wraps "no resolvable bootstrap urls" in less telling ones. */
  private static String reason(Throwable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    return deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
  }
}
