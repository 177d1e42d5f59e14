package io.maskstream.app.option;

import io.maskstream.inference.Precision;
import picocli.CommandLine.Option;

/** In which precision a processor runs a model. */
public final class PrecisionOption {
  @Option(
      names = "--precision",
      defaultValue = "auto",
      description = {
        "On processors: float; int8; auto takes int8 where it loses at most 0.3 mIoU and the processor",
        "has VNNI or ARM's dot product. Default: ${DEFAULT-VALUE}."
      })
  private Precision precision;

  public Precision precision() {
    return precision;
  }
}
