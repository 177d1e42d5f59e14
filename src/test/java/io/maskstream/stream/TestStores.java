package io.maskstream.stream;

import io.maskstream.topic.Json;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Stores for tests of single processors. */
final class TestStores {

  private TestStores() {}

  /** A store in memory of values in JSON, which the context gives to its processor. */
  static <V> KeyValueStore<String, V> open(
      MockProcessorContext<?, ?> context, String name, Class<V> values) {
    KeyValueStore<String, V> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), Serdes.String(), Json.serde(values))
            .withLoggingDisabled()
            .build();
    context.addStateStore(store);
    store.init(context.getStateStoreContext(), store);
    return store;
  }
}
