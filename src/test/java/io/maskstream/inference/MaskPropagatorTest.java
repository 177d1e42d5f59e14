package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter.FrameInput;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.prototype.SceneSignature;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MaskPropagatorTest {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 360;
  private static final SyntheticStreet STREET = new SyntheticStreet(11, WIDTH, HEIGHT);
  private static final ReusePolicy FLOW = Reuse.of(Reuse.Policy.FLOW).build();

  private static LoadedModel model;
  private static CameraSegmenter segmenter;

  @BeforeAll
  static void load() throws Exception {
    model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 2);
    segmenter = new CameraSegmenter(model, FLOW, ResetRules.defaults());
  }

  @AfterAll
  static void close() {
    segmenter.close();
    model.close();
  }

  private static MaskPropagator propagator(ReusePolicy policy, ConfidenceOutput confidence) {
    return new MaskPropagator(model.card(), policy, ResetRules.defaults(), confidence);
  }

  private static FrameInput shot(long millis, Picture picture) {
    return new FrameInput(1, 1_000 * millis, picture);
  }

  private static Picture picture(long millis) {
    return STREET.at(Duration.ofMillis(millis)).picture();
  }

  private static CameraMemory memoryAt(long millis) {
    return segmenter.segment(shot(millis, picture(millis)), null, Optional.empty()).memory();
  }

  private static Optional<CameraSegmenter.Result> propagate(FrameInput shot, CameraMemory memory) {
    return propagator(FLOW, ConfidenceOutput.NONE).propagate(shot, memory);
  }

  @Test
  void masks_areBetterThanThoseOfTheFrameBefore_andAlmostAsGoodAsOwnOnes() {
    ConfusionMatrix own = new ConfusionMatrix(11);
    ConfusionMatrix moved = new ConfusionMatrix(11);
    ConfusionMatrix held = new ConfusionMatrix(11);
    for (int i = 0; i < 8; i++) {
      long millis = 700L * i;
      CameraSegmenter.Result before =
          segmenter.segment(shot(millis, picture(millis)), null, Optional.empty());
      LabeledPicture next = STREET.at(Duration.ofMillis(millis + 100));
      FrameInput input = shot(millis + 100, next.picture());
      CameraSegmenter.Result result = propagate(input, before.memory()).orElseThrow();
      assertThat(result.reset()).isEmpty();
      Mask pass = segmenter.segment(input, null, Optional.empty()).segmentation().mask();
      own.add(next.groundTruth(), pass);
      moved.add(next.groundTruth(), result.segmentation().mask());
      held.add(next.groundTruth(), before.segmentation().mask());
    }
    assertThat(own.meanIou() - moved.meanIou()).isLessThan(0.03); // measured: 0.628 - 0.615
    assertThat(moved.meanIou() - held.meanIou()).isGreaterThan(0.02); // 0.615 - 0.576
  }

  @Test
  void memoryOfAPass_catchesUpWithTheFramesSince() {
    CameraMemory fresh = memoryAt(0);
    CameraMemory latest =
        propagate(shot(100, picture(100)), fresh.withMotion()).orElseThrow().memory();
    CameraMemory caught = catchUp(fresh, latest);
    assertThat(caught.dense()).usingRecursiveComparison().isEqualTo(latest.dense());
    assertThat(caught.last()).isEqualTo(latest.last());
    assertThat(caught.bank()).isEqualTo(fresh.bank());
    assertThat(caught.passMicros()).isZero();
    assertThat(caught.motion()).isEmpty();
    assertThat(catchUp(memoryAt(100), latest)).as("of another frame").isNotEqualTo(caught);
  }

  @Test
  void memoryOfAPass_followsTheMotionFromFrameToFrame() {
    CameraMemory fresh = memoryAt(0);
    CameraMemory latest = fresh.withMotion();
    for (int millis = 100; millis <= 800; millis += 100) {
      latest = propagate(shot(millis, picture(millis)), latest).orElseThrow().memory();
    }
    CameraMemory direct = propagate(shot(800, picture(800)), fresh).orElseThrow().memory();
    double own = meanIou(memoryAt(800), 800);
    double caught = meanIou(catchUp(fresh, latest), 800);
    assertThat(own - caught).isLessThan(0.1);
    assertThat(caught - meanIou(direct, 800)).isGreaterThan(0.02);
  }

  private static CameraMemory catchUp(CameraMemory fresh, CameraMemory latest) {
    return propagator(FLOW, ConfidenceOutput.NONE).catchUp(fresh, latest);
  }

  /** Of what a memory shows at its frame's time. */
  private static double meanIou(CameraMemory memory, long millis) {
    ConfusionMatrix matrix = new ConfusionMatrix(11);
    matrix.add(
        STREET.at(Duration.ofMillis(millis)).groundTruth(),
        propagate(shot(millis + 1, picture(millis)), memory).orElseThrow().segmentation().mask());
    return matrix.meanIou();
  }

  @Test
  void memoryThatWasMoved_countsByTheTimeSinceItsPass() {
    CameraMemory moved = propagate(shot(100, picture(100)), memoryAt(0)).orElseThrow().memory();
    assertThat(moved.passMicros()).isZero();
    CameraMemory older =
        new CameraMemory(moved.bank(), moved.last(), moved.dense(), -800_000, Optional.empty());
    assertThat(weight(older)).isLessThan(0.8f * weight(moved));
    CameraMemory own = new CameraMemory(moved.bank(), moved.last(), moved.dense());
    assertThat(weight(own)).isGreaterThan(weight(moved));
  }

  /** Of a memory in the pass of the frame at 200 ms. */
  private float weight(CameraMemory memory) {
    return segmenter
        .segment(shot(200, picture(200)), memory, Optional.empty())
        .segmentation()
        .memoryWeight();
  }

  @Test
  void result_countsItsOwnMask_andItsMemoryIsForTheNextFrame() {
    CameraMemory memory = memoryAt(0);
    CameraSegmenter.Result first = propagate(shot(100, picture(100)), memory).orElseThrow();
    Segmentation segmentation = first.segmentation();
    int[] counts = new int[11];
    for (byte label : segmentation.mask().labels()) {
      counts[label]++;
    }
    assertThat(segmentation.pixels()).isEqualTo(counts);
    assertThat(segmentation.memoryWeight()).isEqualTo(1);
    assertThat(segmentation.observation().agreement()).isBetween(0.7f, 1f);
    assertThat(segmentation.map()).isEmpty();
    assertThat(first.memory().last().captureMicros()).isEqualTo(100_000);
    assertThat(first.memory().last().intervalMicros()).isEqualTo(100_000);
    assertThat(first.memory().bank()).isEqualTo(memory.bank());
    assertThat(propagate(shot(200, picture(200)), first.memory())).isPresent();
  }

  @Test
  void pictureThatDidNotChange_keepsItsMask() {
    CameraSegmenter.Result before = segmenter.segment(shot(0, picture(0)), null, Optional.empty());
    Mask same =
        propagate(shot(40, picture(0)), before.memory()).orElseThrow().segmentation().mask();
    int different = 0;
    for (int i = 0; i < same.labels().length; i++) {
      different += same.labels()[i] == before.segmentation().mask().labels()[i] ? 0 : 1;
    }
    assertThat(different).isLessThan(WIDTH * HEIGHT / 200); // by the rounding to bytes
  }

  @Test
  void confidenceMap_isThereWhereItIsAskedFor() {
    Segmentation segmentation =
        propagator(FLOW, ConfidenceOutput.MAP)
            .propagate(shot(100, picture(100)), memoryAt(0))
            .orElseThrow()
            .segmentation();
    assertThat(segmentation.map()).isPresent();
  }

  @Test
  void wideCamera_hasTheMaskOfItsShape() {
    SyntheticStreet wide = new SyntheticStreet(11, 640, 360);
    CameraMemory memory =
        segmenter
            .segment(shot(0, wide.at(Duration.ZERO).picture()), null, Optional.empty())
            .memory();
    Mask mask =
        propagate(shot(100, wide.at(Duration.ofMillis(100)).picture()), memory)
            .orElseThrow()
            .segmentation()
            .mask();
    assertThat(mask.width()).isEqualTo(480);
    assertThat(mask.height()).isEqualTo(270);
  }

  @Test
  void memoryThatDoesNotFit_isNotMoved() {
    CameraMemory memory = memoryAt(0);
    Picture other = new SyntheticStreet(12, WIDTH, HEIGHT).at(Duration.ofSeconds(3)).picture();
    assertThat(propagate(shot(100, other), memory)).as("another scene").isEmpty();
    assertThat(propagate(shot(100, picture(0)), memory.withoutDense())).isEmpty();
    FrameInput reconnected = new FrameInput(2, 100_000, picture(100));
    assertThat(propagate(reconnected, memory)).as("another connection").isEmpty();
    for (Reuse.Policy policy :
        new Reuse.Policy[] {Reuse.Policy.PER_FRAME, Reuse.Policy.PIXEL_EMA}) {
      assertThat(
              propagator(Reuse.of(policy).build(), ConfidenceOutput.NONE)
                  .propagate(shot(100, picture(100)), memory))
          .as(policy.label())
          .isEmpty();
    }
  }

  @Test
  void fastMotion_isNoSceneCut_whereTheFlowCanFollowIt() {
    int fast = 0;
    for (long millis = 0; millis < 12_000 && fast < 3; millis += 100) {
      Picture before = picture(millis);
      Picture after = picture(millis + 300);
      double distance = signature(before).distance(signature(after));
      if (distance > ResetRules.DEFAULT_SCENE_CUT) {
        CameraSegmenter.Result result =
            segmenter.segment(shot(millis + 300, after), memoryAt(millis), Optional.empty());
        fast += result.reset().isEmpty() ? 1 : 0;
      }
    }
    assertThat(fast).isEqualTo(3);
    Picture other = new SyntheticStreet(12, WIDTH, HEIGHT).at(Duration.ofSeconds(3)).picture();
    assertThat(segmenter.segment(shot(100, other), memoryAt(0), Optional.empty()).reset())
        .contains(ResetReason.SCENE_CUT);
  }

  private static SceneSignature signature(Picture picture) {
    return SceneSignature.of(picture.width(), picture.height(), picture.rgb());
  }
}
