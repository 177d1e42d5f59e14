package io.maskstream.topic;

import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;

/**
 * An administrator's connection that ends within a bounded time: Kafka's own waits for its calls on
 * a broker that does not answer.
 */
public final class AdminSession implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(2);

  private final Admin admin;

  private AdminSession(Admin admin) {
    this.admin = admin;
  }

  /** Connects in the background. */
  public static AdminSession open(KafkaConnection kafka) {
    return new AdminSession(Admin.create(kafka.common()));
  }

  /** The connection; it must not be closed by the caller. */
  public Admin admin() {
    return admin;
  }

  @Override
  public void close() {
    admin.close(STOP);
  }
}
