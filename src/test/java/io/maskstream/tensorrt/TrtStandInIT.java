package io.maskstream.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine against stand-ins for CUDA and TensorRT that run on the processor: everything of ours
 * between DJL and NVIDIA's functions, without a GPU. That NVIDIA's functions do what they should is
 * for {@link TrtEngineTest} on a GPU.
 */
@Tag("gcc")
class TrtStandInIT {

  @TempDir private Path folder;

  private String run(Class<?> program, Map<String, String> environment, String... arguments)
      throws Exception {
    return StandInLibraries.run(program, folder.toString(), environment, arguments);
  }

  @Test
  void engine_onStandIns_buildsRunsRefusesAndReleases() throws Exception {
    StandInLibraries libraries = new StandInLibraries(folder);
    libraries.compileCuda();
    libraries.compileTensorRt(folder);
    String first = Files.createDirectory(folder.resolve("plans")).toString();
    assertThat(run(TrtStandIn.class, Map.of(), first)).contains("all is well");
    String second = Files.createDirectory(folder.resolve("other")).toString();
    assertThat(run(TrtStandIn.class, Map.of("STANDIN_NO_CAPTURE", "1"), second))
        .contains("all is well")
        .contains("passes cannot be recorded as CUDA graphs and are enqueued");
  }

  /** What {@code exec:exec@gpu-check} runs on a GPU. */
  @Test
  void deviceCheck_onStandIns_passes() throws Exception {
    StandInLibraries libraries = new StandInLibraries(folder);
    libraries.compileCuda();
    libraries.compileTensorRt(folder, "-DON_DEVICE");
    assertThat(run(DeviceCheck.class, Map.of(), "stand-in", "short"))
        .contains("20 passes in a chain")
        .contains("all is well");
  }
}
