package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles that are damaged or claim the impossible. */
class ModelBundleTest {
  @TempDir private Path folder;

  @Test
  void graph_withOneOtherByte_isNotLoaded() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    LoadedModel.load(ModelBundle.read(bundle), 1).close();
    Path graph = bundle.resolve(ModelBundle.GRAPH);
    byte[] bytes = Files.readAllBytes(graph);
    bytes[bytes.length / 2]++;
    Files.write(graph, bytes);
    assertThatThrownBy(() -> LoadedModel.load(ModelBundle.read(bundle), 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("its SHA-256 is not the one in SHA256SUMS");
  }

  @Test
  void graph_withoutASum_isLoaded() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    Files.delete(bundle.resolve(Checksums.FILE));
    LoadedModel.load(ModelBundle.read(bundle), 1).close();
  }

  /** A bundle with all that may lie beside its graph, and a file of the user's. */
  private Path used() throws IOException {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    Files.createDirectory(bundle.resolve(ModelBundle.PLANS));
    for (String name : List.of("model-int8.onnx", "weights.safetensors", "notes.txt")) {
      Files.writeString(bundle.resolve(name), name);
    }
    for (String name : List.of("a.plan", "a.plan.lock", "timing.cache")) {
      Files.writeString(bundle.resolve(ModelBundle.PLANS).resolve(name), name);
    }
    BundleWriter.seal(bundle);
    return bundle;
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  @Test
  void write_overABundleOfAnotherGraph_deletesWhatBelongedToIt() throws Exception {
    Path bundle = TestBundles.write(used(), "m", "2", 2);
    assertThat(files(bundle))
        .containsExactly(
            "SHA256SUMS", "bundle.yaml", "model.onnx", "notes.txt", "plans/timing.cache");
    assertThat(Files.readAllLines(bundle.resolve(Checksums.FILE)))
        .singleElement()
        .asString()
        .endsWith("  model.onnx");
  }

  @Test
  void write_ofTheSameGraph_keepsWhatWasMadeOfIt() throws Exception {
    Path bundle = used();
    List<String> before = files(bundle);
    TestBundles.write(bundle, "m", "1", 1);
    assertThat(files(bundle)).isEqualTo(before);
  }

  @Test
  void writeBesideWeights_overABundleOfAnotherGraph_keepsTheWeights() throws Exception {
    Path bundle = used();
    ModelCard card = ModelBundle.read(bundle).card();
    BundleWriter.writeBesideWeights(bundle, card, new byte[] {1});
    assertThat(files(bundle)).contains("weights.safetensors").doesNotContain("model-int8.onnx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"street-ssa", "street-protoseg"})
  void committedBundles_haveTheSumsOfTheirFiles(String name) throws Exception {
    Path bundle = Path.of("models", name);
    assertThat(Files.readString(bundle.resolve(Checksums.FILE)))
        .contains("  model.onnx\n")
        .contains("  model-int8.onnx\n")
        .contains("  weights.safetensors\n");
    Checksums.check(bundle.resolve("model.onnx"));
    Checksums.check(bundle.resolve("model-int8.onnx"));
    Checksums.check(bundle.resolve("weights.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"street-ssa", "street-protoseg"})
  void committedBundles_areServedInIntegersWhereTheProcessorIsMadeForThem(String name)
      throws Exception {
    ModelBundle bundle = ModelBundle.read(Path.of("models", name));
    boolean exact = ProcessorFeatures.ofThisMachine().addExactly(7);
    assertThat(bundle.servesIntegers()).isEqualTo(exact);
    assertThat(bundle.graph(Precision.AUTO))
        .isEqualTo(exact ? bundle.integerGraph() : bundle.graph());
    assertThat(bundle.graph(Precision.FLOAT)).isEqualTo(bundle.graph());
    assertThat(bundle.graph(Precision.INT8)).isEqualTo(bundle.integerGraph());
    ModelBundle worse = new ModelBundle(bundle.folder(), bundle.card().withIntegerLoss(0.31));
    assertThat(worse.graph(Precision.AUTO)).isEqualTo(bundle.graph());
  }

  @Test
  void precisionInt8_ofABundleWithoutIntegers_isRefused() throws Exception {
    ModelBundle bundle = ModelBundle.read(TestBundles.write(folder.resolve("m"), "m", "1", 1));
    assertThat(bundle.graph(Precision.AUTO)).isEqualTo(bundle.graph());
    assertThatThrownBy(() -> bundle.graph(Precision.INT8))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has no model-int8.onnx for precision int8");
  }

  @ParameterizedTest
  @CsvSource({
    "width, 2000000000, 8192",
    "height, -1, 8192",
    "features, 100000000, 4096",
    "prototypesPerClass, 1000000, 1000"
  })
  void sizes_thatNoNetworkHas_areRefusedBeforeAnythingIsAllocated(
      String key, String absurd, int most) throws Exception {
    Path bundle = TestBundles.write(folder.resolve("m"), "m", "1", 1);
    Path card = bundle.resolve(ModelBundle.CARD);
    String text = Files.readString(card);
    Files.writeString(card, text.replaceFirst(key + ": .*", key + ": " + absurd));
    assertThatThrownBy(() -> ModelBundle.read(bundle))
        .hasMessageContaining("%s must be 1 to %d, is %s".formatted(key, most, absurd));
  }
}
