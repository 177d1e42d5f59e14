package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter.FrameInput;
import io.maskstream.inference.LoadedModel.EngineOptions;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed bundle. */
class LoadedModelTest {
  private static final Path BUNDLE = Path.of("models/street-ssa");
  private static final SyntheticStreet STREET = new SyntheticStreet(21, 480, 360);

  private static SegmentationRequest cold(Picture picture) {
    return new SegmentationRequest(picture, new float[11 * 64], new float[11]);
  }

  private static byte[] labels(LoadedModel model, ModelOutput output) {
    return ModelOutputs.labels(output, model.card()).mask().labels();
  }

  @Test
  void bundle_isAtMostSixteenMegabytes() throws IOException {
    assertThat(Files.size(BUNDLE.resolve("model.onnx"))).isLessThan(16_000_000);
  }

  @Test
  void segment_street_countsItsOwnMaskAndFindsMostOfTheGroundTruth() throws ModelException {
    LabeledPicture frame = STREET.at(Duration.ofSeconds(2));
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(BUNDLE), 2);
        Segmenter segmenter = model.newSegmenter()) {
      ModelOutput output = segmenter.segment(cold(frame.picture())).output();
      Segmentation result =
          Segmentation.of(ModelOutputs.labels(output, model.card()), output.observation(), 0);
      int[] counted = new int[11];
      int right = 0;
      for (int i = 0; i < result.mask().labels().length; i++) {
        counted[result.mask().labels()[i]]++;
        right += result.mask().labels()[i] == frame.groundTruth().labels()[i] ? 1 : 0;
      }
      assertThat(result.pixels()).containsExactly(counted);
      assertThat((double) right / (480 * 360)).isGreaterThan(0.8);
      assertThat(result.confidence()[3]).isBetween(0.5f, 1f); // road
      assertThat(result.observation().agreement()).isZero();
      float evidence = 0;
      float[] shares = result.observation().evidence();
      for (float share : shares) {
        evidence += share;
      }
      assertThat(evidence).isCloseTo(1f, within(1e-3f));
    }
  }

  @Test
  void segment_inIntegers_keepsTheLabelsOfTheFloats() throws ModelException {
    ModelBundle bundle = ModelBundle.read(BUNDLE);
    try (LoadedModel exact =
            LoadedModel.load(bundle, EngineOptions.processors(2, Precision.FLOAT));
        LoadedModel rounded =
            LoadedModel.load(bundle, EngineOptions.processors(2, Precision.INT8));
        Segmenter floats = exact.newSegmenter();
        Segmenter integers = rounded.newSegmenter()) {
      assertThat(exact.graph()).isEqualTo(bundle.graph());
      assertThat(rounded.graph()).isEqualTo(bundle.integerGraph());
      int different = 0;
      for (int i = 0; i < 3; i++) {
        SegmentationRequest request = cold(STREET.at(Duration.ofSeconds(3L * i)).picture());
        byte[] expected = labels(exact, floats.segment(request).output());
        byte[] actual = labels(rounded, integers.segment(request).output());
        for (int n = 0; n < expected.length; n++) {
          different += expected[n] == actual[n] ? 0 : 1;
        }
      }
      assertThat((double) different / (3 * 480 * 360)).isBetween(1e-6, 0.03);
    }
  }

  @Test
  void segment_batch_isTheSameAsOneByOne() throws ModelException {
    Picture a = STREET.at(Duration.ofSeconds(1)).picture();
    Picture b = STREET.at(Duration.ofSeconds(14)).picture();
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(BUNDLE), 2);
        Segmenter segmenter = model.newSegmenter()) {
      List<ModelOutput> both = segmenter.segment(List.of(cold(a), cold(b)));
      byte[] alone = labels(model, segmenter.segment(cold(b)).output());
      byte[] first = labels(model, both.get(0));
      byte[] second = labels(model, both.get(1));
      int different = 0;
      for (int i = 0; i < alone.length; i++) {
        different += alone[i] == second[i] ? 0 : 1;
      }
      assertThat(different).isLessThan(20); // ties
      assertThat(first).isNotEqualTo(second);
    }
  }

  @Test
  void cameraSegmenter_carriesTheBankAndResetsItOnASceneCut() throws ModelException {
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(BUNDLE), 2);
        CameraSegmenter segmenter =
            new CameraSegmenter(
                model, Reuse.of(Reuse.Policy.GUIDED).build(), ResetRules.defaults())) {
      CameraMemory memory = null;
      for (int i = 0; i < 4; i++) {
        Picture picture = STREET.at(Duration.ofMillis(100L * i)).picture();
        CameraSegmenter.Result result =
            segmenter.segment(
                new CameraSegmenter.FrameInput(1, 100_000L * i, picture), memory, Optional.empty());
        memory = result.memory();
        assertThat(result.reset().isPresent()).isEqualTo(i == 0);
        assertThat(memory.bank().frames()).isEqualTo(i + 1);
        assertThat(memory.last().intervalMicros()).isEqualTo(i == 0 ? 0 : 100_000);
        if (i > 0) {
          assertThat(result.segmentation().observation().agreement()).isGreaterThan(0.8f);
        }
      }
      Picture cut = STREET.at(SyntheticStreet.SCENE.multipliedBy(5)).picture();
      CameraSegmenter.Result result =
          segmenter.segment(
              new CameraSegmenter.FrameInput(1, 500_000L, cut), memory, Optional.empty());
      assertThat(result.reset()).contains(ResetReason.SCENE_CUT);
      assertThat(result.memory().bank().frames()).isEqualTo(1);
      CameraMemory other =
          segmenter
              .segment(
                  new CameraSegmenter.FrameInput(2, 900_000L, cut),
                  result.memory(),
                  Optional.empty())
              .memory();
      assertThat(other.last().intervalMicros()).isZero(); // another connection
    }
  }

  @Test
  void cameraSegmenter_ofASlowCamera_keepsItsMemoryFromTheThirdFrameOn() throws ModelException {
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(BUNDLE), 2);
        CameraSegmenter segmenter =
            new CameraSegmenter(
                model, Reuse.of(Reuse.Policy.FLOW).build(), ResetRules.defaults())) {
      CameraMemory memory = null;
      Picture picture = STREET.at(Duration.ZERO).picture();
      List<Optional<ResetReason>> resets = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        CameraSegmenter.Result result =
            segmenter.segment(
                new FrameInput(1, 40_000_000L * i, picture), memory, Optional.empty());
        memory = result.memory();
        resets.add(result.reset());
      }
      assertThat(resets)
          .containsExactly(
              Optional.of(ResetReason.FIRST_FRAME),
              Optional.of(ResetReason.GAP),
              Optional.empty(),
              Optional.empty());
    }
  }

  @Test
  void cameraSegmenter_flow_usesTheLastFrameWhileItIsFreshAndTakesFlickerAway()
      throws ModelException {
    int alone = 0;
    int pooled = 0;
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(BUNDLE), 2);
        CameraSegmenter single =
            new CameraSegmenter(
                model, Reuse.of(Reuse.Policy.PER_FRAME).build(), ResetRules.defaults());
        CameraSegmenter flow =
            new CameraSegmenter(
                model, Reuse.of(Reuse.Policy.FLOW).build(), ResetRules.defaults())) {
      CameraMemory memory = null;
      Mask singleBefore = null;
      Mask pooledBefore = null;
      for (int i = 0; i < 6; i++) {
        Picture picture = STREET.at(Duration.ofMillis(67L * i)).picture();
        FrameInput input = new FrameInput(1, 67_000L * i, picture);
        Mask own = single.segment(input, null, Optional.empty()).segmentation().mask();
        CameraSegmenter.Result result = flow.segment(input, memory, Optional.empty());
        Segmentation segmentation = result.segmentation();
        if (singleBefore != null && pooledBefore != null) {
          alone += flipped(singleBefore, own);
          pooled += flipped(pooledBefore, segmentation.mask());
          assertThat(segmentation.memoryWeight()).isBetween(0.2f, 0.5f);
          assertThat(segmentation.observation().agreement()).isGreaterThan(0.9f);
        } else {
          assertThat(segmentation.memoryWeight()).isZero();
          assertThat(segmentation.mask().labels()).isEqualTo(own.labels());
        }
        memory = result.memory();
        singleBefore = own;
        pooledBefore = segmentation.mask();
      }
      Picture later = STREET.at(Duration.ofMillis(3_400)).picture();
      FrameInput input = new FrameInput(1, 3_400_000L, later);
      Segmentation stale = flow.segment(input, memory, Optional.empty()).segmentation();
      assertThat(stale.memoryWeight()).isZero();
      assertThat(stale.mask().labels())
          .isEqualTo(single.segment(input, null, Optional.empty()).segmentation().mask().labels());
    }
    assertThat(pooled).isLessThan(alone);
  }

  private static int flipped(Mask before, Mask now) {
    int flipped = 0;
    for (int i = 0; i < now.labels().length; i++) {
      flipped += before.labels()[i] == now.labels()[i] ? 0 : 1;
    }
    return flipped;
  }

  @Test
  void cameraSegmenter_pictureOfAnotherSize_isScaled() throws ModelException {
    Picture large = new SyntheticStreet(21, 960, 540).at(Duration.ofSeconds(2)).picture();
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(BUNDLE), 2);
        CameraSegmenter segmenter =
            new CameraSegmenter(
                model, Reuse.of(Reuse.Policy.PER_FRAME).build(), ResetRules.defaults())) {
      CameraSegmenter.Result result =
          segmenter.segment(new CameraSegmenter.FrameInput(1, 0, large), null, Optional.empty());
      assertThat(result.segmentation().mask().width()).isEqualTo(480);
      assertThat(result.memory().last().width()).isEqualTo(960);
    }
  }

  @Test
  void read_brokenBundles_sayWhatIsWrong(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> ModelBundle.read(folder.resolve("none")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no such folder");
    Files.writeString(folder.resolve("bundle.yaml"), "id: x\nwidht: 3\n");
    assertThatThrownBy(() -> ModelBundle.read(folder))
        .hasMessageContaining("did you mean 'width'?")
        .hasMessageContaining("classes: must be given");
    Files.copy(
        BUNDLE.resolve("bundle.yaml"),
        folder.resolve("bundle.yaml"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ModelBundle.read(folder)).hasMessageContaining("has no model.onnx");
    Files.writeString(folder.resolve("model.onnx"), "not a graph");
    assertThatThrownBy(() -> LoadedModel.load(ModelBundle.read(folder), 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("cannot load the model");
  }

  @Test
  void load_graphThatDoesNotMeetTheContract_listsEveryDifference(@TempDir Path folder)
      throws IOException {
    String card = Files.readString(BUNDLE.resolve("bundle.yaml"));
    Files.writeString(folder.resolve("bundle.yaml"), card.replace("features: 64", "features: 32"));
    Files.copy(BUNDLE.resolve("model.onnx"), folder.resolve("model.onnx"));
    assertThatThrownBy(() -> LoadedModel.load(ModelBundle.read(folder), 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("prior");
  }

  @Test
  void segment_labelOutsideTheClassTable_isRefusedWithItsValue(@TempDir Path folder)
      throws Exception {
    try (LoadedModel loaded = LoadedModel.load(ModelBundle.read(TestBundles.writeVoid(folder)), 1);
        Segmenter segmenter = loaded.newSegmenter()) {
      assertThatThrownBy(() -> segmenter.segment(loaded.blank()))
          .isInstanceOf(ModelOutputException.class)
          .hasMessage(
              "the model's output labels must be from 0 to 10, the ids of its class table, has 255");
    }
  }
}
