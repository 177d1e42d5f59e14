package io.maskstream.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.ModelOutput;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The engine's own half on a CUDA device: streams, pinned memory, recorded passes, threads, memory
 * that is given back. {@link DeviceCheckLauncher} runs it in a process of its own, first with a
 * stand-in for TensorRT whose passes are CUDA's copies, then with TensorRT where it is installed.
 */
final class DeviceCheck {
  private static final Path BUNDLE = Path.of("models/street-ssa");
  private static final int CHAIN = 200;
  private static final int TIMED_PASSES = 50;
  private static final long TOLERATED_BYTES = 8L << 20;
  private static final long TIMEOUT_SECONDS = 300;

  private final ModelBundle bundle;
  private final Path plans;
  private final boolean standIn;
  private final boolean whole;
  private final RandomRequests random = new RandomRequests();

  private DeviceCheck(Path plans, boolean standIn, boolean whole) throws ModelException {
    this.bundle = ModelBundle.read(BUNDLE);
    this.plans = plans;
    this.standIn = standIn;
    this.whole = whole;
  }

  /**
   * {@code stand-in} where TensorRT is the stand-in of src/test/native, else {@code tensorrt}; then
   * {@code long} or {@code short}.
   */
  public static void main(String[] arguments) throws Exception {
    TrtEngine engine = (TrtEngine) Engine.getEngine(TrtEngine.NAME);
    System.out.printf("TensorRT %s, %s%n", engine.getVersion(), engine.target(0));
    Path plans = Files.createTempDirectory("plans");
    boolean whole = arguments[1].equals("long");
    DeviceCheck check = new DeviceCheck(plans, arguments[0].equals("stand-in"), whole);
    check.memoryComesBack(engine);
    check.threadsDoNotDisturbEachOther();
    check.outputsGoIntoTheNextPass();
    if (whole) {
      check.times();
    }
    System.out.println("all is well");
  }

  private LoadedModel load() throws ModelException {
    return LoadedModel.load(
        bundle,
        new LoadedModel.EngineOptions(
            EngineChoice.TENSORRT, Precision.AUTO, 1, 0, Optional.of(plans)));
  }

  /** Runs a batch; a stand-in's results are known, TensorRT's must not depend on the batch. */
  private void pass(Segmenter segmenter, int batch) {
    List<SegmentationRequest> requests = random.take(batch);
    List<ModelOutput> outputs = segmenter.segment(requests);
    assertThat(outputs).hasSize(batch);
    for (int i = 0; i < batch; i++) {
      ModelOutput output = outputs.get(i);
      if (standIn) {
        byte[] sevens = new byte[RandomRequests.WIDTH * RandomRequests.HEIGHT];
        Arrays.fill(sevens, (byte) 7);
        assertThat(output.labels().orElseThrow().mask().labels()).isEqualTo(sevens);
        assertThat(output.observation().prototypes()).isEqualTo(requests.get(i).prior());
        assertThat(output.observation().evidence()).isEqualTo(requests.get(i).trust());
      } else if (i == batch - 1) {
        float[] alone = segmenter.segment(requests.get(i)).output().observation().prototypes();
        for (int n = 0; n < alone.length; n++) {
          assertThat(output.observation().prototypes()[n]).isCloseTo(alone[n], within(1e-2f));
        }
      }
    }
  }

  private void memoryComesBack(TrtEngine engine) throws ModelException {
    long first = 0;
    for (int round = 0; round < (whole ? 6 : 3); round++) {
      try (LoadedModel model = load();
          Segmenter segmenter = model.newSegmenter()) {
        for (int batch : new int[] {1, 2, 8, 1, 32, 5, 8, 31, 3}) {
          pass(segmenter, batch);
        }
      }
      long used = engine.usedBytes(0);
      first = round == 1 ? used : first; // the first round also loads kernels
      System.out.printf("round %d: %.1f MB in use%n", round, used / 1e6);
    }
    assertThat(Math.abs(engine.usedBytes(0) - first)).isLessThan(TOLERATED_BYTES);
  }

  /** Two models at work in threads of their own while a third is loaded and closed. */
  private void threadsDoNotDisturbEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      all.add(threads.submit(this::allBatches));
    }
    all.add(
        threads.submit(
            () -> {
              for (int i = 0; i < (whole ? 10 : 3); i++) {
                load().close();
              }
              return null;
            }));
    for (Future<?> thread : all) {
      thread.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
    threads.shutdown();
    System.out.println("threads do not disturb each other");
  }

  private Void allBatches() throws ModelException {
    try (LoadedModel model = load();
        Segmenter segmenter = model.newSegmenter()) {
      for (int batch = 1; batch <= 32; batch += whole ? 1 : 6) {
        pass(segmenter, batch);
      }
    }
    return null;
  }

  /** Each pass's prototypes are the next one's prior, and another thread reads them meanwhile. */
  private void outputsGoIntoTheNextPass() throws Exception {
    int length = whole ? CHAIN : CHAIN / 10;
    try (Model model = Model.newInstance("street-ssa", Device.gpu(), TrtEngine.NAME)) {
      model.load(BUNDLE, "model", Map.of(TrtModel.PLAN_CACHE, plans.toString()));
      try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator());
          NDManager manager = model.getNDManager().newSubManager()) {
        ByteBuffer black =
            ByteBuffer.allocateDirect(3 * RandomRequests.WIDTH * RandomRequests.HEIGHT);
        NDArray image =
            named(
                manager.create(
                    black,
                    new Shape(1, RandomRequests.HEIGHT, RandomRequests.WIDTH, 3),
                    DataType.UINT8),
                "image");
        NDArray trust =
            named(
                manager.create(
                    random.floats(RandomRequests.ROWS), new Shape(1, RandomRequests.ROWS)),
                "trust");
        float[] start = random.floats(RandomRequests.ROWS * RandomRequests.FEATURES);
        NDArray prior =
            named(
                manager.create(start, new Shape(1, RandomRequests.ROWS, RandomRequests.FEATURES)),
                "prior");
        for (int i = 0; i < length; i++) {
          NDArray next = predictor.predict(new NDList(image, prior, trust)).get("prototypes");
          float[] seen =
              CompletableFuture.supplyAsync(next::toFloatArray)
                  .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
          if (standIn) {
            assertThat(seen).isEqualTo(start);
          }
          prior = named(next, "prior");
        }
      }
    }
    System.out.printf("%d passes in a chain%n", length);
  }

  private static NDArray named(NDArray array, String name) {
    array.setName(name);
    return array;
  }

  private void times() throws ModelException {
    try (LoadedModel model = load();
        Segmenter segmenter = model.newSegmenter()) {
      for (int batch : new int[] {1, 2, 8, 16, 32}) {
        List<SegmentationRequest> requests = random.take(batch);
        var unused = segmenter.segment(requests);
        long start = System.nanoTime();
        for (int i = 0; i < TIMED_PASSES; i++) {
          unused = segmenter.segment(requests);
        }
        double millis = (System.nanoTime() - start) / 1e6 / TIMED_PASSES;
        System.out.printf("batch %d: %.2f ms per pass, copies included%n", batch, millis);
      }
    }
  }
}
