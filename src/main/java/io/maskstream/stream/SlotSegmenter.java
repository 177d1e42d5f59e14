package io.maskstream.stream;

import io.maskstream.frame.Picture;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.FrameSegmenter;
import io.maskstream.inference.Letterbox;
import io.maskstream.inference.MaskPropagator;
import io.maskstream.inference.ModelCard;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.rollout.ShadowTrial;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A worker's access to a slot: segments with whatever model serves now, and with the one on trial
 * beside it, which has memories of its own that end with the trial. Used by all threads; the frames
 * of one camera come one after the other.
 */
final class SlotSegmenter {
  private final ModelSlot slot;
  private final ReusePolicy policy;
  private final ResetRules rules;
  private final ConfidenceOutput confidence;
  private volatile @Nullable Shadow shadow;

  private record Shadow(ShadowTrial trial, Map<String, CameraMemory> memories) {}

  SlotSegmenter(ModelSlot slot, ReusePolicy policy, ResetRules rules, ConfidenceOutput confidence) {
    this.slot = slot;
    this.policy = policy;
    this.rules = rules;
    this.confidence = confidence;
  }

  /**
   * A frame's result.
   *
   * @param card of the model it is from
   * @param nanos it took
   */
  record Segmented(ModelCard card, CameraSegmenter.Result result, long nanos) {}

  /** A picture in the size in which the model that serves sees it. */
  Picture seen(ScalablePicture picture) {
    Letterbox place = Letterbox.of(picture, slot.active().card());
    return picture.scaled(place.innerWidth(), place.innerHeight());
  }

  /** Segments a frame with the model that serves now. */
  Segmented segment(
      CameraSegmenter.FrameInput shot,
      @Nullable CameraMemory memory,
      Optional<ResetReason> forced) {
    ModelSlot.SegmenterHandle open = slot.open();
    return segment(open.model().card(), open.segmenter(), shot, memory, forced);
  }

  /** A frame's mask without a forward pass, where that will do. */
  Optional<Segmented> propagate(CameraSegmenter.FrameInput shot, CameraMemory memory) {
    ModelCard card = slot.active().card();
    long start = System.nanoTime();
    return new MaskPropagator(card, policy, rules, confidence)
        .propagate(shot, memory)
        .map(result -> new Segmented(card, result, System.nanoTime() - start));
  }

  /** See {@link MaskPropagator#catchUp}. */
  CameraMemory catchUp(CameraMemory fresh, CameraMemory latest) {
    return new MaskPropagator(slot.active().card(), policy, rules, confidence)
        .catchUp(fresh, latest);
  }

  /** Gives the segmenter back afterwards. */
  private Segmented segment(
      ModelCard card,
      FrameSegmenter borrowed,
      CameraSegmenter.FrameInput shot,
      @Nullable CameraMemory memory,
      Optional<ResetReason> forced) {
    try (CameraSegmenter segmenter =
        new CameraSegmenter(card, borrowed, policy, rules, confidence)) {
      long start = System.nanoTime();
      CameraSegmenter.Result result = segmenter.segment(shot, memory, forced);
      return new Segmented(card, result, System.nanoTime() - start);
    }
  }

  /** Has a model on trial, if there is one, segment the same frame. */
  void shadow(String camera, CameraSegmenter.FrameInput shot, Segmented used) {
    ShadowTrial trial = slot.trial().orElse(null);
    if (trial == null) {
      shadow = null;
      return;
    }
    Shadow beside = beside(trial);
    try {
      slot.open(trial)
          .ifPresent(
              borrowed -> {
                Segmented fresh =
                    segment(
                        trial.candidate().card(),
                        borrowed,
                        shot,
                        beside.memories().get(camera),
                        Optional.empty());
                beside.memories().put(camera, fresh.result().memory());
                slot.compare(trial, side(used), side(fresh));
              });
    } catch (RuntimeException | Error e) { // whatever is wrong with it, the model in use goes on
      slot.failed(trial, e);
    }
  }

  private static ShadowTrial.ModelOutput side(Segmented segmented) {
    return new ShadowTrial.ModelOutput(segmented.result().segmentation().mask(), segmented.nanos());
  }

  private synchronized Shadow beside(ShadowTrial trial) {
    Shadow known = shadow;
    if (known != null && known.trial() == trial) {
      return known;
    }
    Shadow fresh = new Shadow(trial, new ConcurrentHashMap<>());
    shadow = fresh;
    return fresh;
  }

  /** A camera has gone. */
  void forget(String camera) {
    Shadow known = shadow;
    if (known != null) {
      known.memories().remove(camera);
    }
  }
}
