package io.maskstream.stream;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.ModelSlot;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.PictureCodec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Frame record to mask, statistics or drop: freshness, decoding, segmentation with the camera's
 * memory, and the memory's next state.
 */
final class SegmentProcessor implements Processor<String, byte[], String, byte[]> {
  private static final long NANOS_A_MICRO = 1_000;

  private final Slots slots;
  private final ResultWriter results;
  private final FreshnessGate gate;
  private final Metrics metrics;
  private final InstantSource clock;
  private @Nullable ProcessorContext<String, byte[]> context;
  private @Nullable KeyValueStore<String, CameraMemory> memories;
  private @Nullable KeyValueStore<String, byte[]> requests;
  private final Map<ModelSlot, SlotSegmenter> segmenters = new HashMap<>();
  private final Map<String, Mask> lastMasks = new HashMap<>();

  /**
   * Which model segments a camera, and how.
   *
   * @param ofCamera slot by camera id
   * @param segmenter makes a task's access to a slot
   */
  record Slots(
      Function<String, ModelSlot> ofCamera, Function<ModelSlot, SlotSegmenter> segmenter) {}

  SegmentProcessor(
      Slots slots,
      ResultWriter results,
      Optional<Duration> maxAge,
      Metrics metrics,
      InstantSource clock) {
    this.slots = slots;
    this.results = results;
    this.gate = new FreshnessGate(maxAge);
    this.metrics = metrics;
    this.clock = clock;
  }

  @Override
  public void init(ProcessorContext<String, byte[]> processorContext) {
    context = processorContext;
    memories = processorContext.getStateStore(SegmentTopology.PROTOTYPES);
    requests = processorContext.getStateStore(SegmentTopology.REQUESTS);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    if (context == null || memories == null || requests == null) {
      throw new IllegalStateException("process before init");
    }
    FrameMetadata metadata = metadata(record);
    long start = nowMicros();
    long age = Math.max(0, start - metadata.captureMicros());
    if (!gate.admits(record.key(), age)) {
      drop(context, record, metadata, age);
      return;
    }
    long startNanos = System.nanoTime();
    Picture picture = picture(record, metadata);
    long decodedNanos = System.nanoTime();
    SlotSegmenter segmenter =
        segmenters.computeIfAbsent(slots.ofCamera().apply(record.key()), slots.segmenter());
    CameraSegmenter.Shot shot =
        new CameraSegmenter.Shot(metadata.epoch(), metadata.captureMicros(), picture);
    SlotSegmenter.Segmented segmented =
        segmenter.segment(
            shot,
            memories.get(record.key()),
            Optional.ofNullable(requests.delete(record.key()))
                .map(request -> ResetReason.OPERATOR));
    CameraSegmenter.Result result = segmented.result();
    memories.put(record.key(), result.memory());
    result.reset().map(ResetReason::label).ifPresent(reason -> metrics.reset(record.key(), reason));
    ResultWriter.Timing timing =
        new ResultWriter.Timing(
            age,
            (decodedNanos - startNanos) / NANOS_A_MICRO,
            segmented.nanos() / NANOS_A_MICRO,
            Math.max(0, nowMicros() - metadata.captureMicros()));
    report(record.key(), timing, result.waitNanos());
    reportFlips(record.key(), result.segmentation().mask());
    results.forward(
        context,
        record,
        new ResultWriter.Segmented(metadata, picture, segmented.card(), result, timing));
    segmenter.shadow(record.key(), shot, segmented);
  }

  private void report(String camera, ResultWriter.Timing timing, long waitNanos) {
    metrics.stage(camera, "queue", timing.queueMicros() * NANOS_A_MICRO);
    metrics.stage(camera, "decode", timing.decodeMicros() * NANOS_A_MICRO);
    metrics.stage(camera, "batch-wait", waitNanos);
    metrics.stage(camera, "inference", timing.inferenceMicros() * NANOS_A_MICRO - waitNanos);
    metrics.segmented(camera, timing.totalMicros() / 1e6);
  }

  /** How much the labels changed, among the frames that this worker saw. */
  private void reportFlips(String camera, Mask mask) {
    Mask before = lastMasks.put(camera, mask);
    if (before != null && before.labels().length == mask.labels().length) {
      metrics.flips(camera, flipped(before, mask));
    }
  }

  /** Share of pixels whose label differs, 0 to 1. */
  static double flipped(Mask before, Mask now) {
    int flipped = 0;
    for (int i = 0; i < now.labels().length; i++) {
      flipped += before.labels()[i] == now.labels()[i] ? 0 : 1;
    }
    return (double) flipped / now.labels().length;
  }

  private static FrameMetadata metadata(Record<String, byte[]> record) {
    try {
      if (record.key() == null || record.value() == null) {
        throw new IllegalArgumentException("a frame record needs a key and a value");
      }
      return FrameMetadata.of(record.headers());
    } catch (IllegalArgumentException e) {
      throw new PoisonRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Picture picture(Record<String, byte[]> record, FrameMetadata metadata) {
    try {
      return PictureCodec.decode(
          record.value(), metadata.contentType(), metadata.width(), metadata.height());
    } catch (IllegalArgumentException e) {
      throw new PoisonRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  private void drop(
      ProcessorContext<String, byte[]> to,
      Record<String, byte[]> record,
      FrameMetadata metadata,
      long ageMicros) {
    DropRecord drop =
        new DropRecord(
            record.key(),
            metadata.epoch(),
            metadata.sequence(),
            metadata.captureMicros(),
            DropRecord.Stage.SEGMENT,
            DropRecord.Reason.STALE,
            ageMicros);
    metrics.dropped(
        record.key(),
        drop.stage().name().toLowerCase(Locale.ROOT),
        drop.reason().name().toLowerCase(Locale.ROOT));
    results.forwardDrop(to, record, drop);
  }

  private long nowMicros() {
    var now = clock.instant();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / NANOS_A_MICRO;
  }

  @Override
  public void close() {
    segmenters.values().forEach(SlotSegmenter::close);
    segmenters.clear();
  }
}
