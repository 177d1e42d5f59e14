package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelOutputs;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HalfPrecisionTest {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  @Test
  void convert_ofTheCommittedModel_keepsTheLabels(@TempDir Path folder) throws Exception {
    ModelBundle single = ModelBundle.read(BUNDLE);
    byte[] graph = Files.readAllBytes(single.graph());
    byte[] converted = HalfPrecision.convert(graph);
    assertThat(converted.length).isLessThan(graph.length * 6 / 10);
    ModelProto parsed = ModelProto.parseFrom(converted);
    assertThat(parsed.getGraph().getInitializerList())
        .anyMatch(t -> t.getDataType() == TensorProto.DataType.FLOAT16.getNumber());
    BundleWriter.write(folder, single.card(), converted);
    try (LoadedModel a =
            LoadedModel.load(single, LoadedModel.EngineOptions.processors(2, Precision.FLOAT));
        LoadedModel b = LoadedModel.load(ModelBundle.read(folder), 2);
        Segmenter exact = a.newSegmenter();
        Segmenter rounded = b.newSegmenter()) {
      int same = 0;
      int all = 0;
      for (int i = 0; i < 4; i++) {
        Picture picture =
            new SyntheticStreet(2, a.card().width(), a.card().height())
                .at(Duration.ofSeconds(7L * i))
                .picture();
        SegmentationRequest request =
            new SegmentationRequest(
                picture,
                new float[a.card().prototypes() * a.card().features()],
                new float[a.card().prototypes()]);
        byte[] expected =
            ModelOutputs.labels(exact.segment(request).output(), a.card()).mask().labels();
        byte[] actual =
            ModelOutputs.labels(rounded.segment(request).output(), a.card()).mask().labels();
        for (int n = 0; n < expected.length; n++) {
          same += expected[n] == actual[n] ? 1 : 0;
          all++;
        }
      }
      assertThat((double) same / all).isGreaterThan(0.995);
    }
  }
}
