package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Sends the outcomes of frames to their sinks. Used by the task's stream thread. */
final class OutcomeForwarder {
  private final ProcessorContext<String, Object> context;
  private final Metrics metrics;

  OutcomeForwarder(ProcessorContext<String, Object> context, Metrics metrics) {
    this.context = context;
    this.metrics = metrics;
  }

  void forward(Outcome outcome) {
    if (outcome instanceof Outcome.Segmented segmented) {
      context.forward(
          record(segmented.frame(), segmented.result()), SegmentTopology.SEGMENTED_SINK);
      Record<String, Object> stats = record(segmented.frame(), segmented.stats());
      context.forward(stats, SegmentTopology.STATS_SINK);
      context.forward(stats, SegmentTopology.WINDOWS);
      context.forward(stats, SegmentTopology.RULES);
    } else if (outcome instanceof Outcome.Dropped dropped) {
      FrameRecord frame = dropped.frame();
      drop(frame.id(), dropped.reason(), dropped.ageMicros(), frame.timestamp());
    } else if (outcome instanceof Outcome.Poison poison) {
      deadLetter(poison);
    }
  }

  /** Records that a frame was dropped. */
  void drop(FrameId frame, DropRecord.Reason reason, long ageMicros, long timestamp) {
    DropRecord drop = new DropRecord(frame, DropRecord.Stage.SEGMENT, reason, ageMicros);
    String camera = frame.camera();
    metrics.dropped(camera, drop.stage().label(), drop.reason().label());
    context.forward(
        new Record<>(camera, drop, timestamp, new RecordHeaders()), SegmentTopology.DROPS_SINK);
  }

  private void deadLetter(Outcome.Poison poison) {
    FrameRecord frame = poison.frame();
    metrics.deadLetter();
    Headers headers = DeadLetters.headers(frame.headers(), frame.origin(), poison.failure());
    context.forward(
        new Record<>(frame.camera(), frame.value(), frame.timestamp(), headers),
        SegmentTopology.DEAD_LETTERS_SINK);
  }

  /** Same key, no headers: those describe the picture. */
  private static Record<String, Object> record(FrameRecord source, Object value) {
    return new Record<>(source.camera(), value, source.timestamp(), new RecordHeaders());
  }
}
