package io.maskstream.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.dataset.FolderFrames;
import io.maskstream.frame.Mask;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.CameraSegmenter.FrameInput;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.MaskPropagator;
import io.maskstream.inference.ModelBundle;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.prototype.ReusePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a consumer has of a camera whose passes take longer than it is from one frame to the next,
 * as in a live worker and with its time counted instead of waited for: masks when their passes end,
 * or masks at once, with the passes beside them.
 */
@Tag("data")
class LatePassIT {
  private static final Duration INTERVAL = Duration.ofNanos(66_666_667); // CamVid's, 15 Hz
  private static final double PROPAGATION = 0.3; // frame intervals

  private static LoadedModel model;
  private static CameraSegmenter segmenter;
  private static MaskPropagator propagator;
  private static FolderFrames frames;

  private final List<Shown> shown = new ArrayList<>();
  private int every;

  /** A frame's mask from a time on, in frame intervals. */
  private record Shown(double time, int frame, Mask mask) {}

  @BeforeAll
  static void load() throws Exception {
    model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 1);
    ReusePolicy policy = Reuse.of(Reuse.Policy.FLOW).build();
    segmenter = new CameraSegmenter(model, policy, ResetRules.defaults());
    propagator =
        new MaskPropagator(model.card(), policy, ResetRules.defaults(), ConfidenceOutput.NONE);
    frames =
        new FolderFrames(
            Path.of(System.getProperty("maskstream.data"), "camvid"), "val", model.card().table());
  }

  @AfterAll
  static void unload() {
    segmenter.close();
    model.close();
  }

  @ParameterizedTest
  @CsvSource({"1, 1.2, 0.598, 0.664", "3, 1.2, 0.462, 0.522", "1, 9, 0.398, 0.586"})
  void masksAtOnce_areBetterThanLateOnes(
      int every, double passTime, double expectedLate, double expectedAtOnce) throws IOException {
    this.every = every;
    showLate(passTime);
    int first = (int) Math.max(3, passTime);
    double late = streamingIou(first);
    shown.clear();
    showAtOnce(passTime);
    assertThat(shown).hasSize(count()); // each frame has a mask
    assertThat(late).isCloseTo(expectedLate, within(0.01));
    assertThat(streamingIou(first)).isCloseTo(expectedAtOnce, within(0.01));
  }

  private int count() {
    return frames.size() / every;
  }

  private FrameInput input(int frame) throws IOException {
    long micros = INTERVAL.multipliedBy((long) frame * every).toNanos() / 1_000;
    return new FrameInput(1, micros, frames.get(frame * every).picture());
  }

  private CameraMemory show(double time, int frame, CameraSegmenter.Result result) {
    shown.add(new Shown(time, frame, result.segmentation().mask()));
    return result.memory();
  }

  /** Masks when their passes end; of the frames that came meanwhile the newest is next. */
  private void showLate(double passTime) throws IOException {
    CameraMemory memory = null;
    double time = 0;
    for (int frame = 0; frame < count(); frame = Math.max(frame + 1, (int) time)) {
      time = Math.max(time, frame) + passTime;
      memory = show(time, frame, segmenter.segment(input(frame), memory, Optional.empty()));
    }
  }

  /** Propagated masks, from the last pass that has ended. */
  private void showAtOnce(double passTime) throws IOException {
    CameraMemory memory = show(passTime, 0, segmenter.segment(input(0), null, Optional.empty()));
    CameraMemory fresh = null;
    double end = 0;
    for (int frame = 1; frame < count(); frame++) {
      CameraMemory before =
          fresh != null && end <= frame ? propagator.catchUp(fresh, memory) : memory;
      fresh = end <= frame ? null : fresh;
      memory =
          show(
              frame + PROPAGATION, frame, propagator.propagate(input(frame), before).orElseThrow());
      if (fresh == null) {
        memory = memory.withMotion();
        fresh = segmenter.segment(input(frame), before, Optional.empty()).memory();
        end = frame + passTime;
      }
    }
  }

  /** Of the newest mask that is there at a frame's time, against that frame's ground truth. */
  private double streamingIou(int first) throws IOException {
    ConfusionMatrix matrix = new ConfusionMatrix(model.card().classes().size());
    for (int frame = first; frame < count(); frame++) {
      int time = frame;
      Mask newest =
          shown.stream()
              .filter(mask -> mask.time() <= time)
              .reduce((before, next) -> next)
              .orElseThrow()
              .mask();
      matrix.add(frames.get(frame * every).groundTruth(), newest);
    }
    return matrix.meanIou();
  }
}
