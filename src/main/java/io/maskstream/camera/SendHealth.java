package io.maskstream.camera;

import io.maskstream.metrics.Health;
import io.maskstream.topic.DropRecord.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether Kafka takes the frames of a process; the log says why not. */
final class SendHealth {
  private static final Logger log = LoggerFactory.getLogger(SendHealth.class);

  /** Refusals that last so long are no accident. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

  private final LongSupplier nanoTime;
  private final Map<Reason, Long> logged = new EnumMap<>(Reason.class);
  private boolean refused; // since the last one that was taken
  private long sinceNanos;
  private long lastNanos; // of the last refusal
  private long intervalNanos; // between the last two
  private String why = "";

  SendHealth(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  synchronized void taken() {
    refused = false;
  }

  /**
   * A frame was refused.
   *
   * @param message what Kafka says
   */
  synchronized void refused(Reason reason, String message) {
    long now = nanoTime.getAsLong();
    sinceNanos = refused ? sinceNanos : now;
    intervalNanos = refused ? now - lastNanos : 0;
    lastNanos = now;
    refused = true;
    why = "%s: %s".formatted(reason.label(), message);
    Long before = logged.get(reason);
    if (before == null || now - before >= LOG_INTERVAL.toNanos()) {
      logged.put(reason, now);
      log.warn("Kafka does not take frames: {}", why);
    }
  }

  /** A process whose last frame was refused, and which has none to send since, is well. */
  synchronized Health.CheckResult check() {
    long now = nanoTime.getAsLong();
    boolean sends = now - lastNanos < Math.max(PATIENCE.toNanos(), 2 * intervalNanos);
    return refused && sends && lastNanos - sinceNanos >= PATIENCE.toNanos()
        ? new Health.CheckResult(
            false,
            "Kafka has taken none for %d s: %s"
                .formatted(TimeUnit.NANOSECONDS.toSeconds(now - sinceNanos), why))
        : new Health.CheckResult(true, "Kafka takes them");
  }
}
