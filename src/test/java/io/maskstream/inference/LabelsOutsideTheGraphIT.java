package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.dataset.FolderFrames;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Picture;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.ContractTensors;
import io.maskstream.onnx.GraphCut;
import io.maskstream.onnx.ModelWriter;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.training.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Labels computed from logits against those of the same graph, with the committed weights. */
class LabelsOutsideTheGraphIT {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"street-ssa", "street-protoseg"})
  void labels_ofDrawnFrames_areTheGraphs(String model) throws Exception {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      pictures.add(new SyntheticStreet(i, 480, 360).at(Duration.ofSeconds(5L * i)).picture());
    }
    assertSameLabels(model, pictures);
  }

  @ParameterizedTest
  @ValueSource(strings = {"street-ssa", "street-protoseg"})
  @Tag("data")
  void labels_ofRealFrames_areTheGraphs(String model) throws Exception {
    Path data = Path.of(System.getProperty("maskstream.data"), "camvid");
    FolderFrames frames = new FolderFrames(data, "val", ClassTable.camvid11());
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < frames.size(); i += 5) {
      pictures.add(frames.get(i).picture());
    }
    assertSameLabels(model, pictures);
  }

  private void assertSameLabels(String model, List<Picture> pictures) throws Exception {
    ModelBundle both = exported(model);
    Path inside = folder.resolve("inside");
    byte[] graph = Files.readAllBytes(both.graph());
    BundleWriter.write(
        inside, both.card(), GraphCut.without(graph, Set.of(ContractTensors.LOGITS)));
    try (LoadedModel inGraph = LoadedModel.load(ModelBundle.read(inside), 2);
        LoadedModel outside = LoadedModel.load(both, 2);
        Segmenter first = inGraph.newSegmenter();
        Segmenter second = outside.newSegmenter()) {
      LogitDecoder decoder = LogitDecoder.of(both.card(), ConfidenceOutput.NONE);
      int different = 0;
      for (Picture picture : pictures) {
        SegmentationRequest request = cold(both.card(), picture);
        Labels expected = first.segment(request).output().labels().orElseThrow();
        ModelOutput output = second.segment(request).output();
        assertThat(output.labels()).isEmpty();
        Labels actual = decoder.decode(output.logits().orElseThrow());
        for (int n = 0; n < expected.mask().labels().length; n++) {
          different += expected.mask().labels()[n] == actual.mask().labels()[n] ? 0 : 1;
        }
        assertThat(actual.pixels()).containsExactly(expected.pixels());
        assertThat(actual.confidence()).containsExactly(expected.confidence(), within(2e-5f));
      }
      assertThat(different).isZero();
    }
  }

  private static SegmentationRequest cold(ModelCard card, Picture picture) {
    int rows = card.prototypes();
    return new SegmentationRequest(picture, new float[rows * card.features()], new float[rows]);
  }

  /** The committed weights as a graph of this version of the contract. */
  private ModelBundle exported(String model) throws IOException, ModelException {
    Path committed = Path.of("models", model);
    Parameters parameters =
        TrainingState.averagedOf(Parameters.read(committed.resolve("weights.safetensors")));
    ModelCard card = ModelBundle.read(committed).card();
    SegmentationNetwork network =
        new SegmentationNetwork(
            NetworkConfig.described(parameters.metadata(), card.classes().size()));
    byte[] graph =
        new ModelWriter(network, parameters).write(card.height(), card.width(), Map.of());
    BundleWriter.write(folder.resolve(model), card, graph);
    return ModelBundle.read(folder.resolve(model));
  }
}
