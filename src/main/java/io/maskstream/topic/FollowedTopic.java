package io.maskstream.topic;

import io.maskstream.config.Checks;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What a compacted topic says by key, followed for as long as the process runs: all that it says
 * when this is made, and what changes afterwards within moments.
 */
public final class FollowedTopic<V> implements AutoCloseable {

  /** Reads a record; an IllegalArgumentException means that the value before stays. */
  public interface Reader<V> {
    /** The value; empty where the key stands for nothing. */
    Optional<V> read(String key, byte[] record);
  }

  private final Map<String, V> values = new ConcurrentHashMap<>();
  private final Reader<V> reader;
  private final RecordLoop loop;

  /**
   * Reads what there is, then follows.
   *
   * @param name of the reader: of its thread, its health check and its metrics
   * @param settings of the consumer, without deserializers
   */
  public FollowedTopic(
      String name,
      String topic,
      Map<String, Object> settings,
      Reader<V> reader,
      RecordLoop.Observer observer) {
    this.reader = reader;
    RecordLoop.Subject subject = new RecordLoop.Subject(name, Set.of(topic), Set.of());
    this.loop = new RecordLoop(subject, settings, this::take, observer);
    try {
      loop.catchUp();
    } catch (RuntimeException e) {
      loop.close();
      throw e;
    }
    loop.start();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Checks.require(record.key() != null, "it has no key");
    String key = new String(record.key(), StandardCharsets.UTF_8);
    Optional<V> value =
        record.value() == null ? Optional.empty() : reader.read(key, record.value());
    if (value.isPresent()) {
      values.put(key, value.get());
    } else {
      values.remove(key);
    }
  }

  /** The values by key as they are now; another thread may change them. */
  public Map<String, V> values() {
    return Collections.unmodifiableMap(values);
  }

  /** How the reading is. */
  public RecordLoop.Status status() {
    return loop.status();
  }

  @Override
  public void close() {
    loop.close();
  }
}
