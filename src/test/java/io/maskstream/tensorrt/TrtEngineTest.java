package io.maskstream.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.maskstream.frame.Picture;
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.ModelOutput;
import io.maskstream.inference.ModelOutputs;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TrtEngineTest {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  private static boolean gpu() {
    return Files.exists(Path.of("/dev/nvidiactl"));
  }

  @Test
  void engine_withoutGpu_saysEachTimeWhatIsMissing() {
    assumeThat(gpu()).isFalse();
    assertThat(Engine.hasEngine("TensorRT")).isTrue();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> Engine.getEngine("TensorRT"))
          .isInstanceOf(EngineException.class)
          .hasMessageMatching("(?s)(NVIDIA's driver or TensorRT's libraries|no CUDA device).*");
    }
  }

  @Test
  void defaultEngine_isNotTensorRt() {
    assertThat(Engine.getDefaultEngineName()).isNotEqualTo("TensorRT");
  }

  @Test
  void choice_autoWithoutGpu_takesOnnxRuntime() throws ModelException {
    assumeThat(gpu()).isFalse();
    try (LoadedModel model =
        LoadedModel.load(
            ModelBundle.read(BUNDLE),
            new LoadedModel.EngineOptions(
                EngineChoice.AUTO, Precision.AUTO, 1, 0, Optional.empty()))) {
      assertThat(model.engine()).isEqualTo("OnnxRuntime");
    }
  }

  @Test
  void choice_tensorRtWithoutGpu_failsWithReasonAndRemedy() {
    assumeThat(gpu()).isFalse();
    assertThatThrownBy(
            () ->
                LoadedModel.load(
                    ModelBundle.read(BUNDLE),
                    new LoadedModel.EngineOptions(
                        EngineChoice.TENSORRT, Precision.AUTO, 1, 0, Optional.empty())))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("engine: tensorrt cannot start")
        .hasMessageContaining("docs/gpu.md");
  }

  private static LoadedModel onGpu(ModelBundle bundle) throws ModelException {
    return LoadedModel.load(
        bundle,
        new LoadedModel.EngineOptions(
            EngineChoice.TENSORRT, Precision.AUTO, 1, 0, Optional.empty()));
  }

  private static List<SegmentationRequest> requests(LoadedModel model, int count) {
    List<SegmentationRequest> requests = new ArrayList<>();
    SyntheticStreet street = new SyntheticStreet(3, model.card().width(), model.card().height());
    for (int i = 0; i < count; i++) {
      Picture picture = street.at(Duration.ofSeconds(3L * i)).picture();
      requests.add(
          new SegmentationRequest(
              picture,
              new float[model.card().prototypes() * model.card().features()],
              new float[model.card().prototypes()]));
    }
    return requests;
  }

  @Test
  @Tag("gpu")
  void forward_onTheGpu_isOnnxRuntimesAtEveryBatch() throws ModelException {
    ModelBundle bundle = ModelBundle.read(BUNDLE);
    try (LoadedModel gpu = onGpu(bundle);
        LoadedModel cpu =
            LoadedModel.load(bundle, LoadedModel.EngineOptions.processors(4, Precision.FLOAT));
        Segmenter onGpu = gpu.newSegmenter();
        Segmenter onCpu = cpu.newSegmenter()) {
      for (int batch : new int[] {1, 2, 8, 1, 32}) {
        List<ModelOutput> actual = onGpu.segment(requests(gpu, batch));
        List<ModelOutput> expected = onCpu.segment(requests(cpu, batch));
        for (int i = 0; i < batch; i++) {
          byte[] a = ModelOutputs.labels(actual.get(i), gpu.card()).mask().labels();
          byte[] e = ModelOutputs.labels(expected.get(i), cpu.card()).mask().labels();
          int different = 0;
          for (int n = 0; n < a.length; n++) {
            different += a[n] == e[n] ? 0 : 1;
          }
          assertThat((double) different / a.length).isLessThan(0.001);
          float[] rows = expected.get(i).observation().prototypes();
          for (int n = 0; n < rows.length; n++) {
            assertThat(actual.get(i).observation().prototypes()[n])
                .isCloseTo(rows[n], within(2e-2f));
          }
        }
      }
    }
  }

  /**
   * The prototypes of one pass as the next one's prior, without and with a way through the host.
   */
  @Test
  @Tag("gpu")
  void output_asInputOfTheNextPass_givesTheSameAsItsNumbers() throws Exception {
    try (Model model = Model.newInstance("street-ssa", Device.gpu(), "TensorRT")) {
      model.load(BUNDLE, "model");
      try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
          NDManager manager = model.getNDManager().newSubManager()) {
        long[] image = {1, 360, 480, 3};
        ByteBuffer pixels = ByteBuffer.allocateDirect(360 * 480 * 3);
        new Random(3).ints(pixels.capacity(), 0, 256).forEach(value -> pixels.put((byte) value));
        pixels.rewind();
        NDList first = new NDList(manager.create(pixels, new Shape(image), DataType.UINT8));
        first.add(manager.zeros(new Shape(1, 11, 64)));
        first.add(manager.zeros(new Shape(1, 11)));
        name(first);
        NDArray bank = named(predictor.predict(first), "prototypes");
        NDArray trust = manager.create(filled(11, 0.5f), new Shape(1, 11));
        NDList onDevice = new NDList(first.get(0), bank, trust);
        name(onDevice);
        float[] direct = named(predictor.predict(onDevice), "prototypes").toFloatArray();
        NDArray copied = manager.create(bank.toFloatArray(), new Shape(1, 11, 64));
        NDList throughHost = new NDList(first.get(0), copied, trust);
        name(throughHost);
        assertThat(named(predictor.predict(throughHost), "prototypes").toFloatArray())
            .isEqualTo(direct);
      }
    }
  }

  private static void name(NDList inputs) {
    inputs.get(0).setName("image");
    inputs.get(1).setName("prior");
    inputs.get(2).setName("trust");
  }

  private static NDArray named(NDList arrays, String name) {
    return arrays.stream().filter(array -> name.equals(array.getName())).findFirst().orElseThrow();
  }

  private static float[] filled(int size, float value) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  @Tag("gpu")
  void forward_beyondThePlan_isRefusedAndThePlanGoesOn() throws ModelException {
    ModelBundle bundle = ModelBundle.read(BUNDLE);
    try (LoadedModel gpu = onGpu(bundle);
        Segmenter segmenter = gpu.newSegmenter()) {
      assertThatThrownBy(() -> segmenter.segment(requests(gpu, 33)))
          .hasStackTraceContaining("(1, 360, 480, 3) to (32, 360, 480, 3), is (33, 360, 480, 3)");
      assertThat(segmenter.segment(requests(gpu, 2))).hasSize(2);
    }
  }

  @Test
  @Tag("gpu")
  void models_loadedAndClosedManyTimes_leaveTheDevicesMemory() throws ModelException {
    ModelBundle bundle = ModelBundle.read(BUNDLE);
    long first = 0;
    for (int i = 0; i < 6; i++) {
      try (LoadedModel model = onGpu(bundle);
          Segmenter segmenter = model.newSegmenter()) {
        segmenter.segment(requests(model, 8));
      }
      Cuda.use(0);
      if (i == 1) {
        first = Cuda.usedBytes();
      }
    }
    assertThat(Cuda.usedBytes() - first).isLessThan(64L << 20);
  }
}
