package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.Picture;
import io.maskstream.metrics.Metrics;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small untrained model. */
class ServedModelTest {
  private static final Picture BLACK = Picture.black(96, 64);

  @TempDir private Path folder;

  private final Metrics metrics = new Metrics();
  private LoadedModel loaded;
  private ServedModel served;

  @BeforeEach
  void setUp() throws Exception {
    loaded = LoadedModel.load(ModelBundle.read(TestBundles.write(folder, "tiny", "7", 1)), 1);
    served = ServedModel.of(loaded, Arrivals.unknown(), metrics);
  }

  private static SegmentationRequest request(ModelCard card) {
    int rows = card.prototypes();
    return new SegmentationRequest(BLACK, new float[rows * card.features()], new float[rows]);
  }

  @Test
  void retiredModel_staysLoadedWhileFramesAreInWork() {
    FrameSegmenter first = served.borrowSegmenter();
    FrameSegmenter second = served.borrowSegmenter();
    served.retire();
    assertThat(loaded.isOpen()).isTrue();
    first.close();
    assertThat(loaded.isOpen()).isTrue();
    assertThat(second.segment(request(served.card())).output().observation().evidence())
        .hasSize(served.card().prototypes());
    second.close();
    assertThat(loaded.isOpen()).isFalse();
    assertThatThrownBy(served::borrowSegmenter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("tiny@7 is retired");
  }

  @Test
  void retiredModel_withoutAFrameInWork_isUnloadedAtOnce() {
    served.borrowSegmenter().close();
    assertThat(loaded.isOpen()).isTrue();
    served.retire();
    assertThat(loaded.isOpen()).isFalse();
  }

  @Test
  void segmenterThatIsGivenBack_isUsedAgain_andCounted() {
    for (int i = 0; i < 3; i++) {
      try (FrameSegmenter segmenter = served.borrowSegmenter()) {
        var unused = segmenter.segment(request(served.card()));
      }
    }
    assertThat(metrics.count("maskstream_inference_seconds_count", "model", "tiny")).isEqualTo(3);
    served.retire();
  }

  @Test
  void modelOnAProcessor_takesAsManyFramesAsThereAreThreads() {
    assertThat(served.lanes(3)).isEqualTo(3);
    assertThat(served.engine()).isEqualTo(LoadedModel.ONNX_RUNTIME);
    assertThat(served.lost()).isEmpty();
    served.retire();
  }
}
