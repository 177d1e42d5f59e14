package io.maskstream.app.option;

import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel.EngineOptions;
import io.maskstream.inference.OpenVino;
import io.maskstream.inference.Precision;
import io.maskstream.stream.SegmentConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a processor runs a model. */
public final class ProcessorOptions {
  @Option(
      names = "--precision",
      defaultValue = "auto",
      description =
          "On processors: float; int8; auto takes int8 where it loses at most 0.3 mIoU and "
              + "the processor has VNNI, ARM's dot product or, for weights of 7 bits, AVX2. "
              + "Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(
      names = "--openvino",
      paramLabel = "PLUGIN",
      description =
          "Runs the model by OpenVINO: the library of ONNX Runtime's plug-in. Default: ONNX "
              + "Runtime alone.")
  private @Nullable Path openVino;

  public Precision precision() {
    return precision;
  }

  /** OpenVINO's plug-in, where it is to be used. */
  public Optional<Path> openVino() {
    return Optional.ofNullable(openVino);
  }

  /** For one forward pass at a time, on all cores. */
  public EngineOptions engine() {
    return engine(Runtime.getRuntime().availableProcessors(), 1);
  }

  /**
   * For a number of passes.
   *
   * @param threads of one forward pass
   * @param passes that run at a time
   */
  public EngineOptions engine(int threads, int passes) {
    EngineOptions options = EngineOptions.processors(threads, precision);
    return openVino == null ? options : options.with(new OpenVino(openVino, passes));
  }

  /** A worker with these options. */
  public SegmentConfig of(SegmentConfig config) {
    SegmentConfig changed = config.withPrecision(precision);
    Optional<Path> plugin = openVino();
    return plugin.isEmpty()
        ? changed
        : changed.with(builder -> builder.engine(EngineChoice.OPENVINO).openvinoPlugin(plugin));
  }
}
