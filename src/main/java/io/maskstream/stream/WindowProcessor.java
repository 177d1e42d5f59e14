package io.maskstream.stream;

import io.maskstream.topic.ClassStats;
import io.maskstream.topic.WindowedStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Statistics of frames to statistics of tumbling windows, by the records' time. A window is closed
 * by the first frame after it or, when no frame comes, some time after its end. Frames of a closed
 * window are ignored.
 */
final class WindowProcessor extends ContextualProcessor<String, ClassStats, String, WindowedStats> {

  /** Wait for late frames of a camera that has gone quiet, beside the time they may wait. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final List<Duration> windows;
  private final Duration grace;
  private final TaskTime time;
  private final Map<String, Long> closed = new HashMap<>(); // start of the last, by key
  private KeyValueStore<String, WindowAccumulator> open;

  /**
   * A processor.
   *
   * @param maxAge that frames may have when their segmentation begins
   */
  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  WindowProcessor(List<Duration> windows, Duration maxAge, TaskTime time) {
    this.windows = windows;
    this.grace = GRACE.plus(maxAge);
    this.time = time;
  }

  @Override
  public void init(ProcessorContext<String, WindowedStats> context) {
    super.init(context);
    open = context.getStateStore(SegmentTopology.OPEN_WINDOWS);
    closed.clear();
    context.schedule(CHECK, PunctuationType.WALL_CLOCK_TIME, now -> closeOld());
  }

  @Override
  public void process(Record<String, ClassStats> record) {
    time.frame(record.key(), record.timestamp());
    for (Duration window : windows) {
      long millis = window.toMillis();
      String key = record.key() + "/" + millis;
      WindowAccumulator current = open.get(key);
      long start = WindowAccumulator.startOf(record.timestamp(), millis);
      if (start <= closed.getOrDefault(key, Long.MIN_VALUE)) {
        continue;
      }
      if (current == null || start > current.startMillis()) {
        open.put(key, WindowAccumulator.of(record.value(), start, millis, record.timestamp()));
        if (current != null) {
          emit(current);
        }
      } else if (start == current.startMillis()) {
        open.put(key, current.plus(record.value(), record.timestamp()));
      }
    }
  }

  private void closeOld() {
    List<KeyValue<String, WindowAccumulator>> over = new ArrayList<>();
    try (KeyValueIterator<String, WindowAccumulator> all = open.all()) {
      while (all.hasNext()) {
        KeyValue<String, WindowAccumulator> entry = all.next();
        long nowMillis = time.now(entry.value.camera(), entry.value.lastMillis());
        if (entry.value.endMillis() + grace.toMillis() < nowMillis) {
          over.add(entry);
        }
      }
    }
    // All are deleted before one is sent: what cannot be sent must not come up again.
    for (KeyValue<String, WindowAccumulator> entry : over) {
      open.delete(entry.key);
      closed.put(entry.key, entry.value.startMillis());
    }
    over.forEach(entry -> emit(entry.value));
  }

  private void emit(WindowAccumulator window) {
    long time = Math.max(0, window.endMillis());
    context()
        .forward(
            new Record<>(window.key(), window.close(), time, new RecordHeaders()),
            SegmentTopology.WINDOWS_SINK);
  }
}
