package io.maskstream.stream;

import io.maskstream.frame.Micros;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.topic.EncodedPicture;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything between a frame record and its results: decoding, the camera's model, the result
 * records. The one path of live and replay topologies. Touches no store. Used by all threads.
 */
final class FrameSegmentation {
  private static final long NANOS_PER_MICRO = 1_000;

  private final Models models;
  private final ResultWriter results;
  private final PictureSampler sampler;
  private final Metrics metrics;
  private final InstantSource clock;
  private final LastMasks lastMasks = new LastMasks();
  private final Map<ModelSlot, SlotSegmenter> segmenters = new ConcurrentHashMap<>();

  /**
   * The model of each camera, and how it is called.
   *
   * @param ofCamera slot by camera id
   * @param segmenter makes the access to a slot
   */
  record Models(
      Function<String, ModelSlot> ofCamera, Function<ModelSlot, SlotSegmenter> segmenter) {}

  /**
   * How a frame is segmented.
   *
   * @param forced a reason to reset the memory whatever the rules say
   * @param propagation where it should do without a forward pass
   */
  record How(Optional<ResetReason> forced, Optional<Propagation> propagation) {}

  FrameSegmentation(
      Models models,
      ResultWriter results,
      PictureSampler sampler,
      Metrics metrics,
      InstantSource clock) {
    this.models = models;
    this.sampler = sampler;
    this.results = results;
    this.metrics = metrics;
    this.clock = clock;
  }

  /**
   * Segments a frame; a {@link PoisonRecordException} says that it cannot be.
   *
   * @param memory what was kept of the camera, or null
   * @param how with a forward pass or, where that will do, without one
   * @param receiver gets the result before a model on trial sees the frame
   * @return whether it did without a pass
   */
  boolean segment(
      FrameRecord frame,
      @Nullable CameraMemory memory,
      How how,
      Consumer<Outcome.Segmented> receiver) {
    try (EncodedPicture picture = frame.picture()) {
      return segment(frame, picture, memory, how, receiver);
    }
  }

  private boolean segment(
      FrameRecord frame,
      EncodedPicture picture,
      @Nullable CameraMemory memory,
      How how,
      Consumer<Outcome.Segmented> receiver) {
    String camera = frame.camera();
    long queueMicros = frame.ageMicros(nowMicros());
    SlotSegmenter segmenter =
        segmenters.computeIfAbsent(models.ofCamera().apply(camera), models.segmenter());
    long start = System.nanoTime();
    Picture seen = decode(picture, segmenter);
    long decodeMicros = (System.nanoTime() - start) / NANOS_PER_MICRO;
    CameraSegmenter.FrameInput shot =
        new CameraSegmenter.FrameInput(frame.id().epoch(), frame.id().captureMicros(), picture);
    SlotSegmenter.Segmented segmented =
        propagated(segmenter, shot, memory, how)
            .orElseGet(() -> segmenter.segment(shot, memory, how.forced()));
    CameraSegmenter.Result result = segmented.result();
    Optional<Propagation> used = how.propagation().filter(any -> result.propagated());
    ResultWriter.Timing timing =
        new ResultWriter.Timing(
            queueMicros,
            decodeMicros,
            segmented.nanos() / NANOS_PER_MICRO,
            frame.ageMicros(nowMicros()));
    Outcome.Segmented outcome =
        results.write(
            new ResultWriter.Segmented(
                frame,
                picture,
                sampler.sample(frame.id(), seen, memory, result.reset()),
                segmented.card(),
                result,
                used.map(Propagation::sincePassMicros).orElse(0L),
                timing));
    report(camera, timing, result, used);
    receiver.accept(outcome);
    if (used.isEmpty()) {
      segmenter.shadow(camera, shot, segmented);
    }
    return result.propagated();
  }

  private static Optional<SlotSegmenter.Segmented> propagated(
      SlotSegmenter segmenter,
      CameraSegmenter.FrameInput shot,
      @Nullable CameraMemory memory,
      How how) {
    return how.propagation().isPresent() && how.forced().isEmpty() && memory != null
        ? segmenter.propagate(shot, memory)
        : Optional.empty();
  }

  /** As the model sees it; whole before that where a result shows it. */
  private Picture decode(EncodedPicture picture, SlotSegmenter segmenter) {
    try {
      if (results.showsPictures()) {
        picture.requireWhole();
      }
      return segmenter.seen(picture);
    } catch (IllegalArgumentException e) {
      throw new PoisonRecordException(String.valueOf(e.getMessage()), e);
    }
  }

  private void report(
      String camera,
      ResultWriter.Timing timing,
      CameraSegmenter.Result result,
      Optional<Propagation> propagation) {
    metrics.stage(camera, "queue", timing.queueMicros() * NANOS_PER_MICRO);
    metrics.stage(camera, "decode", timing.decodeMicros() * NANOS_PER_MICRO);
    long nanos = timing.inferenceMicros() * NANOS_PER_MICRO;
    if (propagation.isPresent()) {
      metrics.stage(camera, "propagation", nanos);
      metrics.propagated(camera, propagation.get().cause().label());
    } else {
      metrics.stage(camera, "batch-wait", result.waitNanos());
      metrics.stage(camera, "inference", nanos - result.waitNanos());
    }
    metrics.segmented(camera, timing.totalMicros() / (double) TimeUnit.SECONDS.toMicros(1));
    result.reset().map(ResetReason::label).ifPresent(reason -> metrics.reset(camera, reason));
    lastMasks
        .flips(camera, result.segmentation().mask())
        .ifPresent(share -> metrics.flips(camera, share));
  }

  /** A camera has gone; frees what is kept of it here. */
  void forget(String camera) {
    lastMasks.remove(camera);
    results.forget(camera);
    segmenters.values().forEach(segmenter -> segmenter.forget(camera));
  }

  private long nowMicros() {
    return Micros.now(clock);
  }
}
