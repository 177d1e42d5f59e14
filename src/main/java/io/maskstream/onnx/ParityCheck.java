package io.maskstream.onnx;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
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
import io.maskstream.config.EngineNames;
import io.maskstream.network.ArgMax;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.Parameters;
import io.maskstream.network.Prior;
import io.maskstream.network.SegmentationNetwork;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Compares an exported graph in ONNX Runtime with the network it was written from.
 *
 * <p>The network is computed in double precision, so that what differs is the graph's own rounding.
 */
public final class ParityCheck {

  /**
   * What was found.
   *
   * @param scoreDifference largest absolute difference of a class logit
   * @param prototypeDifference largest absolute difference of a prototype's element
   * @param labelDisagreement share of the pixels at the output stride with another winner, 0 to 1
   */
  public record Report(
      double scoreDifference, double prototypeDifference, double labelDisagreement) {}

  private record Input(byte[] image, float[] bank, float[] trust) {}

  private record Outcome(float[] logits, float[] prototypes) {}

  private final SegmentationNetwork network;
  private final Parameters parameters;
  private final int height;
  private final int width;

  public ParityCheck(SegmentationNetwork network, Parameters parameters, int height, int width) {
    this.network = network;
    this.parameters = parameters;
    this.height = height;
    this.width = width;
  }

  /**
   * Runs one picture with a random prior through both.
   *
   * @param image H·W·3 bytes
   * @param trust weight of the prior's rows, 0 to 1
   */
  public Report run(byte[] image, float trust, long seed)
      throws IOException, MalformedModelException, TranslateException {
    Input input = input(image, trust, seed);
    Outcome expected = trained(input);
    Outcome actual = exported(input);
    return new Report(
        difference(expected.logits, actual.logits),
        difference(expected.prototypes, actual.prototypes),
        disagreement(expected.logits, actual.logits));
  }

  private Input input(byte[] image, float trust, long seed) {
    int rows = network.prototypes();
    int features = network.config().features();
    float[] bank = new float[rows * features];
    float[] weights = new float[rows];
    Random random = new Random(seed);
    for (int p = 0; p < rows; p++) {
      weights[p] = trust;
      double squares = 0;
      for (int d = 0; d < features; d++) {
        bank[p * features + d] = (float) random.nextGaussian();
        squares += bank[p * features + d] * bank[p * features + d];
      }
      for (int d = 0; d < features; d++) {
        bank[p * features + d] /= (float) Math.sqrt(squares);
      }
    }
    return new Input(image, bank, weights);
  }

  private Outcome trained(Input input) {
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      Map<String, NDArray> weights = NdInputs.parameters(manager, parameters);
      weights.replaceAll((name, array) -> exact(array));
      NDArray image = exact(network.input(manager, input.image, 1, height, width));
      int rows = network.prototypes();
      Prior<NDArray> prior =
          new Prior<>(
              exact(manager.create(input.bank, new Shape(1, rows, network.config().features()))),
              exact(manager.create(input.trust, new Shape(1, rows))));
      HeadOutput<NDArray> output =
          network.forward(new NdOps(manager, weights, name -> false), image, prior);
      return new Outcome(rounded(output.logits()), rounded(output.prototypes()));
    }
  }

  private static NDArray exact(NDArray array) {
    return array.toType(DataType.FLOAT64, false);
  }

  private static float[] rounded(NDArray array) {
    return array.toType(DataType.FLOAT32, false).flatten().toFloatArray();
  }

  private Outcome exported(Input input)
      throws IOException, MalformedModelException, TranslateException {
    byte[] graph = new ModelWriter(network, parameters).write(height, width, Map.of());
    try (Model model = Model.newInstance("parity", Device.cpu(), EngineNames.ONNX_RUNTIME)) {
      model.load(new ByteArrayInputStream(graph));
      try (Predictor<Input, Outcome> predictor = model.newPredictor(new Runner())) {
        return predictor.predict(input);
      }
    }
  }

  private final class Runner implements Translator<Input, Outcome> {
    @Override
    public @Nullable Batchifier getBatchifier() {
      return null;
    }

    @Override
    public NDList processInput(TranslatorContext context, Input input) {
      NDManager manager = context.getNDManager();
      int rows = network.prototypes();
      ByteBuffer pixels =
          ByteBuffer.allocateDirect(input.image.length).order(ByteOrder.nativeOrder());
      pixels.put(input.image).rewind();
      NDArray image = manager.create(pixels, new Shape(1, height, width, 3), DataType.UINT8);
      NDArray bank = manager.create(input.bank, new Shape(1, rows, network.config().features()));
      NDArray trust = manager.create(input.trust, new Shape(1, rows));
      image.setName(ContractTensors.IMAGE);
      bank.setName(ContractTensors.PRIOR);
      trust.setName(ContractTensors.TRUST);
      return new NDList(image, bank, trust);
    }

    @Override
    public Outcome processOutput(TranslatorContext context, NDList outputs) {
      outputs.attach(context.getNDManager());
      return new Outcome(
          floats(outputs, ContractTensors.LOGITS), floats(outputs, ContractTensors.PROTOTYPES));
    }

    private float[] floats(NDList outputs, String name) {
      return outputs.stream()
          .filter(array -> name.equals(array.getName()))
          .findFirst()
          .orElseThrow()
          .toFloatArray();
    }
  }

  private static double difference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  private double disagreement(float[] a, float[] b) {
    int classes = network.config().classes();
    int pixels = a.length / classes;
    int different = 0;
    for (int n = 0; n < pixels; n++) {
      if (argMax(a, n, pixels, classes) != argMax(b, n, pixels, classes)) {
        different++;
      }
    }
    return (double) different / pixels;
  }

  private static int argMax(float[] logits, int pixel, int pixels, int classes) {
    return ArgMax.of(classes, k -> logits[k * pixels + pixel]);
  }
}
