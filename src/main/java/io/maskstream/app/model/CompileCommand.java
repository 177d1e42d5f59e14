package io.maskstream.app.model;

import io.maskstream.app.option.ModelOption;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.onnx.HalfPrecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Builds a model's TensorRT plan ahead of time. */
@Command(
    name = "compile",
    mixinStandardHelpOptions = true,
    description =
        "Builds a model's TensorRT plan for the GPU of this machine, into plans/ in the "
            + "bundle or a folder of its own, so that a worker starts at once. A worker builds "
            + "what is missing itself.")
public final class CompileCommand implements Callable<Integer> {

  @Mixin private ModelOption model;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      description =
          "Precision: fp32, or fp16, which writes a half-precision bundle beside the model "
              + "(NAME-fp16) and compiles that. Default: ${DEFAULT-VALUE}.")
  private String precision;

  @Option(
      names = "--device",
      defaultValue = "0",
      description = "Number of the GPU to build on. Default: ${DEFAULT-VALUE}.")
  private int device;

  @Option(names = "--plans", description = "Folder of the plans. Default: plans in the bundle.")
  private @Nullable Path plans;

  @Override
  public Integer call() throws IOException, ModelException {
    if (!precision.equals("fp32") && !precision.equals("fp16")) {
      throw new IllegalArgumentException("precision must be fp32 or fp16, is " + precision);
    }
    ModelBundle bundle = precision.equals("fp16") ? halved(model.bundle()) : model.bundle();
    Path folder = plans == null ? bundle.folder().resolve(ModelBundle.PLANS) : plans;
    try {
      LoadedModel.load(
              bundle,
              new LoadedModel.EngineOptions(
                  EngineChoice.TENSORRT, Precision.AUTO, 1, device, Optional.of(folder)))
          .close();
    } catch (ModelException e) {
      throw new ModelException("cannot compile: " + e.getMessage(), e);
    }
    System.out.println("the plan is in " + folder);
    return 0;
  }

  /** The bundle in half precision, beside the one in single precision. */
  private static ModelBundle halved(ModelBundle bundle) throws IOException, ModelException {
    Path folder = bundle.folder().resolveSibling(bundle.folder().getFileName() + "-fp16");
    byte[] graph = HalfPrecision.convert(Files.readAllBytes(bundle.graph()));
    BundleWriter.write(folder, bundle.card(), graph);
    System.out.printf("wrote %s (%.1f MB)%n", folder, graph.length / 1e6);
    return ModelBundle.read(folder);
  }
}
