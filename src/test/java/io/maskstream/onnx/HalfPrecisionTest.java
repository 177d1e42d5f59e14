package io.maskstream.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelOutputs;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfPrecisionTest {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  /** Values and their bits by IEEE 754. */
  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "-0.0, 8000",
    "1, 3C00",
    "-2, C000",
    "65504, 7BFF",
    "65519, 7BFF",
    "65520, 7C00",
    "1e10, 7C00",
    "-1e10, FC00",
    "0.000061035156, 0400",
    "5.9604645e-8, 0001",
    "2.9802322e-8, 0000",
    "2.99e-8, 0001",
    "1.0004883, 3C00",
    "1.0014648, 3C02",
    "0.33333334, 3555"
  })
  void toHalf_roundsToNearestEven(float value, String bits) {
    assertThat("%04X".formatted(HalfPrecision.toHalf(value) & 0xFFFF)).isEqualTo(bits);
  }

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
    try (LoadedModel a = LoadedModel.load(single, 2);
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
