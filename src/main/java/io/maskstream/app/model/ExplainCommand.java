package io.maskstream.app.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.maskstream.app.model.Explanation.Tensor;
import io.maskstream.app.option.ModelOption;
import io.maskstream.camera.PictureFiles;
import io.maskstream.config.EngineNames;
import io.maskstream.frame.Picture;
import io.maskstream.inference.Letterbox;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.onnx.ExplainedGraph;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws how a model came to its mask. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description =
        "Draws how a model came to its mask of a picture: similarity.png (of each pixel "
            + "with each prototype), masks.png (picture, coarse mask, adapted mask, where they "
            + "differ), moved.png (how far the image moved each prototype) and embedding.png "
            + "(pixels and prototypes in the plane of their largest variance). Works for models "
            + "that this program exported.")
public final class ExplainCommand implements Callable<Integer> {

  @Parameters(paramLabel = "IMAGE", description = "JPEG or PNG file.")
  private Path image;

  @Option(names = "--out", defaultValue = "explained", description = "Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Mixin private ModelOption model;

  @Override
  public Integer call()
      throws IOException, ModelException, MalformedModelException, TranslateException {
    ModelCard card = model.bundle().card();
    byte[] graph = Files.readAllBytes(model.bundle().graph());
    Map<String, String> names = ExplainedGraph.tensors(graph);
    if (!names.containsKey("embeddings")) {
      throw new ModelException(
          "explain draws models that export wrote; %s does not tell which of its tensors are embeddings: no adopted model does, and an older export does once it is exported again"
              .formatted(model.folder()));
    }
    Picture read = PictureFiles.read(image);
    Picture picture = Letterbox.of(read, card).apply(read);
    Files.createDirectories(out);
    new Explanation(card, picture, run(ExplainedGraph.of(graph), card, names, picture)).write(out);
    System.out.println("wrote " + out);
    return 0;
  }

  private static Map<String, Tensor> run(
      byte[] graph, ModelCard card, Map<String, String> names, Picture picture)
      throws IOException, MalformedModelException, TranslateException {
    try (Model model = Model.newInstance("explained", Device.cpu(), EngineNames.ONNX_RUNTIME)) {
      model.load(new ByteArrayInputStream(graph));
      try (Predictor<Picture, Map<String, Tensor>> predictor =
          model.newPredictor(new Inside(card, names))) {
        return predictor.predict(picture);
      }
    }
  }

  /** One picture in, contract outputs and inner tensors out. */
  private record Inside(ModelCard card, Map<String, String> names)
      implements Translator<Picture, Map<String, Tensor>> {
    @Override
    public @Nullable Batchifier getBatchifier() {
      return null;
    }

    @Override
    public NDList processInput(TranslatorContext context, Picture picture) {
      NDManager manager = context.getNDManager();
      ByteBuffer pixels =
          ByteBuffer.allocateDirect(picture.rgb().length).order(ByteOrder.nativeOrder());
      pixels.put(picture.rgb()).rewind();
      int rows = card.prototypes();
      NDArray input =
          manager.create(pixels, new Shape(1, card.height(), card.width(), 3), DataType.UINT8);
      NDArray prior =
          manager.create(new float[rows * card.features()], new Shape(1, rows, card.features()));
      NDArray trust = manager.create(new float[rows], new Shape(1, rows));
      input.setName("image");
      prior.setName("prior");
      trust.setName("trust");
      return new NDList(input, prior, trust);
    }

    @Override
    public Map<String, Tensor> processOutput(TranslatorContext context, NDList outputs) {
      outputs.attach(context.getNDManager());
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (NDArray array : outputs) {
        if (array.getDataType() == DataType.FLOAT32) {
          Tensor tensor = new Tensor(array.getShape().getShape(), array.toFloatArray());
          tensors.put(array.getName(), tensor);
          names.forEach(
              (meaning, name) -> {
                if (name.equals(array.getName())) {
                  tensors.put(meaning, tensor);
                }
              });
        }
      }
      return tensors;
    }
  }
}
