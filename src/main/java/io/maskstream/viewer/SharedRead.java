package io.maskstream.viewer;

import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.ServiceUnavailableResponse;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes a consumer of its own to read, for all who ask for it: one of them reads at
 * a time, and what came of it, a value or a failure, is everybody's answer for a moment. So any
 * number of requests costs Kafka one read at a time, and none waits longer than {@link #WAIT} for
 * another one's.
 *
 * @param <T> a value for JSON
 */
final class SharedRead<T> {

  /** How long an answer is given again. */
  static final Duration LIFETIME = Duration.ofSeconds(1);

  /** For a read that goes on; the page gives up a second later. */
  static final Duration WAIT = Duration.ofSeconds(4);

  /** Reads. */
  interface Source<T> {
    T read() throws IOException;
  }

  /**
   * What came of a read.
   *
   * @param value null where it failed
   * @param failure null where it did not
   * @param change number of the last change of before it
   */
  private record Answer<T>(
      @Nullable T value, @Nullable IOException failure, long change, long nanos) {}

  private final String name;
  private final Source<T> source;
  private final LongSupplier nanos;
  private final Duration wait;
  private final ReentrantLock reading = new ReentrantLock();
  private final AtomicLong changes = new AtomicLong();
  private volatile @Nullable Answer<T> last;

  /**
   * A shared reader.
   *
   * @param name of what is read, for messages
   */
  SharedRead(String name, Source<T> source) {
    this(name, source, System::nanoTime, WAIT);
  }

  SharedRead(String name, Source<T> source, LongSupplier nanos, Duration wait) {
    this.name = name;
    this.source = source;
    this.nanos = nanos;
    this.wait = wait;
  }

  /**
   * The value, at most {@link #LIFETIME} old and never of before a change that is over.
   *
   * @throws IOException where it cannot be read now
   */
  T get() throws IOException {
    Answer<T> known = fresh();
    return value(known == null ? shared() : known);
  }

  private Answer<T> shared() throws IOException {
    try {
      if (!reading.tryLock(wait.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "cannot read the %s: Kafka has not answered for %d s"
                .formatted(name, wait.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the " + name, e);
    }
    try {
      Answer<T> known = fresh();
      Answer<T> answer = known == null ? read() : known;
      last = answer;
      return answer;
    } finally {
      reading.unlock();
    }
  }

  private @Nullable Answer<T> fresh() {
    Answer<T> known = last;
    return known != null
            && known.change == changes.get()
            && nanos.getAsLong() - known.nanos < LIFETIME.toNanos()
        ? known
        : null;
  }

  private Answer<T> read() {
    long change = changes.get();
    try {
      return new Answer<>(source.read(), null, change, nanos.getAsLong());
    } catch (IOException e) {
      return new Answer<>(null, e, change, nanos.getAsLong());
    } catch (KafkaException | IllegalStateException e) { // a record that is not readable
      IOException failure = new IOException(String.valueOf(e.getMessage()), e);
      return new Answer<>(null, failure, change, nanos.getAsLong());
    }
  }

  private static <T> T value(Answer<T> answer) throws IOException {
    if (answer.failure != null) {
      throw new IOException(String.valueOf(answer.failure.getMessage()), answer.failure);
    }
    return Objects.requireNonNull(answer.value);
  }

  /** Answers with the value, or with 503 and the reason. */
  Handler handler() {
    return this::answer;
  }

  private void answer(Context context) {
    try {
      byte[] found = Json.write(get()); // first: errors are plain text
      context.contentType(ContentType.APPLICATION_JSON).result(found);
    } catch (IOException e) {
      throw new ServiceUnavailableResponse(String.valueOf(e.getMessage()));
    }
  }

  /** The same request that changes something, after which the next one reads again. */
  Handler changing(Changes.Change change) {
    return Changes.handler(
        context -> {
          try {
            change.apply(context);
          } finally {
            changes.incrementAndGet(); // also after a failure: the change may have been made
          }
        });
  }
}
