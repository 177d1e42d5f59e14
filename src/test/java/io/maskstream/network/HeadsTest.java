package io.maskstream.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plain head and ProtoSeg head. */
class HeadsTest {
  private static final int CLASSES = 3;
  private static final int FEATURES = 8;
  private static final int ROWS = 6;
  private static final int COLUMNS = 8;
  private static final int PIXELS = ROWS * COLUMNS;

  private NDManager manager;

  @BeforeEach
  void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager();
  }

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private NDArray random(long seed, long... shape) {
    Random random = new Random(seed);
    float[] data = new float[(int) new Shape(shape).size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return manager.create(data, new Shape(shape));
  }

  private NdOps ops(Scope scope) {
    return new NdOps(
        manager,
        NdInputs.parameters(manager, Parameters.initial(scope.declared(), 3)),
        name -> false);
  }

  private Prior<NDArray> prior(NdOps ops, int rows, float trust) {
    NDArray bank = ops.l2Normalize(random(8, 1, rows, FEATURES), 2);
    return new Prior<>(bank, manager.full(new Shape(1, rows), trust));
  }

  @Test
  void plain_scores_areFeaturesTimesWeightsPlusBias() {
    Scope scope = Scope.root();
    PlainHead head = new PlainHead(scope, CLASSES, FEATURES);
    NdOps ops = ops(scope);
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    HeadOutput<NDArray> output = head.forward(ops, map, prior(ops, CLASSES, 1f));
    float[] f = map.toFloatArray();
    float[] w = ops.parameter("fixed").toFloatArray();
    float[] logits = output.logits().toFloatArray();
    for (int k = 0; k < CLASSES; k++) {
      for (int n = 0; n < PIXELS; n += 7) {
        double expected = 0;
        for (int d = 0; d < FEATURES; d++) {
          expected += w[k * FEATURES + d] * f[d * PIXELS + n];
        }
        assertThat((double) logits[k * PIXELS + n]).isCloseTo(expected, within(1e-4));
      }
    }
    assertThat(output.evidence().sum().getFloat()).isCloseTo(1f, within(1e-4f));
  }

  @Test
  void protoSeg_similarity_isTheCosineWithTheNearestOfTheClass() {
    Scope scope = Scope.root();
    ProtoSegHead head = new ProtoSegHead(scope, CLASSES, 2, FEATURES);
    NdOps ops = ops(scope);
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    HeadOutput<NDArray> output = head.forward(ops, map, prior(ops, 6, 0f));
    float[] e = head.embeddings(ops, map).toFloatArray();
    float[] p = ops.parameter("prototypes").toFloatArray();
    float[] logits = output.logits().toFloatArray();
    for (int n = 0; n < PIXELS; n += 5) {
      double[] best = new double[CLASSES];
      double length = 0;
      for (int d = 0; d < FEATURES; d++) {
        length += e[d * PIXELS + n] * e[d * PIXELS + n];
      }
      assertThat(length).isCloseTo(1, within(1e-4));
      for (int k = 0; k < CLASSES; k++) {
        best[k] = Math.max(cosine(p, 2 * k, e, n), cosine(p, 2 * k + 1, e, n));
      }
      double mean = (best[0] + best[1] + best[2]) / 3;
      double variance = 0;
      for (double b : best) {
        variance += (b - mean) * (b - mean) / 3;
      }
      for (int k = 0; k < CLASSES; k++) {
        assertThat((double) logits[k * PIXELS + n])
            .isCloseTo((best[k] - mean) / Math.sqrt(variance + 1e-5), within(1e-3));
      }
    }
  }

  @Test
  void protoSeg_similarity_isOfTheFixedPrototypesWhateverThePrior() {
    Scope scope = Scope.root();
    ProtoSegHead head = new ProtoSegHead(scope, CLASSES, 2, FEATURES);
    NdOps ops = ops(scope);
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    HeadOutput<NDArray> cold = head.forward(ops, map, prior(ops, 6, 0f));
    HeadOutput<NDArray> warm = head.forward(ops, map, prior(ops, 6, 0.7f));
    assertThat(similarity(warm)).isEqualTo(similarity(cold));
    assertThat(warm.fresh().toFloatArray()).isEqualTo(cold.fresh().toFloatArray());
    assertThat(warm.logits().toFloatArray()).isNotEqualTo(cold.logits().toFloatArray());
  }

  private static float[] similarity(HeadOutput<NDArray> output) {
    return ((HeadDetail.ProtoSeg<NDArray>) output.detail()).similarity().toFloatArray();
  }

  private static double cosine(float[] prototypes, int row, float[] embeddings, int pixel) {
    double dot = 0;
    double squares = 0;
    for (int d = 0; d < FEATURES; d++) {
      double value = prototypes[row * FEATURES + d];
      dot += value * embeddings[d * PIXELS + pixel];
      squares += value * value;
    }
    return dot / Math.sqrt(squares);
  }

  @Test
  void protoSeg_trustZero_ignoresTheBankToTheBit() {
    Scope scope = Scope.root();
    ProtoSegHead head = new ProtoSegHead(scope, CLASSES, 2, FEATURES);
    NdOps ops = ops(scope);
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    Prior<NDArray> none =
        new Prior<>(manager.zeros(new Shape(1, 6, FEATURES)), manager.zeros(new Shape(1, 6)));
    assertThat(head.forward(ops, map, prior(ops, 6, 0f)).logits().toFloatArray())
        .isEqualTo(head.forward(ops, map, none).logits().toFloatArray());
    HeadOutput<NDArray> warm = head.forward(ops, map, prior(ops, 6, 1f));
    assertThat(warm.logits().sub(warm.remembered()).abs().max().getFloat()).isLessThan(1e-3f);
    for (float length : warm.prototypes().square().sum(new int[] {2}).toFloatArray()) {
      assertThat(length).isCloseTo(1f, within(1e-4f));
    }
    assertThat(warm.evidence().sum().getFloat()).isCloseTo(1f, within(1e-3f));
  }

  @Test
  void config_describedAndRead_isTheSame() {
    NetworkConfig config = NetworkConfig.base(11).withHead(HeadConfig.protoSeg(10)).withGroups(7);
    assertThat(NetworkConfig.described(config.describe(), 11)).isEqualTo(config);
    assertThatThrownBy(() -> HeadConfig.Kind.of("sa"))
        .hasMessageContaining("[plain, ssa, protoseg]");
    assertThatThrownBy(() -> HeadConfig.of(HeadConfig.Kind.SSA, 5))
        .hasMessageContaining("only protoseg");
  }
}
