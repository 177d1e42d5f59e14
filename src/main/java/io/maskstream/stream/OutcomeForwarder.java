package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.TraceHeader;
import io.maskstream.topic.v1.Timings;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Sends the outcomes of frames to their sinks. Used by the task's stream thread. */
final class OutcomeForwarder {
  private final ProcessorContext<String, Object> context;
  private final Metrics metrics;
  private final FrameTraces traces;
  private final int maxRecordBytes;

  /**
   * Of a task.
   *
   * @param maxRecordBytes largest record that is sent
   */
  OutcomeForwarder(
      ProcessorContext<String, Object> context,
      Metrics metrics,
      FrameTraces traces,
      int maxRecordBytes) {
    this.context = context;
    this.maxRecordBytes = maxRecordBytes;
    this.metrics = metrics;
    this.traces = traces;
  }

  void forward(Outcome outcome) {
    if (outcome instanceof Outcome.Segmented segmented) {
      Headers headers = new RecordHeaders(); // not the frame's: those describe the picture
      trace(segmented).ifPresent(value -> TraceHeader.put(headers, value));
      context.forward(
          record(segmented.frame(), segmented.result(), headers), SegmentTopology.SEGMENTED_SINK);
      Record<String, Object> stats = record(segmented.frame(), segmented.stats(), headers);
      context.forward(stats, SegmentTopology.STATS_SINK);
      context.forward(stats, SegmentTopology.WINDOWS);
      context.forward(stats, SegmentTopology.RULES);
      segmented.redacted().ifPresent(redacted -> forward(segmented.frame(), redacted, headers));
      segmented
          .picture()
          .map(picture -> record(segmented.frame(), picture, headers))
          .ifPresent(record -> context.forward(record, SegmentTopology.HEALTH));
    } else if (outcome instanceof Outcome.Dropped dropped) {
      FrameRecord frame = dropped.frame();
      long now = frame.bornMicros() + dropped.ageMicros();
      traces.ended(frame.id(), TraceHeader.of(frame.headers()), dropped.reason().label(), now);
      drop(frame.id(), dropped.reason(), dropped.ageMicros(), frame.timestamp());
    } else if (outcome instanceof Outcome.Poison poison) {
      FrameRecord frame = poison.frame();
      traces.ended(frame.id(), TraceHeader.of(frame.headers()), "dead-letter", frame.bornMicros());
      deadLetter(poison);
    }
  }

  private void forward(FrameRecord frame, RedactedFrame redacted, Headers trace) {
    Headers headers = new RecordHeaders(redacted.headers());
    trace.forEach(headers::add);
    context.forward(record(frame, redacted.jpeg(), headers), SegmentTopology.REDACTED_SINK);
  }

  private Optional<String> trace(Outcome.Segmented segmented) {
    FrameRecord frame = segmented.frame();
    Timings timings = segmented.result().getTimings();
    long captured = frame.bornMicros();
    return traces.segmented(
        frame.id(),
        TraceHeader.of(frame.headers()),
        new FrameTraces.Steps(
            captured + timings.getQueueMicros(),
            timings.getDecodeMicros(),
            timings.getInferenceMicros(),
            captured + timings.getTotalMicros()));
  }

  /** Drops a frame that another worker has read; its record is not at hand. */
  void dropLost(FrameId frame, long nowMillis) {
    long now = TimeUnit.MILLISECONDS.toMicros(nowMillis);
    traces.ended(frame, Optional.empty(), DropRecord.Reason.WORKER_LOST.label(), now);
    drop(frame, DropRecord.Reason.WORKER_LOST, frame.ageMicros(now), nowMillis);
  }

  private void drop(FrameId frame, DropRecord.Reason reason, long ageMicros, long timestamp) {
    DropRecord drop = new DropRecord(frame, DropRecord.Stage.SEGMENT, reason, ageMicros);
    String camera = frame.camera();
    metrics.dropped(camera, drop.stage().label(), drop.reason().label());
    context.forward(
        new Record<>(camera, drop, timestamp, new RecordHeaders()), SegmentTopology.DROPS_SINK);
  }

  private void deadLetter(Outcome.Poison poison) {
    FrameRecord frame = poison.frame();
    metrics.deadLetter();
    byte[] key = frame.camera().getBytes(StandardCharsets.UTF_8);
    DeadLetters.Letter letter =
        DeadLetters.of(
            new DeadLetters.Letter(key, frame.recordValue(), frame.headers()),
            frame.origin(),
            poison.failure(),
            maxRecordBytes);
    context.forward(
        new Record<>(frame.camera(), letter.value(), frame.timestamp(), letter.headers()),
        SegmentTopology.DEAD_LETTERS_SINK);
  }

  private static Record<String, Object> record(FrameRecord source, Object value, Headers headers) {
    return new Record<>(source.camera(), value, source.timestamp(), headers);
  }
}
