package io.maskstream.evaluation;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.CameraSegmenter.FrameInput;
import io.maskstream.inference.CameraSegmenter.Result;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.MaskPropagator;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.ReusePolicy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Segments labelled sequences as a topology would and measures the masks. */
public final class Evaluator implements AutoCloseable {

  /** Frames of a window of {@link VideoConsistency}, as its authors report it. */
  private static final int WINDOW = 8;

  private final CameraSegmenter segmenter;
  private final ConfusionMatrix matrix;
  private final FlipCounter flips;
  private final BoundaryIou boundaries;
  private final FlowConsistency flow = new FlowConsistency();
  private @Nullable CameraMemory memory;
  private @Nullable LabeledPicture before;
  private @Nullable Mask predictedBefore;
  private final VideoConsistency consistency;
  private final MajorityVote vote;
  private long frames;
  private long sequence;
  private double memoryWeight;
  private final MaskPropagator propagator;
  private final int propagate;
  private final ConfusionMatrix propagated;
  private final ConfusionMatrix held;
  private long withoutPass;
  private int inRow; // masks since the last forward pass
  private @Nullable Mask passed; // mask of that one

  /** Measures the masks as they are. */
  public Evaluator(LoadedModel model, ReusePolicy policy, ResetRules rules) {
    this(model, policy, rules, 1, 0);
  }

  /**
   * Measures masks.
   *
   * @param votes masks of which the majority is taken, 1 for none
   * @param propagate frames after each one with a forward pass that have none, as under overload
   */
  public Evaluator(
      LoadedModel model, ReusePolicy policy, ResetRules rules, int votes, int propagate) {
    if (propagate < 0) {
      throw new IllegalArgumentException(
          "frames without a forward pass must be at least 0, are " + propagate);
    }
    this.propagate = propagate;
    this.propagated = new ConfusionMatrix(model.card().classes().size());
    this.held = new ConfusionMatrix(model.card().classes().size());
    this.propagator = new MaskPropagator(model.card(), policy, rules, ConfidenceOutput.NONE);
    this.vote = new MajorityVote(votes);
    this.consistency = new VideoConsistency(model.card().classes().size(), WINDOW);
    this.segmenter = new CameraSegmenter(model, policy, rules);
    this.matrix = new ConfusionMatrix(model.card().classes().size());
    this.flips = new FlipCounter(model.card().classes().size());
    this.boundaries = new BoundaryIou(model.card().classes().size());
  }

  /**
   * Adds a frame of the model's input size.
   *
   * @param captureMicros when it was taken
   * @param startsSequence whether it has nothing to do with the frame before it
   */
  public Mask add(LabeledPicture frame, long captureMicros, boolean startsSequence) {
    if (startsSequence) {
      sequence++;
      memory = null;
      before = null;
      predictedBefore = null;
    }
    FrameInput shot = new FrameInput(sequence, captureMicros, frame.picture());
    Result result = segment(shot);
    Mask predicted = vote.add(result.segmentation().mask(), startsSequence);
    memoryWeight += result.segmentation().memoryWeight();
    matrix.add(frame.groundTruth(), predicted);
    if (inRow > 0 && passed != null) {
      withoutPass++;
      propagated.add(frame.groundTruth(), predicted);
      held.add(frame.groundTruth(), passed);
    } else {
      passed = predicted;
    }
    boundaries.add(frame.groundTruth(), predicted);
    consistency.add(frame.groundTruth(), predicted, startsSequence);
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

  private Result segment(FrameInput shot) {
    CameraMemory before = memory;
    Optional<Result> moved =
        before != null && inRow < propagate ? propagator.propagate(shot, before) : Optional.empty();
    inRow = moved.isPresent() ? inRow + 1 : 0;
    return moved.orElseGet(() -> segmenter.segment(shot, before, Optional.empty()));
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

  /** See {@link VideoConsistency}, over 8 frames. */
  public double videoConsistency() {
    return consistency.mean();
  }

  /** Mean weight of remembered class probabilities, 0 to 1. */
  public double memoryWeight() {
    return memoryWeight / frames;
  }

  /** Share of frames without a forward pass, 0 to 1. */
  public double propagatedShare() {
    return (double) withoutPass / frames;
  }

  /** Of the frames without a forward pass alone. */
  public ConfusionMatrix propagated() {
    return propagated;
  }

  /** Of the same frames with the mask of the last frame that had a pass. */
  public ConfusionMatrix held() {
    return held;
  }

  public long frames() {
    return frames;
  }

  @Override
  public void close() {
    segmenter.close();
  }
}
