package io.maskstream.evaluation;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.CameraSegmenter.FrameInput;
import io.maskstream.inference.CameraSegmenter.Result;
import io.maskstream.inference.LoadedModel;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Segments labelled sequences as a topology would and measures the masks. */
public final class Evaluator implements AutoCloseable {

  /** Time between two frames of a sequence as the reset rules see it, microseconds: 15 a second. */
  private static final long FRAME_MICROS = 66_667;

  private final CameraSegmenter segmenter;
  private final ConfusionMatrix matrix;
  private final FlipCounter flips;
  private final BoundaryIou boundaries;
  private final FlowConsistency flow = new FlowConsistency();
  private @Nullable CameraMemory memory;
  private @Nullable LabeledPicture before;
  private @Nullable Mask predictedBefore;
  private long frames;
  private long sequence;

  public Evaluator(LoadedModel model, ReusePolicy policy, ResetRules rules) {
    this.segmenter = new CameraSegmenter(model, policy, rules);
    this.matrix = new ConfusionMatrix(model.card().classes().size());
    this.flips = new FlipCounter(model.card().classes().size());
    this.boundaries = new BoundaryIou(model.card().classes().size());
  }

  /**
   * Adds a frame of the model's input size.
   *
   * @param startsSequence whether it has nothing to do with the frame before it
   */
  public Mask add(LabeledPicture frame, boolean startsSequence) {
    if (startsSequence) {
      sequence++;
      memory = null;
      before = null;
      predictedBefore = null;
    }
    FrameInput shot = new FrameInput(sequence, frames * FRAME_MICROS, frame.picture());
    Result result = segmenter.segment(shot, memory, Optional.empty());
    Mask predicted = result.segmentation().mask();
    matrix.add(frame.groundTruth(), predicted);
    boundaries.add(frame.groundTruth(), predicted);
    flow.add(frame.picture(), predicted, startsSequence);
    if (before != null && predictedBefore != null) {
      flips.add(before.groundTruth(), frame.groundTruth(), predictedBefore, predicted);
    }
    memory = result.memory();
    before = frame;
    predictedBefore = predicted;
    frames++;
    return predicted;
  }

  public ConfusionMatrix matrix() {
    return matrix;
  }

  /** Flicker, see {@link FlipCounter#rate}. */
  public double flipRate() {
    return flips.rate();
  }

  /** See {@link BoundaryIou}. */
  public BoundaryIou boundaries() {
    return boundaries;
  }

  /** Consistency along optical flow, see {@link FlowConsistency#consistency}. */
  public double temporalConsistency() {
    return flow.consistency();
  }

  public long frames() {
    return frames;
  }

  @Override
  public void close() {
    flow.close();
    segmenter.close();
  }
}
