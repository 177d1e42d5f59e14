package io.maskstream.tensorrt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code exec:exec@gpu-check}: {@link DeviceCheck} on this machine's CUDA runtime, first with a
 * stand-in for TensorRT, then with TensorRT where it is installed. Needs gcc.
 */
final class DeviceCheckLauncher {
  private static final String CUDA = "libcudart.so.13";
  private static final String TENSORRT = "libnvinfer.so.10";
  private static final List<String> PLACES =
      List.of(
          "/usr/lib/x86_64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu",
          "/usr/lib64",
          "/usr/local/cuda/lib64",
          "/usr/local/tensorrt/lib");

  private DeviceCheckLauncher() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    String path = Optional.ofNullable(System.getenv("LD_LIBRARY_PATH")).orElse("");
    Path cuda =
        folder(CUDA, path)
            .orElseThrow(
                () ->
                    new IOException(
                        CUDA
                            + " must be in LD_LIBRARY_PATH or a usual place; docs/gpu.md says how to set a machine up"));
    Path standIn = Files.createTempDirectory("stand-in");
    new StandInLibraries(standIn).compileTensorRt(cuda, "-DON_DEVICE");
    System.out.println("CUDA of " + cuda + ", a stand-in for TensorRT");
    String first = String.join(":", standIn.toString(), cuda.toString(), path);
    System.out.print(StandInLibraries.run(DeviceCheck.class, first, Map.of(), "stand-in", "long"));
    Optional<Path> tensorRt = folder(TENSORRT, path);
    if (tensorRt.isEmpty()) {
      System.out.println(TENSORRT + " is not installed: nothing was checked with TensorRT");
      return;
    }
    System.out.println("CUDA of " + cuda + ", TensorRT of " + tensorRt.get());
    String second = String.join(":", tensorRt.get().toString(), cuda.toString(), path);
    System.out.print(StandInLibraries.run(DeviceCheck.class, second, Map.of(), "tensorrt", "long"));
  }

  private static Optional<Path> folder(String library, String path) {
    return Stream.concat(Arrays.stream(path.split(":")), PLACES.stream())
        .filter(place -> !place.isEmpty())
        .map(Path::of)
        .filter(place -> Files.exists(place.resolve(library)))
        .findFirst();
  }
}
