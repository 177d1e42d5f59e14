package io.maskstream.stream;

import io.maskstream.event.Event;
import io.maskstream.event.RuleState;
import io.maskstream.health.HealthState;
import io.maskstream.health.PictureStats;
import io.maskstream.topic.CameraMemorySerde;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.WindowedStats;
import io.maskstream.topic.v1.SegmentedFrame;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The wiring of a segmentation worker. */
public final class SegmentTopology {
  /** Store of the cameras' memories; its changelog is what survives a worker. */
  public static final String PROTOTYPES = "prototypes";

  /** Store of operators' requests that wait for the camera's next frame. */
  static final String REQUESTS = "requests";

  /** Store of the frames that were read and have no outcome yet. */
  static final String PENDING = "pending";

  /** Store of the offset that comes next in the task's partition of the frames. */
  static final String OFFSETS = "offsets";

  static final String OPEN_WINDOWS = "open-windows";
  static final String WINDOWS = "windows";
  static final String RULES = "rules";

  /** Store of where each rule stands for each camera. */
  static final String RULE_STATES = "rule-states";

  static final String HEALTH = "health";

  /** Store of what is usual for each camera's picture and of what is wrong with it. */
  static final String HEALTH_STATES = "health-states";

  static final String EVENTS_SINK = "events-sink";
  static final String SEGMENTED_SINK = "segmented-frames-sink";
  static final String REDACTED_SINK = "redacted-frames-sink";
  static final String STATS_SINK = "class-stats-sink";
  static final String WINDOWS_SINK = "class-stats-windowed-sink";
  static final String DROPS_SINK = "drops-sink";
  static final String DEAD_LETTERS_SINK = "dead-letters-sink";

  private static final String FRAMES = "frames-source";
  private static final String SEGMENT = "segment";
  private static final String CONTROL_SOURCE = "control-source";
  private static final String CONTROL = "control";

  /** Small segments, compacted soon: a new owner reads little besides the latest values. */
  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG, "16000000",
          TopicConfig.SEGMENT_MS_CONFIG, "60000",
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2");

  private SegmentTopology() {}

  /** Wires sources, processors, stores and sinks; starts nothing. */
  static Topology build(
      TopicNames topics,
      SegmentConfig.Stores kind,
      ProcessorSupplier<String, byte[], String, Object> segment,
      ProcessorSupplier<String, ClassStats, String, WindowedStats> windows,
      ProcessorSupplier<String, ClassStats, String, Event> rules,
      ProcessorSupplier<String, PictureStats, String, Event> health) {
    Deserializer<String> keyIn = Serdes.String().deserializer();
    Deserializer<byte[]> valueIn = Serdes.ByteArray().deserializer();
    Serializer<String> key = Serdes.String().serializer();
    Serializer<byte[]> bytes = Serdes.ByteArray().serializer();
    Serializer<SegmentedFrame> masks = (topic, frame) -> frame.toByteArray();
    return new Topology()
        .addSource(FRAMES, keyIn, valueIn, topics.frames())
        .addSource(CONTROL_SOURCE, keyIn, valueIn, topics.control())
        .addProcessor(SEGMENT, segment, FRAMES)
        .addProcessor(CONTROL, ControlProcessor::new, CONTROL_SOURCE)
        .addProcessor(WINDOWS, windows, SEGMENT)
        .addProcessor(RULES, rules, SEGMENT)
        .addProcessor(HEALTH, health, SEGMENT)
        .addStateStore(store(kind, PROTOTYPES, CameraMemorySerde.serde()), SEGMENT)
        .addStateStore(store(kind, PENDING, PendingFrames.serde()), SEGMENT)
        .addStateStore(store(kind, OFFSETS, Serdes.Long()), SEGMENT)
        .addStateStore(store(kind, REQUESTS, Serdes.ByteArray()), SEGMENT, CONTROL)
        .addStateStore(store(kind, OPEN_WINDOWS, Json.serde(WindowAccumulator.class)), WINDOWS)
        .addStateStore(store(kind, RULE_STATES, Json.serde(RuleState.class)), RULES)
        .addStateStore(store(kind, HEALTH_STATES, Json.serde(HealthState.class)), HEALTH)
        .addSink(SEGMENTED_SINK, topics.segmentedFrames(), key, masks, SEGMENT)
        .addSink(REDACTED_SINK, topics.redactedFrames(), key, bytes, SEGMENT)
        .addSink(STATS_SINK, topics.classStats(), key, json(ClassStats.class), SEGMENT)
        .addSink(DROPS_SINK, topics.drops(), key, json(Object.class), SEGMENT)
        .addSink(DEAD_LETTERS_SINK, topics.deadLetters(), key, bytes, SEGMENT)
        .addSink(WINDOWS_SINK, topics.classStatsWindowed(), key, json(WindowedStats.class), WINDOWS)
        .addSink(EVENTS_SINK, topics.events(), key, json(Event.class), RULES, HEALTH);
  }

  private static <V> StoreBuilder<KeyValueStore<String, V>> store(
      SegmentConfig.Stores kind, String name, Serde<V> values) {
    return Stores.keyValueStoreBuilder(
            kind == SegmentConfig.Stores.IN_MEMORY
                ? Stores.inMemoryKeyValueStore(name)
                : Stores.persistentKeyValueStore(name),
            Serdes.String(),
            values)
        .withCachingEnabled()
        .withLoggingEnabled(CHANGELOG);
  }

  private static <V> Serializer<V> json(Class<V> type) {
    return Json.serde(type).serializer();
  }
}
