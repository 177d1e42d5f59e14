package io.maskstream.stream;

import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ExpiredRange;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds frames that retention took away before they were read: a jump from the offset that should
 * come next to a later one. The offset is in a store that is committed with the consumer's, so a
 * jump while no worker ran is seen by the next one. The frames topic has neither transactions nor
 * compaction, so its offsets have no other gaps. Where a deployment reads for the first time,
 * nothing is known of what was before. Used by one thread.
 */
final class FrameOffsets {
  private static final Logger log = LoggerFactory.getLogger(FrameOffsets.class);

  /** A task has one partition of the frames, so there is one offset. */
  static final String NEXT = "next";

  private final ProcessorContext<String, Object> context;
  private final KeyValueStore<String, Long> next;
  private final Metrics metrics;

  FrameOffsets(ProcessorContext<String, Object> context, Metrics metrics) {
    this.context = context;
    this.next = context.getStateStore(SegmentTopology.OFFSETS);
    this.metrics = metrics;
  }

  /** A record of the frames was read; what is missing before it becomes a record of the drops. */
  void read(Record<String, byte[]> record, RecordMetadata place) {
    Long expected = next.get(NEXT);
    next.put(NEXT, place.offset() + 1);
    if (expected == null || place.offset() <= expected) {
      return;
    }
    ExpiredRange range =
        ExpiredRange.of(place.topic(), place.partition(), expected, place.offset() - 1);
    log.warn("{} frames expired before they were read: {}", range.count(), range);
    metrics.expired(range.count());
    context.forward(
        new Record<>(null, range, Math.max(0, record.timestamp())), SegmentTopology.DROPS_SINK);
  }
}
