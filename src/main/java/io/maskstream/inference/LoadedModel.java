package io.maskstream.inference;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.translate.TranslateException;
import io.maskstream.config.EngineNames;
import io.maskstream.frame.Picture;
import io.maskstream.onnx.ContractTensors;
import io.maskstream.onnx.GraphCut;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model in memory, checked against the contract and warmed. Shared by threads, each of which
 * takes a {@link Segmenter} of its own.
 */
public final class LoadedModel implements AutoCloseable {
  private final ModelBundle bundle;
  private final Model model;
  private final String engine;

  private LoadedModel(ModelBundle bundle, Model model, String engine) {
    this.engine = engine;
    this.bundle = bundle;
    this.model = model;
  }

  /** Name of the engine on processors. */
  public static final String ONNX_RUNTIME = EngineNames.ONNX_RUNTIME;

  /** Loads a model into ONNX Runtime; see the other method. */
  public static LoadedModel load(ModelBundle bundle, int threads) throws ModelException {
    return load(bundle, EngineOptions.processors(threads));
  }

  /**
   * What runs a model.
   *
   * @param threads processor threads that one forward pass uses; TensorRT uses none
   * @param device number of the GPU, for TensorRT
   * @param plans folder of TensorRT's plans; beside the model where it is left out
   */
  public record EngineOptions(EngineChoice choice, int threads, int device, Optional<Path> plans) {

    /** ONNX Runtime. */
    public static EngineOptions processors(int threads) {
      return new EngineOptions(EngineChoice.ONNX_RUNTIME, threads, 0, Optional.empty());
    }

    private Map<String, String> options(boolean gpu) {
      if (gpu) {
        return plans.map(folder -> Map.of("planCache", folder.toString())).orElse(Map.of());
      }
      return Map.of("intraOpNumThreads", Integer.toString(threads), "interOpNumThreads", "1");
    }
  }

  /** Loads a model, on a processor in the precision that serves best there. */
  public static LoadedModel load(ModelBundle bundle, EngineOptions options) throws ModelException {
    boolean gpu = options.choice().resolve().equals(EngineNames.TENSORRT);
    boolean integers = !gpu && bundle.servesIntegers();
    return load(bundle, options, integers ? bundle.integerGraph() : bundle.graph());
  }

  /** Loads one of a bundle's graphs. */
  public static LoadedModel load(ModelBundle bundle, EngineOptions options, Path graph)
      throws ModelException {
    Checksums.check(graph);
    String engine = options.choice().resolve();
    boolean gpu = engine.equals(EngineNames.TENSORRT);
    Model model =
        Model.newInstance(
            bundle.card().id(), gpu ? Device.gpu(options.device()) : Device.cpu(), engine);
    try {
      if (gpu) {
        model.load(graph, null, options.options(true));
      } else {
        model.load(withoutLabeling(graph), options.options(false));
      }
      LoadedModel loaded = new LoadedModel(bundle, model, engine);
      loaded.requireContract();
      return loaded;
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new ModelException(
          "cannot load the model " + graph + ": " + innermost(e).getMessage(), e);
    } catch (ModelException e) {
      model.close();
      throw e;
    }
  }

  /**
   * The graph as processors run it: where it gives logits, labels are computed outside of it. A GPU
   * keeps them inside.
   */
  private static InputStream withoutLabeling(Path graph) throws IOException {
    byte[] model = Files.readAllBytes(graph);
    boolean decodes = GraphCut.outputs(model).contains(ContractTensors.LOGITS);
    return new ByteArrayInputStream(decodes ? GraphCut.without(model, Contract.LABELING) : model);
  }

  private static Throwable innermost(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Runs one black picture and checks names, types and shapes. */
  private void requireContract() throws ModelException {
    List<String> inputs = model.describeInput().keys();
    if (inputs.size() != Contract.INPUTS.size() || !inputs.containsAll(Contract.INPUTS)) {
      throw new ModelException(
          "%s does not meet the model contract: inputs must be %s, are %s"
              .formatted(bundle.graph(), Contract.INPUTS, inputs));
    }
    try (Predictor<List<SegmentationRequest>, List<String>> probe =
        model.newPredictor(new ContractProbe(bundle.card()))) {
      List<String> problems = probe.predict(List.of(blank()));
      if (!problems.isEmpty()) {
        throw new ModelException(
            bundle.graph() + " does not meet the model contract: " + String.join("; ", problems));
      }
    } catch (TranslateException e) {
      throw new ModelException(
          "the model %s does not run: %s".formatted(bundle.graph(), innermost(e).getMessage()), e);
    }
  }

  private SegmentationRequest blank() {
    ModelCard card = bundle.card();
    return new SegmentationRequest(
        new Picture(card.width(), card.height(), new byte[3 * card.width() * card.height()]),
        new float[card.prototypes() * card.features()],
        new float[card.prototypes()]);
  }

  /** Name of the engine that runs it. */
  public String engine() {
    return engine;
  }

  public ModelCard card() {
    return bundle.card();
  }

  /** A segmenter for one thread. */
  public Segmenter newSegmenter() {
    return new Segmenter(model.newPredictor(new ContractTranslator(bundle.card())));
  }

  /** Whether it is in memory. */
  public boolean isOpen() {
    return model.getNDManager().isOpen();
  }

  @Override
  public void close() {
    model.close();
  }
}
