package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import io.maskstream.prototype.Observation;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every frame of a batch gets its own row of every output. */
class BatchRowsTest {
  private static final Offset<Float> ROUNDING = Offset.offset(1e-4f);

  @TempDir private Path folder;

  @Test
  void batch_givesEveryFrameWhatItGetsAlone_inEveryOutput() throws Exception {
    ModelBundle bundle = ModelBundle.read(TestBundles.write(folder.resolve("m"), "m", "1", 1));
    try (LoadedModel model = LoadedModel.load(bundle, 1);
        Segmenter segmenter = model.newSegmenter()) {
      List<SegmentationRequest> requests = requests(model.card());
      List<Segmentation> together = segmenter.segment(requests);
      for (int i = 0; i < requests.size(); i++) {
        Segmentation alone = segmenter.segment(requests.get(i)).segmentation();
        Segmentation row = together.get(i);
        assertThat(row.mask().labels()).isEqualTo(alone.mask().labels());
        assertThat(row.pixels()).isEqualTo(alone.pixels());
        assertThat(row.confidence()).containsExactly(alone.confidence(), ROUNDING);
        assertSame(row.observation(), alone.observation());
      }
      for (int i = 1; i < together.size(); i++) { // or the comparison would say nothing
        assertThat(together.get(i).observation().prototypes())
            .isNotEqualTo(together.get(0).observation().prototypes());
      }
    }
  }

  private static void assertSame(Observation row, Observation alone) {
    assertThat(row.prototypes()).containsExactly(alone.prototypes(), ROUNDING);
    assertThat(row.evidence()).containsExactly(alone.evidence(), ROUNDING);
    assertThat(row.agreement()).isCloseTo(alone.agreement(), ROUNDING);
  }

  private static List<SegmentationRequest> requests(ModelCard card) {
    List<SegmentationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Picture picture =
          new SyntheticStreet(i, card.width(), card.height())
              .at(Duration.ofSeconds(9L * i))
              .picture();
      requests.add(
          new SegmentationRequest(
              picture,
              new float[card.prototypes() * card.features()],
              new float[card.prototypes()]));
    }
    return requests;
  }
}
