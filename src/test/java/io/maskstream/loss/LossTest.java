package io.maskstream.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.maskstream.network.HeadConfig;
import io.maskstream.network.HeadDetail;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.TeacherOutput;
import io.maskstream.training.AdamW;
import io.maskstream.training.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LossTest {
  private static final int CLASSES = 3;
  private static final int SIDE = 4;
  private static final int PIXELS = SIDE * SIDE;
  private static final int FEATURES = 5;

  private NDManager manager;

  @BeforeEach
  void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager();
  }

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private float[] random(long seed, int size) {
    Random random = new Random(seed);
    float[] data = new float[size];
    for (int i = 0; i < size; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return data;
  }

  private NDArray logits(float[] data) {
    return manager.create(data, new Shape(1, CLASSES, PIXELS));
  }

  private HeadOutput<NDArray> output(NDArray logits, NDArray prototypes) {
    return new HeadOutput<>(
        logits,
        logits,
        logits,
        prototypes,
        prototypes,
        new HeadDetail.Ssa<>(logits, prototypes, prototypes, logits, prototypes));
  }

  private TeacherOutput<NDArray> teacher(NDArray logits, NDArray prototypes) {
    return new TeacherOutput<>(logits, prototypes, prototypes);
  }

  private NDArray prototypes(long seed) {
    return manager.create(random(seed, CLASSES * FEATURES), new Shape(1, CLASSES, FEATURES));
  }

  /** Class 0 on the left half, class 1 on the right, the last pixel void, class 2 absent. */
  private float[] groundTruth() {
    float[] hot = new float[CLASSES * PIXELS];
    for (int n = 0; n < PIXELS - 1; n++) {
      hot[(n % SIDE < SIDE / 2 ? 0 : 1) * PIXELS + n] = 1f;
    }
    return hot;
  }

  private LossInput input(NDArray main, NDArray teacher) {
    NDArray groundTruth = manager.create(groundTruth(), new Shape(1, CLASSES, SIDE, SIDE));
    return new LossInput(
        manager,
        output(main, prototypes(1)),
        teacher(teacher, prototypes(2)),
        groundTruth,
        groundTruth,
        null,
        List.of(),
        null);
  }

  @Test
  void crossEntropy_matchesHandComputedValue() {
    float[] data = random(3, CLASSES * PIXELS);
    float[] weights = {1f, 2f, 5f};
    double sum = 0;
    double mass = 0;
    float[] groundTruth = groundTruth();
    for (int n = 0; n < PIXELS; n++) {
      double total = 0;
      for (int k = 0; k < CLASSES; k++) {
        total += Math.exp(data[k * PIXELS + n]);
      }
      for (int k = 0; k < CLASSES; k++) {
        double hot = groundTruth[k * PIXELS + n] * weights[k];
        sum -= hot * Math.log(Math.exp(data[k * PIXELS + n]) / total);
        mass += hot;
      }
    }
    Loss loss = new CrossEntropy("crossEntropy", in -> in.main().logits(), weights);
    NDArray logits = logits(data);
    assertThat((double) loss.evaluate(input(logits, logits)).getFloat())
        .isCloseTo(sum / mass, within(1e-5));
  }

  @Test
  void dice_ofPerfectScores_isNearZeroAndOfWrongOnesNearOne() {
    float[] groundTruth = groundTruth();
    float[] right = new float[groundTruth.length];
    float[] wrong = new float[groundTruth.length];
    for (int i = 0; i < groundTruth.length; i++) {
      right[i] = 100 * groundTruth[i];
      wrong[i] = -100 * groundTruth[i];
    }
    Loss dice = new Dice("dice", in -> in.main().logits());
    assertThat(dice.evaluate(input(logits(right), logits(right))).getFloat())
        .isCloseTo(0f, within(1e-4f));
    assertThat(dice.evaluate(input(logits(wrong), logits(wrong))).getFloat()).isGreaterThan(0.85f);
  }

  @Test
  void distillation_ofEqualBranches_isZero() {
    NDArray logits = logits(random(5, CLASSES * PIXELS));
    NDArray groundTruth = manager.create(groundTruth(), new Shape(1, CLASSES, SIDE, SIDE));
    LossInput equal =
        new LossInput(
            manager,
            output(logits, prototypes(1)),
            teacher(logits, prototypes(1)),
            groundTruth,
            groundTruth,
            null,
            List.of(),
            null);
    for (Loss loss :
        List.of(
            new ResponseDistillation(), new SemanticDistillation(), new SpatialDistillation())) {
      assertThat(loss.evaluate(equal).getFloat()).as(loss.name()).isCloseTo(0f, within(1e-6f));
    }
  }

  @Test
  void spatialDistillation_leavesAbsentClassesOut() {
    LossInput input = input(logits(random(5, 48)), logits(random(6, 48)));
    float[] main = prototypes(1).toFloatArray();
    float[] teacher = prototypes(2).toFloatArray();
    double sum = 0;
    for (int k = 0; k < 2; k++) { // class 2 is absent
      double cosine = 0;
      double length = 0;
      double other = 0;
      for (int i = k * FEATURES; i < (k + 1) * FEATURES; i++) {
        cosine += main[i] * teacher[i];
        length += main[i] * main[i];
        other += teacher[i] * teacher[i];
      }
      sum += 2 - 2 * cosine / Math.sqrt(length * other); // |a - b|² of unit vectors
    }
    assertThat((double) new SpatialDistillation().evaluate(input).getFloat())
        .isCloseTo(sum / 2, within(1e-5));
  }

  @Test
  void everyTerm_gradientMatchesFiniteDifferences() {
    float[] teacher = random(9, CLASSES * PIXELS);
    for (Loss loss :
        List.of(
            new CrossEntropy("ce", in -> in.main().logits(), new float[] {1, 2, 3}),
            new Dice("dice", in -> in.main().logits()),
            new SigmoidDice("sigmoidDice", in -> in.main().logits()),
            new EntropyResponseDistillation(),
            new ResponseDistillation())) {
      float[] data = random(7, CLASSES * PIXELS);
      NDArray logits = logits(data);
      logits.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        collector.backward(loss.evaluate(input(logits, logits(teacher))));
      }
      float[] gradient = logits.getGradient().toFloatArray();
      for (int i : new int[] {0, 5, 17, 30, 47}) {
        float step = 1e-2f;
        float[] up = data.clone();
        float[] down = data.clone();
        up[i] += step;
        down[i] -= step;
        double slope =
            (loss.evaluate(input(logits(up), logits(teacher))).getFloat()
                    - loss.evaluate(input(logits(down), logits(teacher))).getFloat())
                / (2.0 * step);
        assertThat((double) gradient[i]).as(loss.name()).isCloseTo(slope, within(2e-4));
      }
    }
  }

  /** Two frames; each pixel of the later lay 1¼ pixels right of its place, the last two outside. */
  private LossInput pair(NDArray logits) {
    int[] step = {1, 2};
    float[] part = {0.75f, 0.25f};
    List<NDArray> neighbors = new ArrayList<>();
    List<NDArray> shares = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      long[] neighbor = new long[PIXELS];
      float[] share = new float[PIXELS];
      for (int n = 0; n < PIXELS; n++) {
        neighbor[n] = Math.min(PIXELS - 1, n + step[i]);
        share[n] = part[i];
      }
      neighbors.add(manager.create(neighbor, new Shape(1, PIXELS)));
      shares.add(manager.create(share, new Shape(1, PIXELS)));
    }
    NDArray match = manager.create(matches(), new Shape(1, PIXELS));
    NDArray none = manager.zeros(new Shape(2, CLASSES, SIDE, SIDE));
    return new LossInput(
        manager,
        output(logits, prototypes(1)),
        null,
        none,
        none,
        null,
        List.of(new LossInput.Motion(0, 1, neighbors, shares, match)),
        null);
  }

  private static float[] matches() {
    float[] match = new float[PIXELS];
    for (int n = 0; n < PIXELS - 2; n++) {
      match[n] = n % 3 == 0 ? 1f : 0.5f;
    }
    return match;
  }

  private NDArray two(float[] data) {
    return manager.create(data, new Shape(2, CLASSES, PIXELS));
  }

  @Test
  void temporalConsistency_matchesHandComputedValueAndSlopes() {
    Loss loss = new TemporalConsistency();
    int frame = CLASSES * PIXELS;
    float[] data = random(13, 2 * frame);
    double sum = 0;
    double mass = 0;
    float[] match = matches();
    for (int n = 0; n < PIXELS - 2; n++) {
      double[] now = softmax(column(Arrays.copyOfRange(data, frame, 2 * frame), n, PIXELS));
      double[] near = softmax(column(data, n + 1, PIXELS));
      double[] far = softmax(column(data, n + 2, PIXELS));
      for (int k = 0; k < CLASSES; k++) {
        double apart = now[k] - 0.75 * near[k] - 0.25 * far[k];
        sum += match[n] * apart * apart;
      }
      mass += match[n];
    }
    NDArray logits = two(data);
    logits.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      NDArray value = loss.evaluate(pair(logits));
      assertThat((double) value.getFloat()).isCloseTo(sum / mass, within(1e-5));
      collector.backward(value);
    }
    float[] gradient = logits.getGradient().toFloatArray();
    for (int i : new int[] {1, 17, 30, frame, frame + 20, frame + 40}) {
      float[] up = data.clone();
      float[] down = data.clone();
      up[i] += 1e-2f;
      down[i] -= 1e-2f;
      double slope =
          (loss.evaluate(pair(two(up))).getFloat() - loss.evaluate(pair(two(down))).getFloat())
              / 2e-2;
      assertThat((double) gradient[i]).isCloseTo(slope, within(2e-4)).isNotZero();
    }
  }

  @Test
  void temporalConsistency_withoutClips_isZero() {
    NDArray logits = logits(random(3, CLASSES * PIXELS));
    assertThat(new TemporalConsistency().evaluate(input(logits, logits)).getFloat()).isZero();
  }

  private static double[] softmax(double[] x) {
    double total = Arrays.stream(x).map(Math::exp).sum();
    return Arrays.stream(x).map(v -> Math.exp(v) / total).toArray();
  }

  private static double[] column(float[] data, int pixel, int pixels) {
    double[] column = new double[CLASSES];
    for (int k = 0; k < CLASSES; k++) {
      column[k] = data[k * pixels + pixel];
    }
    return column;
  }

  @Test
  void authorsResponseDistillation_matchesHandComputedValue() {
    int columns = 12; // wide enough for pixels away from the edge in the middle
    int pixels = SIDE * columns;
    float[] main = random(11, CLASSES * pixels);
    float[] teacher = random(12, CLASSES * pixels);
    float[] hot = new float[CLASSES * pixels];
    for (int n = 0; n < pixels; n++) {
      hot[(n % columns < columns / 2 ? 0 : 1) * pixels + n] = 1f;
    }
    NDArray truth = manager.create(hot, new Shape(1, CLASSES, SIDE, columns));
    Shape shape = new Shape(1, CLASSES, pixels);
    LossInput input =
        new LossInput(
            manager,
            output(manager.create(main, shape), prototypes(1)),
            teacher(manager.create(teacher, shape), prototypes(2)),
            truth,
            truth,
            null,
            List.of(),
            null);
    float[] edges = ClassEdges.of(input).toFloatArray();
    assertThat(Arrays.copyOfRange(edges, 3, 9)).containsExactly(0, 0, 1, 1, 0, 0);
    double[][] loss = new double[2][2]; // of each class: inside, at edges
    double[][] mass = new double[2][2];
    for (int n = 0; n < pixels; n++) {
      double[] p = softmax(column(main, n, pixels));
      double[] q = softmax(column(teacher, n, pixels));
      int own = n % columns < columns / 2 ? 0 : 1;
      double entropy = 0;
      double cross = 0;
      for (int k = 0; k < CLASSES; k++) {
        entropy -= q[k] * Math.log(q[k]);
        cross -= (0.5 * q[k] + (k == own ? 0.5 : 0)) * Math.log(p[k]);
      }
      loss[own][(int) edges[n]] += entropy * cross;
      mass[own][(int) edges[n]] += entropy;
    }
    double expected = 0;
    for (int k = 0; k < 2; k++) {
      expected += 0.25 * (loss[k][0] / mass[k][0] + loss[k][1] / mass[k][1]);
    }
    assertThat((double) new EntropyResponseDistillation().evaluate(input).getFloat())
        .isCloseTo(expected, within(1e-4));
  }

  @Test
  void authorsPrototypeDistillation_matchesHandComputedValues() {
    LossInput input = input(logits(random(5, 48)), logits(random(6, 48)));
    float[] main = prototypes(1).toFloatArray();
    float[] teacher = prototypes(2).toFloatArray();
    double relations = 0;
    double channels = 0;
    for (int k = 0; k < CLASSES; k++) {
      double[] own = softmax(row(main, k));
      double[] given = softmax(row(teacher, k));
      double[] mine = softmax(relation(main, k));
      double[] theirs = softmax(relation(teacher, k));
      for (int d = 0; d < FEATURES; d++) {
        channels -= given[d] * Math.log(own[d]) / CLASSES;
      }
      for (int j = 0; j < CLASSES; j++) {
        relations += j == k ? 0 : Math.max(0, mine[j] - theirs[j]) / CLASSES;
      }
    }
    assertThat((double) new SoftRelationDistillation().evaluate(input).getFloat())
        .isCloseTo(relations, within(1e-5));
    assertThat((double) new SoftSpatialDistillation().evaluate(input).getFloat())
        .isCloseTo(channels, within(1e-5));
  }

  private static double[] row(float[] rows, int k) {
    double[] row = new double[FEATURES];
    for (int d = 0; d < FEATURES; d++) {
      row[d] = rows[k * FEATURES + d];
    }
    return row;
  }

  /** τ·cosine of a row with every row. */
  private static double[] relation(float[] rows, int k) {
    double[] relation = new double[CLASSES];
    for (int j = 0; j < CLASSES; j++) {
      double dot = 0;
      double own = 0;
      double other = 0;
      for (int d = 0; d < FEATURES; d++) {
        dot += row(rows, k)[d] * row(rows, j)[d];
        own += Math.pow(row(rows, k)[d], 2);
        other += Math.pow(row(rows, j)[d], 2);
      }
      relation[j] = 15 * dot / Math.sqrt(own * other);
    }
    return relation;
  }

  @Test
  void sigmoidDice_matchesHandComputedValue() {
    float[] data = random(13, CLASSES * PIXELS);
    float[] hot = groundTruth();
    double expected = 0;
    for (int k = 0; k < 2; k++) {
      double overlap = 0;
      double total = 0;
      for (int n = 0; n < PIXELS - 1; n++) {
        double probability = 1 / (1 + Math.exp(-data[k * PIXELS + n]));
        overlap += probability * hot[k * PIXELS + n];
        total += probability + hot[k * PIXELS + n];
      }
      expected += (1 - (2 * overlap + 1) / (total + 1)) / 2;
    }
    NDArray logits = logits(data);
    assertThat(
            (double)
                new SigmoidDice("sigmoidDice", in -> in.main().logits())
                    .evaluate(input(logits, logits))
                    .getFloat())
        .isCloseTo(expected, within(1e-5));
  }

  @Test
  void composite_unknownTerm_isNamed() {
    assertThatThrownBy(() -> CompositeLoss.weights(NetworkConfig.small(11), Map.of("dise", 1.0)))
        .hasMessageContaining("no loss term dise")
        .hasMessageContaining("dice");
  }

  @Test
  void weights_ofEachHead_nameOnlyItsTerms() {
    NetworkConfig small = NetworkConfig.small(11);
    assertThat(CompositeLoss.weights(small.withHead(HeadConfig.plain()), Map.of()))
        .containsOnlyKeys(
            "crossEntropy", "dice", "pixelContrast", "temporalConsistency", "offlineDistillation");
    assertThat(CompositeLoss.weights(small.withHead(HeadConfig.protoSeg(5)), Map.of()))
        .containsEntry("pixelPrototypeContrast", 0.01)
        .containsEntry("pixelPrototypeDistance", 0.01);
    assertThat(CompositeLoss.weights(small.withGroups(7), Map.of("dice", 0.0)))
        .containsKeys("hierarchy", "teacherDice")
        .containsEntry("dice", 0.0);
  }

  @Test
  void termsOfEachHead_areThoseThatHaveWeights() {
    for (HeadConfig.Kind kind : HeadConfig.Kind.values()) {
      HeadLosses losses = HeadLosses.of(kind, new float[CLASSES]);
      List<String> all = new ArrayList<>(List.of("crossEntropy", "dice")); // of every head
      losses.terms().forEach(term -> all.add(term.name()));
      assertThat(all).containsExactlyInAnyOrderElementsOf(losses.weights().keySet());
    }
  }

  @Test
  void composite_isTheWeightedSumOfTermsThatHaveAWeight() {
    NetworkConfig plain = NetworkConfig.small(CLASSES).withHead(HeadConfig.plain());
    float[] classWeights = {1, 2, 3};
    CompositeLoss composite =
        new CompositeLoss(
            plain,
            classWeights,
            new int[CLASSES],
            new PixelContrast(
                CLASSES,
                new ContrastMemory(CLASSES, 1, new float[ContrastMemory.size(3, 1)]),
                1,
                0),
            CompositeLoss.weights(plain, Map.of("dice", 0.25)));
    NDArray logits = logits(random(3, CLASSES * PIXELS));
    LossInput input = input(logits, logits);
    CompositeLoss.Result result = composite.evaluate(input);
    float entropy =
        new CrossEntropy("crossEntropy", in -> in.main().logits(), classWeights)
            .evaluate(input)
            .getFloat();
    float dice = new Dice("dice", in -> in.main().logits()).evaluate(input).getFloat();
    assertThat(result.terms()).containsOnlyKeys("crossEntropy", "dice");
    assertThat(result.terms().get("crossEntropy")).isEqualTo(entropy);
    assertThat(result.terms().get("dice")).isEqualTo(dice);
    assertThat(result.sum().getFloat()).isCloseTo(entropy + 0.25f * dice, within(1e-5f));
    assertThat(composite.needsEmbeddings()).isFalse(); // contrast has no weight
  }

  /** Class 0 left of a column or above a row, class 1 beyond. */
  private NDArray edges(int side, int border, boolean vertical) {
    float[] hot = new float[2 * side * side];
    for (int n = 0; n < side * side; n++) {
      int along = vertical ? n % side : n / side;
      hot[(along < border ? 0 : 1) * side * side + n] = 1f;
    }
    NDArray groundTruth = manager.create(hot, new Shape(1, 2, side, side));
    NDArray none = manager.create(new float[1]);
    return ClassEdges.of(
        new LossInput(
            manager, output(none, none), null, groundTruth, groundTruth, null, List.of(), null));
  }

  private LossInput taught(NDArray logits, NDArray offline) {
    NDArray none = manager.zeros(new Shape(1, CLASSES, 1, PIXELS)); // no pixel is labelled
    return new LossInput(
        manager, output(logits, prototypes(1)), null, none, none, null, List.of(), offline);
  }

  @Test
  void offlineDistillation_isTheDivergenceFromTheTrainedNetwork() {
    float[] own = random(3, CLASSES * PIXELS);
    float[] trained = random(4, CLASSES * PIXELS);
    Shape shape = new Shape(1, CLASSES, PIXELS);
    double sum = 0;
    for (int n = 0; n < PIXELS; n++) {
      double[] p = softmax(column(trained, n, PIXELS));
      double[] q = softmax(column(own, n, PIXELS));
      for (int k = 0; k < CLASSES; k++) {
        sum += p[k] * Math.log(p[k] / q[k]);
      }
    }
    Loss loss = new OfflineDistillation();
    LossInput input = taught(manager.create(own, shape), manager.create(trained, shape));
    assertThat(loss.evaluate(input).getFloat()).isCloseTo((float) (sum / PIXELS), within(1e-5f));
    NDArray same = manager.create(trained, shape);
    assertThat(loss.evaluate(taught(same, same)).getFloat()).isCloseTo(0f, within(1e-6f));
  }

  @Test
  void classEdges_areWhereHalvingAndDoublingChangesTheClass() {
    // Halved with a triangle filter: 1, 1, .875, .125, 0, 0; doubled: .91, .69, .31, .09 around it.
    float[] along = {0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0};
    assertEdges(edges(12, 6, true), along, true);
    assertEdges(edges(12, 6, false), along, false);
  }

  private static void assertEdges(NDArray edges, float[] along, boolean vertical) {
    int side = along.length;
    assertThat(edges.getShape()).isEqualTo(new Shape(1, 1, (long) side * side));
    float[] values = edges.toFloatArray();
    for (int n = 0; n < values.length; n++) {
      assertThat(values[n]).isEqualTo(along[vertical ? n % side : n / side]);
    }
  }

  @Test
  void adamW_firstSteps_matchThePublishedFormulas() {
    NDArray parameter = manager.create(new float[] {1f, -2f}, new Shape(1, 2));
    AdamW optimizer = new AdamW(0.1f);
    optimizer.restore("p", manager.zeros(new Shape(1, 2)), manager.zeros(new Shape(1, 2)));
    double[] p = {1, -2};
    double[] m = new double[2];
    double[] v = new double[2];
    float[][] gradients = {{0.5f, -1f}, {0.25f, 2f}, {-1f, 0.1f}};
    for (int step = 1; step <= 3; step++) {
      float[] g = gradients[step - 1];
      optimizer.update("p", parameter, manager.create(g, new Shape(1, 2)), step, 0.01f);
      for (int i = 0; i < 2; i++) {
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        double mean = m[i] / (1 - Math.pow(0.9, step));
        double square = v[i] / (1 - Math.pow(0.999, step));
        p[i] = p[i] * (1 - 0.01 * 0.1) - 0.01 * mean / (Math.sqrt(square) + 1e-8);
      }
    }
    float[] actual = parameter.toFloatArray();
    assertThat((double) actual[0]).isCloseTo(p[0], within(1e-5));
    assertThat((double) actual[1]).isCloseTo(p[1], within(1e-5));
  }

  @Test
  void schedule_warmsUpAndDecaysToZero() {
    Schedule schedule = new Schedule(1.0, 10, 110, 0.9);
    assertThat(schedule.rate(0)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.rate(9)).isCloseTo(1.0, within(1e-12));
    assertThat(schedule.rate(60)).isCloseTo(Math.pow(0.5, 0.9), within(1e-12));
    assertThat(schedule.rate(110)).isZero();
  }
}
