package io.maskstream.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkTest {

  @Test
  void padding_isTensorFlowsSame() {
    Convolution even = Convolution.plain(Scope.root(), Convolution.Size.square(3, 8, 3, 2));
    assertThat(even.padding(360)).containsExactly(0, 1);
    assertThat(even.padding(45)).containsExactly(1, 1);
    Convolution wide = Convolution.plain(Scope.root(), Convolution.Size.depthwise(8, 5, 2));
    assertThat(wide.padding(60)).containsExactly(1, 2);
    assertThat(wide.padding(23)).containsExactly(2, 2);
  }

  @Test
  void features_ofAnOddSizedImage_haveStrideFour() {
    SegmentationNetwork network = new SegmentationNetwork(NetworkConfig.small(11));
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      Map<String, NDArray> weights =
          NdInputs.parameters(manager, Parameters.initial(network.parameters(), 1));
      NDArray features =
          network.features(
              new NdOps(manager, weights, name -> false), manager.ones(new Shape(2, 3, 90, 124)));
      assertThat(features.getShape()).isEqualTo(new Shape(2, 64, 23, 31));
    }
  }

  @Test
  void resize_isBilinearAndNotNearest() {
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      NdOps ops = new NdOps(manager, Map.of(), name -> false);
      NDArray row = manager.create(new float[] {0f, 4f}, new Shape(1, 1, 1, 2));
      assertThat(ops.resize(row, 1, 4).toFloatArray()).containsExactly(0f, 1f, 3f, 4f);
    }
  }

  @Test
  void backbone_lite0_hasThePublishedNumberOfParameters() {
    Scope scope = Scope.root();
    EfficientNetLite backbone = new EfficientNetLite(scope, EfficientNetLite.Variant.LITE0);
    assertThat(backbone.channels()).isEqualTo(List.of(16, 24, 40, 112, 320));
    int trained =
        scope.declared().stream()
            .filter(ParameterSpec::trained)
            .mapToInt(ParameterSpec::size)
            .sum();
    // 4 652 008 of EfficientNet-Lite0 less head convolution, its normalisation and classifier
    assertThat(trained).isEqualTo(4_652_008 - 320 * 1280 - 2 * 1280 - 1281 * 1000);
  }

  @Test
  void scope_declaringTwice_isRefused() {
    Scope scope = Scope.root();
    scope.trained("w", ParameterSpec.Init.ZEROS, 1);
    assertThatThrownBy(() -> scope.trained("w", ParameterSpec.Init.ZEROS, 1))
        .hasMessage("parameter declared twice: w");
  }

  @Test
  void parameters_writtenAndRead_areTheSame(@TempDir Path folder) throws IOException {
    Scope scope = Scope.root();
    scope.trained("a", ParameterSpec.Init.leCun(5), 3, 5);
    scope.statistic("b", ParameterSpec.Init.ONES, 7);
    Parameters written =
        new Parameters(Parameters.initial(scope.declared(), 2).values(), Map.of("steps", "12"));
    Path file = folder.resolve("w.safetensors");
    written.write(file);
    Parameters read = Parameters.read(file);
    assertThat(read.metadata()).containsEntry("steps", "12");
    assertThat(read.get("a").shape()).containsExactly(3, 5);
    assertThat(read.get("a").data()).containsExactly(written.get("a").data());
    assertThat(read.get("b").data()).containsOnly(1f);
    assertThatThrownBy(() -> read.get("c")).hasMessage("no parameter named c");
  }

  @Test
  void parameters_ofAnotherFile_areRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("w.safetensors");
    Files.write(file, new byte[64]);
    assertThatThrownBy(() -> Parameters.read(file)).hasMessageContaining("not a safetensors file");
  }

  @Test
  void parameters_cutOffAnywhere_areRefusedWithTheirFile(@TempDir Path folder) throws IOException {
    Scope scope = Scope.root();
    scope.trained("a", ParameterSpec.Init.leCun(5), 3, 5);
    Path file = folder.resolve("w.safetensors");
    Parameters.initial(scope.declared(), 2).write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Parameters.read(file))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(file + " is truncated");
    }
    assertThatThrownBy(() -> Parameters.read(file))
        .hasMessage(
            file
                + " is truncated or damaged: tensor a must lie in the 59 bytes behind the header, its"
                + " bytes are 0 to 60");
  }

  @Test
  void continuing_aLayerThatGainsABias_startsItAtZero() {
    Scope before = Scope.root();
    Convolution.fanIn(before.child("layer"), Convolution.Size.depthwise(4, 3, 1), false);
    Scope after = Scope.root();
    Convolution.fanIn(after.child("layer"), Convolution.Size.depthwise(4, 3, 1), true);
    Convolution.fanIn(after.child("other"), Convolution.Size.depthwise(4, 3, 1), true);
    Parameters earlier = Parameters.initial(before.declared(), 1);
    Parameters initial = Parameters.initial(after.declared(), 2);
    Parameters joined = initial.continuing(earlier);
    assertThat(joined.get("layer.weight").data()).isEqualTo(earlier.get("layer.weight").data());
    assertThat(joined.get("layer.bias").data()).containsOnly(0f);
    assertThat(joined.get("other.bias").data()).isEqualTo(initial.get("other.bias").data());
  }
}
