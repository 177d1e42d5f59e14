package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.inference.LoadedModel.EngineOptions;
import io.maskstream.onnx.GraphCut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenVinoTest {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  private static void load(Optional<OpenVino> openVino) throws ModelException {
    EngineOptions options =
        new EngineOptions(EngineChoice.OPENVINO, Precision.INT8, 1, 0, Optional.empty(), openVino);
    LoadedModel.load(ModelBundle.read(BUNDLE), options).close();
  }

  @Test
  void load_withoutThePlugin_isRefusedWithItsPath(@TempDir Path folder) {
    Path missing = folder.resolve("plugin.so");
    assertThatThrownBy(() -> load(Optional.of(new OpenVino(missing, 1))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("plug-in " + missing + ": no such file");
    assertThatThrownBy(() -> load(Optional.empty()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("needs the path of its plug-in");
  }

  @Test
  void load_ofWhatIsNoLibrary_isRefusedWithTheReason(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("plugin.so"), "no library");
    assertThatThrownBy(() -> load(Optional.of(new OpenVino(text, 1))))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("engine: openvino cannot start with the plug-in " + text)
        .hasMessageContaining("Failed to load library");
  }

  @Test
  void batchDimension_ofABundlesGraph_isFound() throws IOException {
    byte[] graph = Files.readAllBytes(BUNDLE.resolve("model.onnx"));
    assertThat(GraphCut.batchDimension(graph)).contains("batch");
  }
}
