package io.maskstream.stream;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A task's store with its values kept beside it: Kafka Streams keeps bytes, and reading them anew
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

  /** All entries, in the order of their keys; they must not change while this is read. */
  Map<String, V> all() {
    return Collections.unmodifiableMap(values);
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
