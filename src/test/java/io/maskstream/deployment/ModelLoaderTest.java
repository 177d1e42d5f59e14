package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.TestBundles;
import io.maskstream.stream.SegmentConfig;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLoaderTest {

  @Test
  void load_modelWhoseOutputCannotBeUsed_saysWhyWithoutNamesOfExceptions(@TempDir Path folder)
      throws Exception {
    TestBundles.writeVoid(folder);
    SegmentConfig config =
        YamlReader.parse("test", "model: " + folder, SegmentConfig.class, Map.of());
    try (ModelLoader loader = new ModelLoader(config)) {
      assertThatThrownBy(() -> loader.load(folder))
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "cannot load the model %s: the model's output labels must be from 0 to 10, the ids of its class table, has 255",
              folder);
    }
  }
}
