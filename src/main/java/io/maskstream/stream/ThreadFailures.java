package io.maskstream.stream;

import io.maskstream.metrics.Health;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when a stream thread fails: a replacement after a pause that doubles with each
 * failure, or the end of the worker where no replacement can help. Used by all stream threads.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(ThreadFailures.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(30);

  /** Failures within this time belong together. */
  private static final Duration MEMORY = Duration.ofMinutes(5);

  /** As many failures within {@link #MEMORY} mean that threads keep failing. */
  static final int MANY = 5;

  /** What a new thread would meet again. */
  private static final List<Class<? extends Throwable>> FATAL =
      List.of(
          AuthorizationException.class,
          AuthenticationException.class,
          ConfigException.class,
          InvalidConfigurationException.class,
          UnsupportedVersionException.class,
          MissingSourceTopicException.class);

  /** How Kafka Streams words a source topic whose partitions were changed. */
  private static final List<String> FATAL_WORDS =
      List.of("has invalid partitions", "not co-partitioned");

  /** Waits; a parameter so that tests need not. */
  interface Pause {
    void await(Duration time) throws InterruptedException;
  }

  private final InstantSource clock;
  private final Pause pause;
  private final CompletableFuture<String> fatal = new CompletableFuture<>();
  private final Deque<Instant> recent = new ArrayDeque<>();

  ThreadFailures(InstantSource clock, Pause pause) {
    this.clock = clock;
    this.pause = pause;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable failure) {
    Optional<String> sentence = fatal(failure);
    if (sentence.isPresent()) {
      log.error("the worker ends: {}", sentence.get(), failure);
      fatal.complete(sentence.get());
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    Duration time = pauseAfterAnother();
    log.error("a stream thread failed; its replacement starts in {} ms", time.toMillis(), failure);
    try {
      pause.await(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private synchronized Duration pauseAfterAnother() {
    forget();
    recent.add(clock.instant());
    Duration time = FIRST_PAUSE.multipliedBy(1L << Math.min(recent.size() - 1, 16));
    return time.compareTo(MAX_PAUSE) < 0 ? time : MAX_PAUSE;
  }

  private void forget() {
    Instant old = clock.instant().minus(MEMORY);
    while (!recent.isEmpty() && recent.peek().isBefore(old)) {
      recent.poll();
    }
  }

  /** One sentence where no replacement can help. */
  static Optional<String> fatal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      Throwable at = cause;
      String message = String.valueOf(at.getMessage());
      if (FATAL.stream().anyMatch(type -> type.isInstance(at))
          || FATAL_WORDS.stream().anyMatch(message::contains)) {
        return Optional.of(message.lines().findFirst().orElse(at.getClass().getSimpleName()));
      }
    }
    return Optional.empty();
  }

  /** Completes with one sentence when the worker has ended because nothing else can help. */
  CompletableFuture<String> whenFatal() {
    return fatal;
  }

  /** Whether threads do not keep failing. */
  synchronized Health.CheckResult finding() {
    forget();
    return new Health.CheckResult(
        recent.size() < MANY,
        "%d stream threads failed in the last %d minutes"
            .formatted(recent.size(), MEMORY.toMinutes()));
  }
}
