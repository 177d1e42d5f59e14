package io.maskstream.stream;

import io.maskstream.topic.CameraMemorySerde;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.Stores;

/** The wiring of a segmentation worker. */
public final class SegmentTopology {
  /** Store of the cameras' memories; its changelog is what survives a worker. */
  public static final String PROTOTYPES = "prototypes";

  /** Store of operators' requests that wait for the camera's next frame. */
  static final String REQUESTS = "requests";

  static final String OPEN_WINDOWS = "open-windows";
  static final String WINDOWS = "windows";
  static final String SEGMENTED_SINK = "segmented-frames-sink";
  static final String STATS_SINK = "class-stats-sink";
  static final String WINDOWS_SINK = "class-stats-windowed-sink";
  static final String DROPS_SINK = "drops-sink";

  private static final String FRAMES = "frames-source";
  private static final String SEGMENT = "segment";
  private static final String CONTROL_SOURCE = "control-source";
  private static final String CONTROL = "control";

  private SegmentTopology() {}

  /** Wires sources, processors, stores and sinks; starts nothing. */
  static Topology build(
      TopicNames topics,
      ProcessorSupplier<String, byte[], String, byte[]> segment,
      ProcessorSupplier<String, byte[], String, byte[]> windows) {
    Deserializer<String> keyIn = Serdes.String().deserializer();
    Deserializer<byte[]> valueIn = Serdes.ByteArray().deserializer();
    Serializer<String> key = Serdes.String().serializer();
    Serializer<byte[]> value = Serdes.ByteArray().serializer();
    return new Topology()
        .addSource(FRAMES, keyIn, valueIn, topics.frames())
        .addSource(CONTROL_SOURCE, keyIn, valueIn, topics.control())
        .addProcessor(SEGMENT, segment, FRAMES)
        .addProcessor(CONTROL, ControlProcessor::new, CONTROL_SOURCE)
        .addProcessor(WINDOWS, windows, SEGMENT)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(PROTOTYPES),
                    Serdes.String(),
                    CameraMemorySerde.serde())
                .withCachingEnabled(),
            SEGMENT)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(OPEN_WINDOWS),
                    Serdes.String(),
                    Json.serde(WindowAccumulator.class))
                .withCachingEnabled(),
            WINDOWS)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(REQUESTS), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled(),
            SEGMENT,
            CONTROL)
        .addSink(SEGMENTED_SINK, topics.segmentedFrames(), key, value, SEGMENT)
        .addSink(STATS_SINK, topics.classStats(), key, value, SEGMENT)
        .addSink(DROPS_SINK, topics.drops(), key, value, SEGMENT)
        .addSink(WINDOWS_SINK, topics.classStatsWindowed(), key, value, WINDOWS);
  }
}
