package io.maskstream.stream;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A task's store with its values kept beside it: Kafka Streams keeps bytes, and reading them again
 * for every frame and every look at all cameras takes a sixth of a stream thread at 64 cameras.
 * Used by the thread of the task alone, from its {@code init} on.
 */
final class DecodedStore<V> {
  private final KeyValueStore<String, V> store;
  private final Map<String, V> values = new TreeMap<>();

  DecodedStore(KeyValueStore<String, V> store) {
    this.store = store;
    try (KeyValueIterator<String, V> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, V> entry = all.next();
        values.put(entry.key, entry.value);
      }
    }
  }

  @Nullable V get(String key) {
    return values.get(key);
  }

  /** The entries that meet a condition, in the order of their keys; the receiver's own. */
  Map<String, V> where(BiPredicate<String, V> condition) {
    Map<String, V> found = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (condition.test(key, value)) {
            found.put(key, value);
          }
        });
    return found;
  }

  void put(String key, V value) {
    store.put(key, value);
    values.put(key, value);
  }

  void delete(String key) {
    store.delete(key);
    values.remove(key);
  }
}
