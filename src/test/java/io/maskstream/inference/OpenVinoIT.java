package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.inference.LoadedModel.EngineOptions;
import io.maskstream.metrics.Metrics;
import io.maskstream.synthetic.SyntheticStreet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;

/** The committed bundle in OpenVINO against ONNX Runtime. */
@Tag("openvino")
class OpenVinoIT {
  private static final Path PLUGIN =
      Path.of("openvino", "libonnxruntime_providers_openvino_plugin.so");
  private static final int PASSES = 2;
  private static final List<SegmentationRequest> FRAMES =
      IntStream.range(0, 4)
          .mapToObj(
              i ->
                  new SegmentationRequest(
                      new SyntheticStreet(21, 480, 360).at(Duration.ofSeconds(3L * i)).picture(),
                      new float[11 * 64],
                      new float[11]))
          .toList();

  private static EngineOptions integers() {
    return EngineOptions.processors(1, Precision.INT8);
  }

  private static byte[] labels(LoadedModel model, SegmentationRequest frame) {
    try (Segmenter segmenter = model.newSegmenter()) {
      return ModelOutputs.labels(segmenter.segment(frame).output(), model.card()).mask().labels();
    }
  }

  static boolean isIntels() throws IOException {
    return Files.readString(Path.of("/proc/cpuinfo")).contains("GenuineIntel");
  }

  @Test
  @DisabledIf("isIntels")
  void load_onAnotherProcessor_isRefusedEachTimeWithTheReason() throws ModelException {
    ModelBundle bundle = ModelBundle.read(Path.of("models/street-ssa"));
    EngineOptions options = integers().with(new OpenVino(PLUGIN, PASSES));
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> LoadedModel.load(bundle, options))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("it knows no processor of this machine, and takes Intel's alone");
    }
  }

  @Test
  @EnabledIf("isIntels")
  void segment_inIntegers_givesTheLabelsOfOnnxRuntime() throws ModelException {
    ModelBundle bundle = ModelBundle.read(Path.of("models/street-ssa"));
    try (LoadedModel expected = LoadedModel.load(bundle, integers());
        LoadedModel actual =
            LoadedModel.load(bundle, integers().with(new OpenVino(PLUGIN, PASSES)))) {
      assertThat(actual.engine()).isEqualTo("OpenVINO");
      assertThat(actual.graph()).isEqualTo(bundle.integerGraph());
      assertThat(actual.givesScores()).isTrue();
      int different = 0;
      for (SegmentationRequest frame : FRAMES) {
        byte[] before = labels(expected, frame);
        byte[] after = labels(actual, frame);
        for (int n = 0; n < before.length; n++) {
          different += before[n] == after[n] ? 0 : 1;
        }
      }
      // Kernels round differently; equal to the last label would be ONNX Runtime itself.
      assertThat((double) different / (FRAMES.size() * 480 * 360)).isBetween(1e-6, 0.01);
    }
  }

  @Test
  @EnabledIf("isIntels")
  void segment_severalPassesAtATime_givesEachFrameItsOwnLabels() throws Exception {
    ModelBundle bundle = ModelBundle.read(Path.of("models/street-ssa"));
    ExecutorService lanes = Executors.newFixedThreadPool(PASSES);
    try (LoadedModel model =
        LoadedModel.load(bundle, integers().with(new OpenVino(PLUGIN, PASSES)))) {
      List<byte[]> alone = FRAMES.stream().map(frame -> labels(model, frame)).toList();
      List<Future<byte[]>> together = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        FRAMES.forEach(frame -> together.add(lanes.submit(() -> labels(model, frame))));
      }
      for (int i = 0; i < together.size(); i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i % FRAMES.size()));
      }
      ServedModel served = ServedModel.of(model, Arrivals.unknown(), new Metrics());
      assertThat(served.lanes(PASSES)).isEqualTo(PASSES);
    } finally {
      lanes.shutdownNow();
    }
  }
}
