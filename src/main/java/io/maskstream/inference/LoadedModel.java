package io.maskstream.inference;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.translate.TranslateException;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.maskstream.config.EngineNames;
import io.maskstream.frame.Picture;
import io.maskstream.onnx.GraphCut;
import io.maskstream.onnx.OrtRuntime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model in memory, checked against the contract and warmed. Shared by threads, each of which
 * takes a {@link Segmenter} of its own.
 */
public final class LoadedModel implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoadedModel.class);

  private final ModelBundle bundle;
  private final Path graph;
  private final Model model;
  private final String engine;
  private final boolean scores;

  private LoadedModel(ModelBundle bundle, Path graph, Model model, String engine)
      throws ModelException {
    this.engine = engine;
    this.bundle = bundle;
    this.graph = graph;
    this.model = model;
    this.scores = requireContract();
  }

  /** Name of the engine on processors. */
  public static final String ONNX_RUNTIME = EngineNames.ONNX_RUNTIME;

  /** Loads a model into ONNX Runtime, in the precision that serves best on this processor. */
  public static LoadedModel load(ModelBundle bundle, int threads) throws ModelException {
    return load(bundle, EngineOptions.processors(threads, Precision.AUTO));
  }

  /**
   * What runs a model.
   *
   * @param precision on processors; TensorRT has its own and takes the graph in floats
   * @param threads processor threads that one forward pass uses; TensorRT uses none
   * @param device number of the GPU, for TensorRT
   * @param plans folder of TensorRT's plans; beside the model where it is left out
   * @param openVino its plug-in; needed where it is chosen
   */
  public record EngineOptions(
      EngineChoice choice,
      Precision precision,
      int threads,
      int device,
      Optional<Path> plans,
      Optional<OpenVino> openVino) {

    /** Without OpenVINO. */
    public EngineOptions(
        EngineChoice choice, Precision precision, int threads, int device, Optional<Path> plans) {
      this(choice, precision, threads, device, plans, Optional.empty());
    }

    /** ONNX Runtime. */
    public static EngineOptions processors(int threads, Precision precision) {
      return new EngineOptions(EngineChoice.ONNX_RUNTIME, precision, threads, 0, Optional.empty());
    }

    /** The same with OpenVINO. */
    public EngineOptions with(OpenVino plugin) {
      return new EngineOptions(
          EngineChoice.OPENVINO, precision, threads, device, plans, Optional.of(plugin));
    }

    private EngineOptions on(EngineChoice engine) {
      return new EngineOptions(engine, precision, threads, device, plans, openVino);
    }

    private Map<String, String> ofTensorRt(ModelCard card) {
      Map<String, String> options = new HashMap<>();
      plans.ifPresent(folder -> options.put("planCache", folder.toString()));
      if (card.batch() > 0) {
        options.put("batch", "%1$d,%1$d,%1$d".formatted(card.batch()));
      }
      return options;
    }

    /** Its threads do not wait in a loop for the next operator: other work needs the processor. */
    private SessionOptions ofOnnxRuntime() throws ModelException {
      try {
        SessionOptions session = new SessionOptions();
        session.setIntraOpNumThreads(threads);
        session.setInterOpNumThreads(1);
        session.addConfigEntry("session.intra_op.allow_spinning", "0");
        return session;
      } catch (OrtException e) {
        throw new ModelException("ONNX Runtime does not start: " + e.getMessage(), e);
      }
    }

    private SessionOptions ofProcessors(byte[] graph) throws IOException, ModelException {
      if (choice != EngineChoice.OPENVINO) {
        return ofOnnxRuntime();
      }
      return openVino
          .orElseThrow(() -> new ModelException("engine: openvino needs the path of its plug-in"))
          .session(threads, GraphCut.batchDimension(graph));
    }
  }

  /** Loads a model; {@code auto} takes ONNX Runtime where TensorRT does not take the model. */
  public static LoadedModel load(ModelBundle bundle, EngineOptions options) throws ModelException {
    String engine = options.choice().resolve();
    if (options.choice() != EngineChoice.AUTO || !engine.equals(EngineNames.TENSORRT)) {
      return load(bundle, options, engine);
    }
    try {
      return load(bundle, options, engine);
    } catch (ModelException e) {
      log.warn("ONNX Runtime on the CPU in place of TensorRT: {}", e.getMessage());
      return load(bundle, options.on(EngineChoice.ONNX_RUNTIME));
    }
  }

  private static LoadedModel load(ModelBundle bundle, EngineOptions options, String engine)
      throws ModelException {
    boolean gpu = engine.equals(EngineNames.TENSORRT);
    if (gpu && options.precision() == Precision.INT8) {
      throw new ModelException("precision int8 is for processors; the engine is TensorRT");
    }
    Path graph = gpu ? bundle.graph() : bundle.graph(options.precision());
    Checksums.check(graph);
    Model model =
        Model.newInstance(
            bundle.card().id(),
            gpu ? Device.gpu(options.device()) : Device.cpu(),
            gpu ? engine : EngineNames.ONNX_RUNTIME);
    try {
      if (gpu) {
        model.load(graph, null, options.ofTensorRt(bundle.card()));
      } else {
        loadOnProcessor(model, GraphCut.withoutLabeling(Files.readAllBytes(graph)), options);
      }
      return new LoadedModel(bundle, graph, model, engine);
    } catch (IOException | MalformedModelException | RuntimeException e) {
      model.close();
      throw new ModelException(
          "cannot load the model " + graph + ": " + innermost(e).getMessage(), e);
    } catch (ModelException e) {
      model.close();
      throw e;
    }
  }

  private static void loadOnProcessor(Model model, byte[] graph, EngineOptions options)
      throws IOException, MalformedModelException, ModelException {
    var unused = OrtRuntime.environment(); // which must outlive the load
    try (SessionOptions session = options.ofProcessors(graph)) {
      model.load(new ByteArrayInputStream(graph), Map.of("sessionOptions", session));
    }
  }

  private static Throwable innermost(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Runs one black picture and checks names, types and shapes; whether there are class scores. */
  private boolean requireContract() throws ModelException {
    List<String> inputs = model.describeInput().keys();
    if (inputs.size() != Contract.INPUTS.size() || !inputs.containsAll(Contract.INPUTS)) {
      throw new ModelException(
          "%s does not meet the model contract: inputs must be %s, are %s"
              .formatted(graph, Contract.INPUTS, inputs));
    }
    try (Predictor<List<SegmentationRequest>, ContractProbe.Findings> probe =
        model.newPredictor(new ContractProbe(bundle.card()))) {
      ContractProbe.Findings findings = probe.predict(List.of(blank()));
      if (!findings.problems().isEmpty()) {
        throw new ModelException(
            "%s does not meet the model contract: %s"
                .formatted(graph, String.join("; ", findings.problems())));
      }
      return findings.scores();
    } catch (TranslateException e) {
      throw new ModelException(
          "the model %s does not run: %s".formatted(graph, innermost(e).getMessage()), e);
    }
  }

  /** A black picture without a memory. */
  SegmentationRequest blank() {
    ModelCard card = bundle.card();
    return new SegmentationRequest(
        Picture.black(card.width(), card.height()),
        new float[card.prototypes() * card.features()],
        new float[card.prototypes()]);
  }

  /** File of the graph that runs. */
  public Path graph() {
    return graph;
  }

  /** Name of the engine that runs it. */
  public String engine() {
    return engine;
  }

  public ModelCard card() {
    return bundle.card();
  }

  /** What is said of a model that does not {@link #givesScores}, after its name. */
  public static final String NO_SCORES =
      "has no output logits; class scores that its graph may have stay in it, as those of an adopted network at full resolution do";

  /** Whether it gives class scores, from which confidences can be computed, beside labels. */
  public boolean givesScores() {
    return scores;
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
