package io.maskstream.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.DeviceLostException;
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.FrameSegmenter;
import io.maskstream.inference.Labels;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.ModelOutput;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.inference.ServedModel;
import io.maskstream.metrics.Metrics;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@link TrtStandInIT} runs in a process of its own, with the stand-ins as libraries. */
final class TrtStandIn {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  private final Path plans;
  private final ModelBundle bundle;
  private final RandomRequests random = new RandomRequests();

  private TrtStandIn(Path plans) throws ModelException {
    this.plans = plans;
    this.bundle = ModelBundle.read(BUNDLE);
  }

  public static void main(String[] arguments) throws Exception {
    TrtStandIn standIn = new TrtStandIn(Path.of(arguments[0]));
    assertThat(Engine.getEngine("TensorRT").getVersion()).isEqualTo("10.15.1");
    long before = Cuda.usedBytes();
    standIn.passes();
    assertThat(Cuda.usedBytes()).as("buffers after closing").isEqualTo(before);
    standIn.outputAsInput();
    assertThat(Cuda.usedBytes()).as("buffers after closing").isEqualTo(before);
    standIn.refusals();
    standIn.unreadableModel();
    standIn.otherDevice();
    assertThat(Cuda.usedBytes()).as("buffers after refusals").isEqualTo(before);
    standIn.lostDevice();
    System.out.println("all is well");
  }

  private LoadedModel load() throws ModelException {
    return load(bundle, EngineChoice.TENSORRT, 0);
  }

  private LoadedModel load(ModelBundle bundle, EngineChoice choice, int device)
      throws ModelException {
    return LoadedModel.load(
        bundle,
        new LoadedModel.EngineOptions(choice, Precision.AUTO, 1, device, Optional.of(plans)));
  }

  /** Builds the plan, then batches of several sizes, again, and one that is too large. */
  private void passes() throws ModelException {
    try (LoadedModel model = load();
        Segmenter segmenter = model.newSegmenter()) {
      for (int batch : new int[] {1, 2, 8, 1, 32, 5, 8}) {
        List<SegmentationRequest> requests = random.take(batch);
        List<ModelOutput> results = segmenter.segment(requests);
        assertThat(results).hasSize(batch);
        for (int i = 0; i < batch; i++) {
          check(requests.get(i), results.get(i));
        }
      }
      assertThatThrownBy(() -> segmenter.segment(random.take(33)))
          .hasStackTraceContaining("(1, 360, 480, 3) to (32, 360, 480, 3), is (33, 360, 480, 3)");
      assertThat(segmenter.segment(random.take(3))).hasSize(3);
    }
  }

  private static void check(SegmentationRequest request, ModelOutput result) {
    Labels labeled = result.labels().orElseThrow();
    byte[] labels = labeled.mask().labels();
    int[] counts = new int[11];
    for (int n = 0; n < labels.length; n++) {
      int expected = (request.picture().rgb()[3 * n] & 0xFF) % 11;
      counts[expected]++;
      if (labels[n] != expected) {
        throw new AssertionError("pixel %d is %d, not %d".formatted(n, labels[n], expected));
      }
    }
    assertThat(labeled.pixels()).isEqualTo(counts);
    float[] prototypes = new float[RandomRequests.ROWS * RandomRequests.FEATURES];
    for (int n = 0; n < prototypes.length; n++) {
      prototypes[n] = request.prior()[n] + request.trust()[n / RandomRequests.FEATURES];
    }
    assertThat(result.observation().prototypes()).isEqualTo(prototypes);
    assertThat(result.observation().evidence()).isEqualTo(request.trust());
    assertThat(result.observation().agreement()).isEqualTo(0.25f);
  }

  /** Each pass adds trust to the prior, which is the output of the one before. */
  private void outputAsInput() throws Exception {
    try (Model model = Model.newInstance("street-ssa", Device.gpu(), "TensorRT")) {
      model.load(BUNDLE, "model", Map.of("planCache", plans.toString()));
      try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
          NDManager manager = model.getNDManager().newSubManager()) {
        ByteBuffer pixels =
            ByteBuffer.allocateDirect(3 * RandomRequests.WIDTH * RandomRequests.HEIGHT);
        NDArray image =
            named(
                manager.create(
                    pixels,
                    new Shape(1, RandomRequests.HEIGHT, RandomRequests.WIDTH, 3),
                    DataType.UINT8),
                "image");
        float[] half = new float[RandomRequests.ROWS];
        Arrays.fill(half, 0.5f);
        NDArray trust = named(manager.create(half, new Shape(1, RandomRequests.ROWS)), "trust");
        NDArray bank =
            named(
                manager.zeros(new Shape(1, RandomRequests.ROWS, RandomRequests.FEATURES)), "prior");
        for (int i = 0; i < 5; i++) {
          NDList outputs = predictor.predict(new NDList(image, bank, trust));
          bank = named(outputs.get("prototypes"), "prior");
        }
        assertThat(bank.toFloatArray()).containsOnly(2.5f);
      }
    }
  }

  private static NDArray named(NDArray array, String name) {
    array.setName(name);
    return array;
  }

  private void refusals() throws Exception {
    TrtEngine engine = (TrtEngine) Engine.getEngine("TensorRT");
    PlanKey key = PlanKey.of(bundle.graph(), engine.target(0), BatchProfile.of("1,8,32"));
    PlanFile.write(plans.resolve(key.fileName()), key, new byte[] {1, 2, 3, 4});
    load().close();
    assertThat(PlanFile.read(plans.resolve(key.fileName()), key))
        .asString()
        .isEqualTo("PLAN of the stand-in for device 0"); // built again in place of the refused one
    Path refused = Files.write(plans.resolve("refused.plan"), new byte[] {1, 2, 3, 4});
    try (Model model = Model.newInstance("refused", Device.gpu(), "TensorRT")) {
      assertThatThrownBy(() -> model.load(refused))
          .hasMessageContaining("deserializeCudaEngine failed: the stand-in knows a plan");
    }

    Files.delete(plans.resolve(key.fileName()));
    Files.writeString(plans.resolve("timing.cache"), "damaged");
    load().close();
    assertThat(plans.resolve("timing.cache")).hasContent("TIMES");

    Path text = Files.writeString(plans.resolve("model.onnx"), "not a model");
    assertThatThrownBy(
            () -> PlanCache.in(plans).plan(text, PlanKey.of(text, key.target(), key.profile()), 0))
        .hasMessageContaining("cannot be parsed");
  }

  /**
   * A graph that ONNX Runtime takes and the parser does not, for the stand-in by its first byte.
   */
  private void unreadableModel() throws Exception {
    Path folder = Files.createDirectories(plans.resolve("unreadable"));
    for (String file : List.of("bundle.yaml", "model.onnx")) {
      Files.copy(BUNDLE.resolve(file), folder.resolve(file));
    }
    byte[] graph = Files.readAllBytes(folder.resolve("model.onnx"));
    byte[] producer = {0x12, 1, 'x'}; // ONNX's field 2, in front of field 1
    byte[] reordered = Arrays.copyOf(producer, producer.length + graph.length);
    System.arraycopy(graph, 0, reordered, producer.length, graph.length);
    Files.write(folder.resolve("model.onnx"), reordered);
    ModelBundle unreadable = ModelBundle.read(folder);
    assertThatThrownBy(() -> load(unreadable, EngineChoice.TENSORRT, 0))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("cannot be parsed");
    try (LoadedModel model = load(unreadable, EngineChoice.AUTO, 0)) {
      assertThat(model.engine()).isEqualTo("OnnxRuntime");
    }
  }

  /** Both devices are of one kind, so the plan is looked at before the other device uses it. */
  private void otherDevice() throws Exception {
    TrtEngine engine = (TrtEngine) Engine.getEngine("TensorRT");
    PlanKey key = PlanKey.of(bundle.graph(), engine.target(1), BatchProfile.of("1,8,32"));
    Files.delete(plans.resolve(key.fileName()));
    load(bundle, EngineChoice.TENSORRT, 1).close();
    assertThat(PlanFile.read(plans.resolve(key.fileName()), key))
        .asString()
        .isEqualTo("PLAN of the stand-in for device 1");
    assertThatThrownBy(() -> load(bundle, EngineChoice.TENSORRT, 2))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("no CUDA device 2: there are 2");
    Cuda.use(0);
  }

  /** An error that stays ends the service of the device, and metrics go on. */
  private void lostDevice() throws Exception {
    ServedModel served = ServedModel.of(load(), Arrivals.unknown(), new Metrics());
    FrameSegmenter segmenter = served.borrowSegmenter();
    assertThat(segmenter.segment(random.take(1).get(0)).output()).isNotNull();
    SegmentationRequest deadly = random.take(1).get(0);
    System.arraycopy(new byte[] {(byte) 0xDE, (byte) 0xAD, 1}, 0, deadly.picture().rgb(), 0, 3);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> segmenter.segment(deadly))
          .isInstanceOf(DeviceLostException.class)
          .hasMessageContaining("CUDA error 700");
    }
    assertThat(served.lost()).isPresent();
    Metrics metrics = new Metrics();
    metrics.deviceMemory("gpu0", Cuda::usedBytes);
    assertThat(metrics.text()).contains("maskstream_device_memory_bytes{device=\"gpu0\",} NaN");
  }
}
