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
import java.util.function.Supplier;
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
   * Begins with a frame and decodes it; a {@link PoisonRecordException}, here and later, says that
   * it cannot be segmented.
   */
  Work begin(FrameRecord frame) {
    return new Work(frame);
  }

  /** A frame in work, for one thread at a time. */
  final class Work implements AutoCloseable {
    private final FrameRecord frame;
    private final SlotSegmenter segmenter;
    private final EncodedPicture picture;
    private final CameraSegmenter.FrameInput shot;
    private final Picture seen;
    private final long queueMicros;
    private final long decodeMicros;

    private Work(FrameRecord frame) {
      this.frame = frame;
      this.segmenter =
          segmenters.computeIfAbsent(models.ofCamera().apply(frame.camera()), models.segmenter());
      this.queueMicros = frame.ageMicros(nowMicros());
      this.picture = frame.picture();
      this.shot =
          new CameraSegmenter.FrameInput(frame.id().epoch(), frame.id().captureMicros(), picture);
      long start = System.nanoTime();
      try {
        this.seen = decode(picture, segmenter);
      } catch (RuntimeException | Error e) {
        picture.close();
        throw e;
      }
      this.decodeMicros = (System.nanoTime() - start) / NANOS_PER_MICRO;
    }

    /**
     * Has a forward pass for the frame.
     *
     * @param memory what was kept of the camera, or null
     * @param forced a reason to reset the memory whatever the rules say
     * @param receiver gets the result before a model on trial sees the frame
     */
    void segment(
        @Nullable CameraMemory memory,
        Optional<ResetReason> forced,
        Consumer<Outcome.Segmented> receiver) {
      SlotSegmenter.Segmented segmented = pass(memory, forced);
      receiver.accept(written(segmented, memory, Optional.empty()));
      segmenter.shadow(frame.camera(), shot, segmented);
    }

    /**
     * Does without a forward pass, where that will do.
     *
     * @param memory what was kept of the camera
     * @param receiver gets the result
     * @return whether it did
     */
    boolean propagate(
        CameraMemory memory, Propagation propagation, Consumer<Outcome.Segmented> receiver) {
      Optional<SlotSegmenter.Segmented> propagated = segmenter.propagate(shot, memory);
      propagated.ifPresent(
          segmented -> receiver.accept(written(segmented, memory, Optional.of(propagation))));
      return propagated.isPresent();
    }

    /**
     * Has a forward pass for the memory alone; the frame has its result.
     *
     * @param memory from the frames before this one
     * @param latest asked after the pass: what is kept of the camera by then
     * @param receiver gets what to keep instead; empty where the memory given was not used
     */
    void refresh(
        CameraMemory memory,
        Supplier<CameraMemory> latest,
        Consumer<Optional<CameraMemory>> receiver) {
      SlotSegmenter.Segmented segmented = pass(memory, Optional.empty());
      CameraSegmenter.Result result = segmented.result();
      receiver.accept(
          result.reset().isPresent()
              ? Optional.empty()
              : Optional.of(segmenter.catchUp(result.memory(), latest.get())));
      segmenter.shadow(frame.camera(), shot, segmented);
    }

    private SlotSegmenter.Segmented pass(
        @Nullable CameraMemory memory, Optional<ResetReason> forced) {
      SlotSegmenter.Segmented segmented = segmenter.segment(shot, memory, forced);
      reportPass(frame.camera(), segmented);
      return segmented;
    }

    private Outcome.Segmented written(
        SlotSegmenter.Segmented segmented,
        @Nullable CameraMemory memory,
        Optional<Propagation> propagation) {
      CameraSegmenter.Result result = segmented.result();
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
                  propagation.map(Propagation::sincePassMicros).orElse(0L),
                  timing));
      report(frame.camera(), timing, result);
      propagation.ifPresent(
          used -> {
            metrics.stage(frame.camera(), "propagation", segmented.nanos());
            metrics.propagated(frame.camera(), used.cause().label());
          });
      return outcome;
    }

    @Override
    public void close() {
      picture.close();
    }
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

  private void reportPass(String camera, SlotSegmenter.Segmented segmented) {
    CameraSegmenter.Result result = segmented.result();
    metrics.stage(camera, "batch-wait", result.waitNanos());
    metrics.stage(camera, "inference", segmented.nanos() - result.waitNanos());
    metrics.reuse(
        camera, result.memory().bank().frames(), result.segmentation().observation().agreement());
  }

  private void report(String camera, ResultWriter.Timing timing, CameraSegmenter.Result result) {
    metrics.stage(camera, "queue", timing.queueMicros() * NANOS_PER_MICRO);
    metrics.stage(camera, "decode", timing.decodeMicros() * NANOS_PER_MICRO);
    metrics.segmented(camera, timing.totalMicros() / (double) TimeUnit.SECONDS.toMicros(1));
    result.reset().map(ResetReason::label).ifPresent(reason -> metrics.reset(camera, reason));
    lastMasks
        .flips(camera, result.segmentation().mask())
        .ifPresent(share -> metrics.flips(camera, share));
  }

  /** A camera is another worker's now: it is for that one to say how it is. */
  void handOver(String camera) {
    forget(camera);
    metrics.handOver(camera);
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
