package io.maskstream.stream;

import io.maskstream.topic.ClassStats;
import io.maskstream.topic.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of frames to statistics of tumbling windows. A window is closed by the first frame
 * after it or, when no frame comes, some time after its end. Frames of a closed window are ignored.
 */
final class WindowProcessor implements Processor<String, byte[], String, byte[]> {

  /** Wait for late frames of a camera that has gone quiet. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final List<Duration> windows;
  private @Nullable ProcessorContext<String, byte[]> context;
  private @Nullable KeyValueStore<String, WindowAccumulator> open;

  WindowProcessor(List<Duration> windows) {
    this.windows = windows;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> processorContext) {
    context = processorContext;
    open = processorContext.getStateStore(SegmentTopology.OPEN_WINDOWS);
    processorContext.schedule(CHECK, PunctuationType.WALL_CLOCK_TIME, this::closeOld);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    if (open == null) {
      throw new IllegalStateException("process before init");
    }
    ClassStats stats = Json.read(record.value(), ClassStats.class);
    for (Duration window : windows) {
      long millis = window.toMillis();
      String key = record.key() + "/" + millis;
      WindowAccumulator current = open.get(key);
      long start = WindowAccumulator.startOf(stats.captureMicros(), millis);
      if (current == null || start > current.startMillis()) {
        if (current != null) {
          emit(current);
        }
        open.put(key, WindowAccumulator.of(stats, millis));
      } else if (start == current.startMillis()) {
        open.put(key, current.plus(stats));
      }
    }
  }

  private void closeOld(long nowMillis) {
    if (open == null) {
      return;
    }
    List<String> over = new ArrayList<>();
    try (KeyValueIterator<String, WindowAccumulator> all = open.all()) {
      while (all.hasNext()) {
        KeyValue<String, WindowAccumulator> entry = all.next();
        if (entry.value.endMillis() + GRACE.toMillis() < nowMillis) {
          emit(entry.value);
          over.add(entry.key);
        }
      }
    }
    over.forEach(open::delete);
  }

  private void emit(WindowAccumulator window) {
    if (context == null) {
      return;
    }
    context.forward(
        new Record<>(
            window.key(), Json.write(window.close()), window.endMillis(), new RecordHeaders()),
        SegmentTopology.WINDOWS_SINK);
  }
}
