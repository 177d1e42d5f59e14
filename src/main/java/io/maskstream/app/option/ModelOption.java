package io.maskstream.app.option;

import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model. */
public final class ModelOption {
  @Option(
      names = "--model",
      defaultValue = "${sys:maskstream.home:-.}/models/street-ssa",
      description = "Folder of the model bundle. Default: models/street-ssa.")
  private Path folder;

  public ModelBundle bundle() throws ModelException {
    return ModelBundle.read(folder);
  }

  public Path folder() {
    return folder;
  }
}
