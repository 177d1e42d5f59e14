package io.maskstream.app.model;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import io.maskstream.app.option.ModelOption;
import io.maskstream.config.EngineNames;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.onnx.HalfPrecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Builds a model's TensorRT plan ahead of time. */
@Command(
    name = "compile",
    mixinStandardHelpOptions = true,
    description = {
      "Builds a model's TensorRT plan for the GPU of this machine, into plans/ in the bundle or a",
      "folder of its own, so that a worker starts at once. A worker builds what is missing itself."
    })
public final class CompileCommand implements Callable<Integer> {

  @Mixin private ModelOption model;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      description = {
        "Precision: fp32, or fp16, which writes a half-precision bundle beside the model (NAME-fp16) and compiles",
        "that. Default: ${DEFAULT-VALUE}."
      })
  private String precision;

  @Option(
      names = "--batch",
      defaultValue = "1,8,32",
      description = "Least, best and largest batch. Default: ${DEFAULT-VALUE}.")
  private String batch;

  @Option(names = "--plans", description = "Folder of the plans. Default: plans in the bundle.")
  private @Nullable Path plans;

  @Override
  public Integer call() throws IOException, ModelException {
    if (!precision.equals("fp32") && !precision.equals("fp16")) {
      throw new IllegalArgumentException("precision must be fp32 or fp16, is " + precision);
    }
    ModelBundle bundle = precision.equals("fp16") ? halved(model.bundle()) : model.bundle();
    try {
      var unused = Engine.getEngine(EngineNames.TENSORRT);
    } catch (EngineException e) {
      throw new ModelException(
          "cannot compile: %s. docs/gpu.md says how to set a machine up".formatted(e.getMessage()),
          e);
    }
    Path folder = plans == null ? bundle.folder().resolve("plans") : plans;
    try (Model compiled =
        Model.newInstance(bundle.card().id(), Device.gpu(), EngineNames.TENSORRT)) {
      compiled.load(bundle.graph(), null, Map.of("batch", batch, "planCache", folder.toString()));
    } catch (ai.djl.MalformedModelException e) {
      throw new ModelException("cannot compile " + bundle.graph() + ": " + e.getMessage(), e);
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
