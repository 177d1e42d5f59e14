package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import io.maskstream.prototype.Observation;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
      List<ModelOutput> together = segmenter.segment(requests);
      for (int i = 0; i < requests.size(); i++) {
        ModelOutput alone = segmenter.segment(requests.get(i)).output();
        ModelOutput row = together.get(i);
        assertSame(row.labels(), alone.labels());
        assertThat(row.logits().isPresent()).isEqualTo(alone.logits().isPresent());
        assertSame(row.observation(), alone.observation());
      }
      for (int i = 1; i < together.size(); i++) { // or the comparison would say nothing
        assertThat(together.get(i).observation().prototypes())
            .isNotEqualTo(together.get(0).observation().prototypes());
      }
    }
  }

  private static void assertSame(Optional<Labels> row, Optional<Labels> alone) {
    assertThat(row.isPresent()).isEqualTo(alone.isPresent());
    row.ifPresent(
        labels -> {
          Labels expected = alone.orElseThrow();
          assertThat(labels.mask().labels()).isEqualTo(expected.mask().labels());
          assertThat(labels.pixels()).isEqualTo(expected.pixels());
          assertThat(labels.confidence()).containsExactly(expected.confidence(), ROUNDING);
        });
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
