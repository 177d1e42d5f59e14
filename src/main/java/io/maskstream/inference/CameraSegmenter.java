package io.maskstream.inference;

import io.maskstream.frame.Picture;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.CameraMemory.FrameFacts;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.DenseReuse;
import io.maskstream.prototype.FlowField;
import io.maskstream.prototype.LogitMap;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.PrototypeBank;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.prototype.SceneSignature;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Segments the frames of cameras with their memories: the one path that the topology, the
 * evaluation and the command line share. Keeps nothing between frames. Used by one thread.
 */
public final class CameraSegmenter implements AutoCloseable {
  private final ModelCard card;
  private final FrameSegmenter segmenter;
  private final ReusePolicy policy;
  private final ResetRules rules;
  private final LogitDecoder decoder;
  private final ConfidenceOutput confidence;

  /** Segments with a forward pass for each frame. */
  public CameraSegmenter(LoadedModel model, ReusePolicy policy, ResetRules rules) {
    this(model.card(), model.newSegmenter(), policy, rules, ConfidenceOutput.NONE);
  }

  /**
   * Segments with what a batcher or a model gave; it is closed with this.
   *
   * @param card of the model behind it
   * @param confidence a map needs a model that gives class scores
   */
  public CameraSegmenter(
      ModelCard card,
      FrameSegmenter segmenter,
      ReusePolicy policy,
      ResetRules rules,
      ConfidenceOutput confidence) {
    this.card = card;
    this.segmenter = segmenter;
    this.policy = policy;
    this.rules = rules;
    this.decoder = LogitDecoder.of(card, confidence);
    this.confidence = confidence;
  }

  /**
   * One frame of a camera.
   *
   * @param epoch connection to the camera
   * @param captureMicros microseconds since 1970
   * @param picture of any size; another size than the last frame's resets the memory
   */
  public record FrameInput(long epoch, long captureMicros, ScalablePicture picture) {}

  /**
   * Result of a frame.
   *
   * @param segmentation mask and statistics; the mask has the picture's shape
   * @param memory what to keep of the camera
   * @param reset why the memory given was not used, where it was not
   * @param waitNanos how long the frame waited for the device and for company
   */
  public record Result(
      Segmentation segmentation,
      CameraMemory memory,
      Optional<ResetReason> reset,
      long waitNanos) {}

  /**
   * Segments a frame.
   *
   * @param memory what was kept of the camera, or null
   * @param forced a reason to reset whatever the rules say
   */
  public Result segment(
      FrameInput shot, @Nullable CameraMemory memory, Optional<ResetReason> forced) {
    Letterbox place = Letterbox.of(shot.picture(), card);
    Picture input = place.apply(shot.picture());
    FrameFacts facts = facts(card, shot, input, memory);
    Optional<ResetReason> reset =
        forced
            .or(() -> rules.reason(memory, facts))
            .filter(reason -> !isMotion(reason, memory, input));
    PrototypeBank bank =
        memory == null || reset.isPresent()
            ? PrototypeBank.cold(card.prototypes(), card.features())
            : memory.bank();
    FrameSegmenter.Inference pass =
        segmenter.segment(new SegmentationRequest(input, bank.vectors(), policy.trust(bank)));
    PrototypeBank next = policy.update(bank, pass.output().observation());
    CameraMemory kept = reset.isPresent() ? null : memory;
    Decided decided = decide(pass.output(), input, kept, facts.captureMicros());
    return new Result(
        place.crop(decided.segmentation()),
        new CameraMemory(next, facts, decided.dense()),
        reset,
        pass.waitNanos());
  }

  /** Whether what looks like a cut is fast motion that the optical flow can follow. */
  private boolean isMotion(ResetReason reason, @Nullable CameraMemory memory, Picture input) {
    if (reason != ResetReason.SCENE_CUT || memory == null) {
      return false;
    }
    DenseReuse dense = MaskPropagator.moving(policy).orElse(null);
    DenseMemory before = memory.dense().orElse(null);
    if (dense == null || before == null) {
      return false;
    }
    Luma now = OpticalFlow.luma(input, before.luma().width(), before.luma().height());
    FlowField flow = OpticalFlow.between(now, before.luma());
    return dense.match(before, flow, now) >= DenseReuse.SAME_SCENE;
  }

  /** What decides whether a memory fits a frame. */
  static FrameFacts facts(
      ModelCard card, FrameInput shot, Picture input, @Nullable CameraMemory memory) {
    return new FrameFacts(
        shot.epoch(),
        shot.captureMicros(),
        interval(shot, memory),
        shot.picture().width(),
        shot.picture().height(),
        model(card),
        SceneSignature.of(input.width(), input.height(), input.rgb()));
  }

  /** What a memory knows its model by: another network may have the same id and version. */
  private static String model(ModelCard card) {
    return "%s %dx%d %dx%d"
        .formatted(card.name(), card.prototypes(), card.features(), card.columns(), card.rows());
  }

  /** Time since the frame before it in its connection, microseconds; 0 where there is none. */
  private static long interval(FrameInput shot, @Nullable CameraMemory memory) {
    return memory == null || memory.last().epoch() != shot.epoch()
        ? 0
        : Math.max(0, shot.captureMicros() - memory.last().captureMicros());
  }

  private record Decided(Segmentation segmentation, Optional<DenseMemory> dense) {}

  /** Labels a frame, by its class probabilities and the remembered ones where there are any. */
  private Decided decide(
      ModelOutput output, Picture input, @Nullable CameraMemory kept, long captureMicros) {
    DenseReuse dense = policy.dense().orElse(null);
    LogitMap logits = output.logits().orElse(null);
    if (dense == null || logits == null) {
      return new Decided(
          Segmentation.of(labels(output), output.observation(), 0), Optional.empty());
    }
    int scale = DenseMemory.LUMA_SCALE;
    Luma now = OpticalFlow.luma(input, scale * logits.columns(), scale * logits.rows());
    DenseReuse.Pooled pooled =
        dense.pool(logits, now, past(dense, logits, now, kept, captureMicros));
    Segmentation segmentation =
        Segmentation.of(
            decoder.decode(pooled.logits()),
            output.observation().withAgreement(pooled.agreement()),
            pooled.weight());
    return new Decided(segmentation, Optional.of(pooled.memory()));
  }

  private Labels labels(ModelOutput output) {
    Optional<Labels> made =
        confidence == ConfidenceOutput.NONE ? output.labels() : Optional.empty();
    return made.orElseGet(
        () ->
            decoder.decode(
                output
                    .logits()
                    .orElseThrow(
                        () ->
                            new IllegalStateException(
                                card.name()
                                    + " gives labels only, a confidence map needs scores"))));
  }

  /** What is remembered of the frame before and how things have moved since, if anything is. */
  private static DenseReuse.@Nullable Past past(
      DenseReuse dense,
      LogitMap logits,
      Luma now,
      @Nullable CameraMemory kept,
      long captureMicros) {
    DenseMemory before = kept == null ? null : kept.dense().orElse(null);
    if (kept == null || before == null || !before.fits(logits)) {
      return null;
    }
    FlowField flow =
        dense.moves()
            ? OpticalFlow.between(now, before.luma())
            : FlowField.still(now.width(), now.height());
    double seconds = Math.max(0, captureMicros - kept.passMicros()) / 1e6;
    return new DenseReuse.Past(before, flow, seconds);
  }

  @Override
  public void close() {
    segmenter.close();
  }
}
