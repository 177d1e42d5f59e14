package io.maskstream.stream;

import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.FrameSegmenter;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelSlot;
import io.maskstream.inference.ServedModel;
import io.maskstream.inference.ShadowTrial;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One stream task's access to a slot: segments with whatever model serves now, and with the one on
 * trial beside it, which has memories of its own that end with the trial. Used by one thread.
 */
final class SlotSegmenter implements AutoCloseable {
  private final ModelSlot slot;
  private final ReusePolicy policy;
  private final ResetRules rules;
  private @Nullable Current current;
  private @Nullable Shadow shadow;

  private record Current(ServedModel model, CameraSegmenter segmenter) {}

  private record Shadow(
      ShadowTrial trial, CameraSegmenter segmenter, Map<String, CameraMemory> memories) {}

  SlotSegmenter(ModelSlot slot, ReusePolicy policy, ResetRules rules) {
    this.slot = slot;
    this.policy = policy;
    this.rules = rules;
  }

  /**
   * A frame's result.
   *
   * @param card of the model it is from
   * @param nanos it took
   */
  record Segmented(ModelCard card, CameraSegmenter.Result result, long nanos) {}

  /** Segments a frame with the model that serves now. */
  Segmented segment(
      CameraSegmenter.Shot shot, @Nullable CameraMemory memory, Optional<ResetReason> forced) {
    Current now = current();
    long start = System.nanoTime();
    CameraSegmenter.Result result = now.segmenter().segment(shot, memory, forced);
    return new Segmented(now.model().card(), result, System.nanoTime() - start);
  }

  private Current current() {
    Current open = current;
    if (open != null && open.model() == slot.active()) {
      return open;
    }
    if (open != null) {
      current = null;
      open.segmenter().close();
    }
    ModelSlot.Open next = slot.open();
    Current made = new Current(next.model(), camera(next.model().card(), next.segmenter()));
    current = made;
    return made;
  }

  private CameraSegmenter camera(ModelCard card, FrameSegmenter segmenter) {
    return new CameraSegmenter(card, segmenter, policy, rules);
  }

  /** Has a model on trial, if there is one, segment the same frame. */
  void shadow(String camera, CameraSegmenter.Shot shot, Segmented used) {
    Shadow beside = beside();
    if (beside == null) {
      return;
    }
    try {
      long start = System.nanoTime();
      CameraSegmenter.Result fresh =
          beside.segmenter().segment(shot, beside.memories().get(camera), Optional.empty());
      long nanos = System.nanoTime() - start;
      beside.memories().put(camera, fresh.memory());
      slot.compare(
          beside.trial(),
          new ShadowTrial.Side(used.result().segmentation().mask(), used.nanos()),
          new ShadowTrial.Side(fresh.segmentation().mask(), nanos));
    } catch (RuntimeException e) { // whatever is wrong with it, the model in use goes on
      slot.failed(beside.trial(), e);
    }
  }

  private @Nullable Shadow beside() {
    ShadowTrial trial = slot.trial().orElse(null);
    Shadow open = shadow;
    if (open != null && open.trial() == trial) {
      return open;
    }
    if (open != null) {
      shadow = null;
      open.segmenter().close();
    }
    if (trial == null) {
      return null;
    }
    shadow =
        slot.open(trial)
            .map(
                segmenter ->
                    new Shadow(trial, camera(trial.candidate().card(), segmenter), new HashMap<>()))
            .orElse(null);
    return shadow;
  }

  @Override
  public void close() {
    Current open = current;
    current = null;
    if (open != null) {
      open.segmenter().close();
    }
    Shadow beside = shadow;
    shadow = null;
    if (beside != null) {
      beside.segmenter().close();
    }
  }
}
