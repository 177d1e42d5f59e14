package io.maskstream.inference;

import io.maskstream.frame.Micros;
import io.maskstream.frame.Picture;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.CameraMemory.FrameFacts;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.DenseReuse;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.Observation;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import java.time.Duration;
import java.util.Optional;

/**
 * Masks of frames without a forward pass: the class probabilities of the camera's last frame, moved
 * along the optical flow, at a fraction of a pass's time.
 *
 * <p>After the propagation of features of key frames (Zhu et al., "Deep Feature Flow for Video
 * Recognition", CVPR 2017); here of class probabilities, as in {@link DenseReuse}. Keeps nothing
 * between frames.
 */
public final class MaskPropagator {

  /** Frames that are farther apart show too much that is new; a pass of its own is better. */
  static final Duration MAX_GAP = Duration.ofMillis(500);

  private final ModelCard card;
  private final Optional<DenseReuse> reuse;
  private final ResetRules rules;
  private final ConfidenceOutput confidence;

  /**
   * Propagates masks of a model.
   *
   * @param confidence what the results carry beside labels
   */
  public MaskPropagator(
      ModelCard card, ReusePolicy policy, ResetRules rules, ConfidenceOutput confidence) {
    this.card = card;
    this.reuse = moving(policy);
    this.rules = rules;
    this.confidence = confidence;
  }

  /** Whether a policy's memory follows the optical flow, so that masks can. */
  public static boolean follows(ReusePolicy policy) {
    return moving(policy).isPresent();
  }

  /** What a policy keeps along the optical flow; empty where it does not follow that. */
  static Optional<DenseReuse> moving(ReusePolicy policy) {
    return policy.dense().filter(DenseReuse::moves);
  }

  /** Whether there are class probabilities from shortly before a frame. */
  public static boolean isNear(CameraMemory memory, long captureMicros) {
    return memory.dense().isPresent()
        && captureMicros - memory.last().captureMicros() <= Micros.of(MAX_GAP);
  }

  /**
   * A frame's mask from the memory; empty where that would not do: the policy does not follow the
   * flow, the memory is of another scene, size or model or older than {@link #MAX_GAP}, or the
   * pictures do not match.
   */
  public Optional<CameraSegmenter.Result> propagate(
      CameraSegmenter.FrameInput shot, CameraMemory memory) {
    DenseMemory before = memory.dense().orElse(null);
    if (reuse.isEmpty() || before == null || !isNear(memory, shot.captureMicros())) {
      return Optional.empty();
    }
    Letterbox place = Letterbox.of(shot.picture(), card);
    Picture input = place.apply(shot.picture());
    FrameFacts facts = CameraSegmenter.facts(card, shot, input, memory);
    if (isReset(memory, facts)) {
      return Optional.empty();
    }
    Luma now = OpticalFlow.luma(input, before.luma().width(), before.luma().height());
    return move(before, now).map(moved -> result(place, facts, memory, moved));
  }

  private CameraSegmenter.Result result(
      Letterbox place, FrameFacts facts, CameraMemory memory, DenseReuse.Moved moved) {
    Segmentation segmentation =
        Segmentation.of(
            LogitDecoder.of(card, confidence).decode(moved.logits()),
            new Observation(new float[0], new float[0], moved.match()),
            1);
    return new CameraSegmenter.Result(
        place.crop(segmentation), moved(memory, facts, moved), Optional.empty(), 0);
  }

  /** Empty where the pictures do not match along the flow. */
  private Optional<DenseReuse.Moved> move(DenseMemory before, Luma now) {
    return reuse
        .map(dense -> dense.move(before, OpticalFlow.finer(now, before.luma()), now))
        .filter(moved -> moved.match() >= DenseReuse.SAME_SCENE);
  }

  /**
   * What a forward pass gave, brought to a frame that has been propagated while it ran, so that the
   * next one need not follow the flow from so far.
   *
   * @param fresh from the pass
   * @param latest of the last frame, from before the pass
   * @return of the last frame; {@code fresh} where there is none after it, or the pictures do not
   *     match
   */
  public CameraMemory catchUp(CameraMemory fresh, CameraMemory latest) {
    DenseMemory from = fresh.dense().orElse(null);
    Luma now = latest.dense().map(DenseMemory::luma).orElse(null);
    if (from == null
        || now == null
        || latest.last().captureMicros() <= fresh.last().captureMicros()
        || isReset(fresh, latest.last())) {
      return fresh;
    }
    return move(from, now).map(moved -> moved(fresh, latest.last(), moved)).orElse(fresh);
  }

  private static CameraMemory moved(CameraMemory from, FrameFacts to, DenseReuse.Moved moved) {
    return new CameraMemory(from.bank(), to, Optional.of(moved.memory()), from.passMicros());
  }

  /** For another reason than a cut, which shows along the flow. */
  private boolean isReset(CameraMemory memory, FrameFacts facts) {
    return rules
        .reason(memory, facts)
        .filter(reason -> reason != ResetReason.SCENE_CUT)
        .isPresent();
  }
}
