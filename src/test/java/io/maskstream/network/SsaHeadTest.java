package io.maskstream.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SsaHeadTest {
  private static final int CLASSES = 3;
  private static final int FEATURES = 8;
  private static final int ROWS = 4;
  private static final int COLUMNS = 5;
  private static final int PIXELS = ROWS * COLUMNS;

  private NDManager manager;
  private Map<String, NDArray> weights;
  private SsaHead head;
  private NdOps ops;

  @BeforeEach
  void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager();
    Scope scope = Scope.root();
    head = new SsaHead(scope, CLASSES, FEATURES);
    weights = NdInputs.parameters(manager, Parameters.initial(scope.declared(), 3));
    ops = new NdOps(manager, weights, name -> false);
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

  private Prior<NDArray> prior(float trust) {
    NDArray bank = ops.l2Normalize(random(8, 1, CLASSES, FEATURES), 2);
    return new Prior<>(bank, manager.full(new Shape(1, CLASSES), trust));
  }

  private static double difference(NDArray a, NDArray b) {
    return a.sub(b).abs().max().getFloat();
  }

  private static double deviation(float[] data) {
    double squares = 0;
    for (float value : data) {
      squares += value * value;
    }
    return Math.sqrt(squares / data.length);
  }

  private static double largest(float[] data) {
    double largest = 0;
    for (float value : data) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static HeadDetail.Ssa<NDArray> detail(HeadOutput<NDArray> output) {
    return (HeadDetail.Ssa<NDArray>) output.detail();
  }

  @Test
  void parameters_startAsTheAuthorsDo() {
    Scope scope = Scope.root();
    SsaHead unused = new SsaHead(scope, 150, 64, HeadConfig.ssa().withOwnTeacher(true));
    Parameters initial = Parameters.initial(scope.declared(), 1);
    assertThat(unused.prototypes()).isEqualTo(150);
    assertThat(deviation(initial.get("position").data())).isCloseTo(1, within(0.03));
    assertThat(deviation(initial.get("fixed").data())).isCloseTo(0.01, within(3e-4));
    assertThat(initial.get("fixedBias").data()).containsOnly(0f);
    Map<String, Double> bounds = new HashMap<>();
    bounds.put("positional.weight", 1 / 3.0); // 3×3 depthwise: nine inputs
    bounds.put("positional.bias", 1 / 3.0);
    for (String branch : new String[] {"", "teacher."}) {
      bounds.put(branch + "projection", 1 / Math.sqrt(64));
      for (String domain : new String[] {"semantic.", "spatial."}) {
        bounds.put(branch + domain + "first", 1 / Math.sqrt(128));
        bounds.put(branch + domain + "second", 1 / Math.sqrt(128));
        bounds.put(branch + domain + "output.weight", 1 / Math.sqrt(32));
        bounds.put(branch + domain + "output.bias", 1 / Math.sqrt(32));
      }
    }
    bounds.forEach(
        (name, bound) ->
            assertThat(largest(initial.get(name).data()))
                .as(name)
                .isBetween(0.85 * bound, bound * 1.000001));
  }

  @Test
  void forward_atTheStart_doesNotTakeAllClassesForOne() {
    Scope scope = Scope.root();
    SsaHead wide = new SsaHead(scope, 11, 64);
    NdOps start =
        new NdOps(
            manager,
            NdInputs.parameters(manager, Parameters.initial(scope.declared(), 5)),
            name -> false);
    Prior<NDArray> cold =
        new Prior<>(manager.zeros(new Shape(1, 11, 64)), manager.zeros(new Shape(1, 11)));
    NDArray w = wide.forward(start, random(6, 1, 64, 8, 8), cold).prototypes().reshape(11, 64);
    double between = (w.matMul(w.transpose()).sum().getFloat() - 11) / (11 * 10);
    assertThat(between).isLessThan(0.65); // mean cosine of two classes' W; it was 0.81
  }

  @Test
  void forward_coarseScores_haveTheBias() {
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    float[] before = detail(head.forward(ops, map, prior(0f))).coarse().toFloatArray();
    weights.put("fixedBias", manager.create(new float[] {0f, 2f, 0f}, new Shape(CLASSES, 1)));
    float[] after = detail(head.forward(ops, map, prior(0f))).coarse().toFloatArray();
    for (int i = 0; i < after.length; i++) {
      assertThat(after[i] - before[i]).isCloseTo(i / PIXELS == 1 ? 2f : 0f, within(1e-5f));
    }
  }

  @Test
  void teach_absentClass_takesItsFixedPrototypesForCentres() {
    float[] masks = new float[CLASSES * PIXELS];
    java.util.Arrays.fill(masks, 0, PIXELS, 1f); // all pixels are class 0
    TeacherOutput<NDArray> taught =
        head.forwardTeacher(
            ops,
            random(1, 1, FEATURES, ROWS, COLUMNS),
            manager.create(masks, new Shape(1, CLASSES, PIXELS)));
    float[] a = taught.semantic().toFloatArray();
    float[] s = weights.get("fixed").toFloatArray();
    for (int k = 1; k < CLASSES; k++) {
      double[] own = new double[FEATURES];
      for (int d = 0; d < FEATURES; d++) {
        own[d] = s[k * FEATURES + d];
      }
      double[] expected = perceptron(own, s, k);
      for (int d = 0; d < FEATURES; d++) {
        assertThat((double) a[k * FEATURES + d]).isCloseTo(expected[d], within(1e-5));
      }
    }
  }

  @Test
  void teach_ownTeacher_sharesNoPerceptron() {
    Scope scope = Scope.root();
    SsaHead own = new SsaHead(scope, CLASSES, FEATURES, HeadConfig.ssa().withOwnTeacher(true));
    Map<String, NDArray> values =
        new HashMap<>(NdInputs.parameters(manager, Parameters.initial(scope.declared(), 3)));
    NdOps both = new NdOps(manager, values, name -> false);
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    NDArray masks = manager.ones(new Shape(1, CLASSES, PIXELS));
    float[] served = own.forward(both, map, prior(0f)).logits().toFloatArray();
    float[] taught = own.forwardTeacher(both, map, masks).logits().toFloatArray();
    values.put("teacher.projection", manager.eye(FEATURES));
    assertThat(own.forward(both, map, prior(0f)).logits().toFloatArray()).isEqualTo(served);
    assertThat(own.forwardTeacher(both, map, masks).logits().toFloatArray()).isNotEqualTo(taught);
  }

  @Test
  void forward_trustZero_ignoresTheBankToTheBit() {
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    Prior<NDArray> cold =
        new Prior<>(
            manager.zeros(new Shape(1, CLASSES, FEATURES)), manager.zeros(new Shape(1, CLASSES)));
    HeadOutput<NDArray> expected = head.forward(ops, map, cold);
    HeadOutput<NDArray> actual = head.forward(ops, map, prior(0f));
    assertThat(actual.logits().toFloatArray()).isEqualTo(expected.logits().toFloatArray());
    assertThat(actual.prototypes().toFloatArray()).isEqualTo(expected.prototypes().toFloatArray());
    assertThat(difference(actual.logits(), actual.fresh())).isLessThan(1e-5);
  }

  @Test
  void forward_trustOne_classifiesWithTheBankAlone() {
    NDArray map = random(1, 1, FEATURES, ROWS, COLUMNS);
    HeadOutput<NDArray> output = head.forward(ops, map, prior(1f));
    assertThat(difference(output.logits(), output.remembered())).isLessThan(1e-4);
    assertThat(difference(output.logits(), output.fresh())).isGreaterThan(0.1);
  }

  @Test
  void forward_prototypes_haveUnitLengthAndLogitsStayWithinTemperature() {
    HeadOutput<NDArray> output =
        head.forward(ops, random(1, 1, FEATURES, ROWS, COLUMNS), prior(0.5f));
    float[] lengths = output.prototypes().square().sum(new int[] {2}).toFloatArray();
    for (float length : lengths) {
      assertThat(length).isCloseTo(1f, within(1e-4f));
    }
    assertThat(output.logits().abs().max().getFloat())
        .isLessThanOrEqualTo(SsaHead.TEMPERATURE * 1.0001f);
    assertThat(output.evidence().sum().getFloat()).isCloseTo(1f, within(1e-4f));
  }

  @Test
  void forward_withPerfectCoarseMask_equalsItsTeacher() {
    // Features that are one-hot in the class, and a fixed classifier that reads them with
    // certainty.
    float[] map = new float[FEATURES * PIXELS];
    float[] masks = new float[CLASSES * PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      int k = n % CLASSES;
      map[k * PIXELS + n] = 1f;
      masks[k * PIXELS + n] = 1f;
    }
    float[] fixed = new float[CLASSES * FEATURES];
    for (int k = 0; k < CLASSES; k++) {
      fixed[k * FEATURES + k] = 1_000f;
    }
    weights.put("fixed", manager.create(fixed, new Shape(CLASSES, FEATURES)));
    NDArray features = manager.create(map, new Shape(1, FEATURES, ROWS, COLUMNS));
    HeadOutput<NDArray> student = head.forward(ops, features, prior(0f));
    TeacherOutput<NDArray> teacher =
        head.forwardTeacher(ops, features, manager.create(masks, new Shape(1, CLASSES, PIXELS)));
    assertThat(difference(detail(student).semantic(), teacher.semantic())).isLessThan(1e-3);
    assertThat(difference(detail(student).spatial(), teacher.spatial())).isLessThan(1e-5);
    assertThat(difference(student.logits(), teacher.logits())).isLessThan(1e-3);
  }

  @Test
  void forward_semanticPrototype_matchesTheEquationsByHand() {
    NDArray map = random(4, 1, FEATURES, ROWS, COLUMNS);
    HeadOutput<NDArray> output = head.forward(ops, map, prior(0f));
    float[] f = map.toFloatArray();
    float[] s = weights.get("fixed").toFloatArray();
    double[][] membership = new double[CLASSES][PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      double total = 0;
      for (int k = 0; k < CLASSES; k++) {
        double score = 0;
        for (int d = 0; d < FEATURES; d++) {
          score += s[k * FEATURES + d] * f[d * PIXELS + n];
        }
        membership[k][n] = Math.exp(score);
        total += membership[k][n];
      }
      for (int k = 0; k < CLASSES; k++) {
        membership[k][n] /= total;
      }
    }
    float[] actual = detail(output).semantic().toFloatArray();
    for (int k = 0; k < CLASSES; k++) {
      double[] expected = perceptron(centre(membership[k], f), s, k);
      for (int d = 0; d < FEATURES; d++) {
        assertThat((double) actual[k * FEATURES + d]).isCloseTo(expected[d], within(1e-4));
      }
    }
  }

  private static double[] centre(double[] membership, float[] f) {
    double[] z = new double[FEATURES];
    double mass = 0;
    for (double m : membership) {
      mass += m;
    }
    for (int d = 0; d < FEATURES; d++) {
      for (int n = 0; n < PIXELS; n++) {
        z[d] += membership[n] * f[d * PIXELS + n] / mass;
      }
    }
    return z;
  }

  /** φs([z; S_k]) with the concatenation written out. */
  private double[] perceptron(double[] z, float[] s, int k) {
    int hidden = FEATURES / 2;
    float[] first = weights.get("semantic.first").toFloatArray();
    float[] second = weights.get("semantic.second").toFloatArray();
    float[] out = weights.get("semantic.output.weight").toFloatArray();
    float[] bias = weights.get("semantic.output.bias").toFloatArray();
    double[] result = new double[FEATURES];
    for (int d = 0; d < FEATURES; d++) {
      result[d] = bias[d];
    }
    for (int h = 0; h < hidden; h++) {
      double sum = 0;
      for (int d = 0; d < FEATURES; d++) {
        sum += z[d] * first[d * hidden + h] + s[k * FEATURES + d] * second[d * hidden + h];
      }
      for (int d = 0; d < FEATURES; d++) {
        result[d] += Math.max(0, sum) * out[h * FEATURES + d];
      }
    }
    return result;
  }
}
