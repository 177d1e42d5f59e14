package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import com.fasterxml.jackson.databind.JsonNode;
import io.maskstream.loss.ContrastMemory;
import io.maskstream.loss.HierarchyLoss;
import io.maskstream.loss.Loss;
import io.maskstream.loss.LossInput;
import io.maskstream.loss.PixelContrast;
import io.maskstream.loss.PixelPrototypeContrast;
import io.maskstream.loss.PixelPrototypeDistance;
import io.maskstream.network.AuthorsForward;
import io.maskstream.network.HeadDetail;
import io.maskstream.network.HeadOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ProtoSeg's assignment, update and losses, pixel contrast and the hierarchy loss. */
class PrototypeTrainingTest {
  private static final int CLASSES = 3;
  private static final int PER_CLASS = 2;
  private static final int PROTOTYPES = CLASSES * PER_CLASS;
  private static final int FEATURES = 4;
  private static final int PIXELS = 12;

  private NDManager manager;

  @BeforeEach
  void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager();
  }

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private static float[] random(long seed, int size) {
    Random random = new Random(seed);
    float[] data = new float[size];
    for (int i = 0; i < size; i++) {
      data[i] = (float) random.nextGaussian();
    }
    return data;
  }

  /** Columns of unit length: D·N. */
  private static float[] embeddings(long seed) {
    float[] data = random(seed, FEATURES * PIXELS);
    for (int n = 0; n < PIXELS; n++) {
      double squares = 0;
      for (int d = 0; d < FEATURES; d++) {
        squares += data[d * PIXELS + n] * data[d * PIXELS + n];
      }
      for (int d = 0; d < FEATURES; d++) {
        data[d * PIXELS + n] /= (float) Math.sqrt(squares);
      }
    }
    return data;
  }

  /** Class n mod 3; the last pixel is void. */
  private static int[] labels() {
    int[] labels = new int[PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      labels[n] = n == PIXELS - 1 ? 255 : n % CLASSES;
    }
    return labels;
  }

  @Test
  void sinkhorn_marginals_areUniform() {
    int rows = 40;
    float[] similarity = random(2, rows * 5);
    for (int i = 0; i < similarity.length; i++) {
      similarity[i] = (float) Math.tanh(similarity[i]) * 0.5f;
    }
    double[] plan = SinkhornAssignment.plan(similarity, 5, 2_000);
    for (int c = 0; c < 5; c++) {
      double column = 0;
      for (int r = 0; r < rows; r++) {
        column += plan[r * 5 + c];
      }
      assertThat(column).isCloseTo(1.0 / 5, within(1e-3));
    }
    for (int r = 0; r < rows; r++) {
      double row = 0;
      for (int c = 0; c < 5; c++) {
        row += plan[r * 5 + c];
      }
      assertThat(row).isCloseTo(1.0 / rows, within(1e-9));
    }
  }

  @Test
  void assign_spreadsAClassOverItsPrototypesAndLeavesVoidOut() {
    float[] similarity = new float[PROTOTYPES * PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      for (int p = 0; p < PROTOTYPES; p++) { // the first of each class is nearer to all pixels
        similarity[p * PIXELS + n] = (p % 2 == 0 ? 0.5f : 0.1f) + 0.01f * (p % 2 == 0 ? n : -n);
      }
    }
    int[] assigned = SinkhornAssignment.assign(similarity, labels(), 1, CLASSES, PER_CLASS);
    assertThat(assigned[PIXELS - 1]).isEqualTo(-1);
    int second = 0;
    for (int n = 0; n < PIXELS - 1; n++) {
      assertThat(assigned[n] / PER_CLASS).isEqualTo(n % CLASSES);
      second += assigned[n] % PER_CLASS;
    }
    assertThat(second).isBetween(3, 8); // nearest alone would give 0
  }

  @Test
  void centres_ofPlantedClusters_findThem() {
    Random random = new Random(5);
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      float[] vector = new float[FEATURES];
      for (int d = 0; d < FEATURES; d++) {
        vector[d] = (d == i % 3 ? 1f : 0f) + 0.02f * (float) random.nextGaussian();
      }
      vectors.add(vector);
    }
    float[] centres = PrototypeInitializer.centres(vectors, 3, random);
    for (int axis = 0; axis < 3; axis++) {
      int nearest = 0;
      for (int m = 0; m < 3; m++) {
        nearest += centres[m * FEATURES + axis] > 0.99f ? 1 : 0;
      }
      assertThat(nearest).isEqualTo(1);
    }
  }

  @Test
  void momentum_movesOnAnArcToTheMeanAndKeepsOthersToTheBit() {
    float[] prototypes = new float[PROTOTYPES * FEATURES];
    for (int p = 0; p < PROTOTYPES; p++) {
      prototypes[p * FEATURES] = 1f;
    }
    float[] embeddings = new float[FEATURES * PIXELS];
    java.util.Arrays.fill(embeddings, PIXELS, 2 * PIXELS, 1f); // all pixels are the second axis
    int[] assigned = new int[PIXELS];
    java.util.Arrays.fill(assigned, 2);
    int[] labels = new int[PIXELS];
    int[] predicted = new int[PIXELS];
    java.util.Arrays.fill(labels, 1);
    java.util.Arrays.fill(predicted, 0, 5, 1); // five are right
    LossInput.Pixels pixels =
        new LossInput.Pixels(manager.create(1f), labels, predicted, assigned, null);
    double m = 0.98;
    float[] next = PrototypeMomentum.update(prototypes, embeddings, pixels, 1, m);
    double length = Math.sqrt(m * m + (1 - m) * (1 - m));
    assertThat((double) next[2 * FEATURES]).isCloseTo(m / length, within(1e-6));
    assertThat((double) next[2 * FEATURES + 1]).isCloseTo((1 - m) / length, within(1e-6));
    for (int i = 0; i < next.length; i++) {
      if (i / FEATURES != 2) {
        assertThat(next[i]).isEqualTo(prototypes[i]);
      }
    }
    LossInput.Pixels wrong =
        new LossInput.Pixels(manager.create(1f), labels, new int[PIXELS], assigned, null);
    assertThat(PrototypeMomentum.update(prototypes, embeddings, wrong, 1, m)).isEqualTo(prototypes);
  }

  @Test
  void assignmentAndUpdate_areTheAuthors() {
    JsonNode theirs = AuthorsForward.of("protoseg");
    JsonNode expected = theirs.path("expected");
    int perClass = theirs.path("perClass").asInt();
    int classes = AuthorsForward.size("classes");
    int features = AuthorsForward.size("features");
    float[] embeddings = AuthorsForward.floats(expected.path("embeddings")); // D·N
    float[] prototypes = AuthorsForward.floats(theirs.path("prototypes")); // P·D
    int[] labels = AuthorsForward.ints(theirs.path("labels"));
    int area = labels.length;
    float[] similarity = new float[classes * perClass * area];
    for (int p = 0; p < classes * perClass; p++) {
      for (int n = 0; n < area; n++) {
        for (int d = 0; d < features; d++) {
          similarity[p * area + n] += prototypes[p * features + d] * embeddings[d * area + n];
        }
      }
    }
    int[] assigned = SinkhornAssignment.assign(similarity, labels, 1, classes, perClass);
    assertThat(assigned).isEqualTo(AuthorsForward.ints(expected.path("assigned")));
    int[] predicted = AuthorsForward.ints(expected.path("labels"));
    LossInput.Pixels pixels =
        new LossInput.Pixels(manager.create(1f), labels, predicted, assigned, null);
    double momentum = theirs.path("momentum").asDouble();
    float[] moved = PrototypeMomentum.update(prototypes, embeddings, pixels, 1, momentum);
    float[] theirMoved = AuthorsForward.floats(expected.path("moved"));
    for (int i = 0; i < moved.length; i++) {
      assertThat((double) moved[i]).isCloseTo(theirMoved[i], within(2e-6));
    }
  }

  @Test
  void momentum_fitsTheNumberOfSteps() {
    assertThat(PrototypeMomentum.of(160_000)).isEqualTo(0.999); // the authors' training
    double share = Math.pow(PrototypeMomentum.of(450), 450);
    assertThat(share).isCloseTo(0.01, within(1e-6));
  }

  private LossInput input(
      NDArray logits, @Nullable NDArray similarity, NDArray embeddings, @Nullable NDArray groups) {
    int[] labels = labels();
    float[] hot = new float[CLASSES * PIXELS];
    int[] assigned = new int[PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      assigned[n] = labels[n] < CLASSES ? labels[n] * PER_CLASS + n % PER_CLASS : -1;
      if (labels[n] < CLASSES) {
        hot[labels[n] * PIXELS + n] = 1f;
      }
    }
    NDArray groundTruth = manager.create(hot, new Shape(1, CLASSES, 3, 4));
    HeadOutput<NDArray> main =
        new HeadOutput<>(
            logits,
            logits,
            logits,
            logits,
            logits,
            similarity == null
                ? new HeadDetail.None<>()
                : new HeadDetail.ProtoSeg<>(similarity, embeddings, logits));
    LossInput.Pixels pixels =
        new LossInput.Pixels(embeddings, labels, new int[PIXELS], assigned, groups);
    return new LossInput(manager, main, null, groundTruth, groundTruth, pixels, List.of(), null);
  }

  private NDArray logits(float[] data) {
    return manager.create(data, new Shape(1, CLASSES, PIXELS));
  }

  private NDArray similarity(float[] data) {
    return manager.create(data, new Shape(1, PROTOTYPES, PIXELS));
  }

  private NDArray embedded(float[] data) {
    return manager.create(data, new Shape(1, FEATURES, PIXELS));
  }

  @Test
  void prototypeTerms_matchTheEquationsByHand() {
    float[] cosines = random(3, PROTOTYPES * PIXELS);
    double contrast = 0;
    double distance = 0;
    for (int n = 0; n < PIXELS - 1; n++) {
      int own = n % CLASSES * PER_CLASS + n % PER_CLASS;
      double total = 0;
      for (int p = 0; p < PROTOTYPES; p++) {
        total += Math.exp(cosines[p * PIXELS + n] / 0.1);
      }
      contrast -= Math.log(Math.exp(cosines[own * PIXELS + n] / 0.1) / total) / (PIXELS - 1);
      distance += Math.pow(1 - cosines[own * PIXELS + n], 2) / (PIXELS - 1);
    }
    LossInput input =
        input(logits(random(1, 36)), similarity(cosines), embedded(embeddings(4)), null);
    assertThat((double) new PixelPrototypeContrast().evaluate(input).getFloat())
        .isCloseTo(contrast, within(1e-3));
    assertThat((double) new PixelPrototypeDistance().evaluate(input).getFloat())
        .isCloseTo(distance, within(1e-4));
  }

  @Test
  void treeMin_matchesTheEquationByHandAndPunishesTheWrongGroupMore() {
    int[] groupOf = {0, 0, 1};
    HierarchyLoss loss = new HierarchyLoss(groupOf);
    float[] s = random(5, CLASSES * PIXELS);
    float[] g = random(6, 2 * PIXELS);
    double expected = 0;
    for (int n = 0; n < PIXELS - 1; n++) {
      double[] group = {sigmoid(g[n]), sigmoid(g[PIXELS + n])};
      double[] best = group.clone();
      for (int k = 0; k < CLASSES; k++) {
        best[groupOf[k]] = Math.max(best[groupOf[k]], sigmoid(s[k * PIXELS + n]));
      }
      for (int k = 0; k < CLASSES; k++) {
        double own = sigmoid(s[k * PIXELS + n]);
        expected -=
            k == n % CLASSES ? Math.log(Math.min(own, group[groupOf[k]])) : Math.log(1 - own);
      }
      for (int j = 0; j < 2; j++) {
        expected -= groupOf[n % CLASSES] == j ? Math.log(group[j]) : Math.log(1 - best[j]);
      }
    }
    NDArray groups = manager.create(g, new Shape(1, 2, PIXELS));
    LossInput input = input(logits(s), null, embedded(embeddings(4)), groups);
    assertThat((double) loss.evaluate(input).getFloat())
        .isCloseTo(expected / (PIXELS - 1), within(1e-3));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static PixelContrast contrast(float[] state) {
    return new PixelContrast(CLASSES, new ContrastMemory(CLASSES, FEATURES, state), 1, 0);
  }

  private static float[] emptyMemory() {
    return new float[ContrastMemory.size(CLASSES, FEATURES)];
  }

  @Test
  void contrast_ofSeparatedClasses_isLowerThanOfMixedOnes() {
    float[] apart = new float[FEATURES * PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      apart[n % CLASSES * PIXELS + n] = 1f;
    }
    assertThat(afterOneStep(apart)).isLessThan(0.01f);
    assertThat(afterOneStep(embeddings(9))).isGreaterThan(0.5f);
  }

  /** The loss once the memory holds the same pixels. */
  private float afterOneStep(float[] embeddings) {
    float[] state = emptyMemory();
    PixelContrast loss = contrast(state);
    LossInput input = input(logits(random(1, 36)), null, embedded(embeddings), null);
    assertThat(loss.evaluate(input).getFloat()).isZero(); // nothing to contrast with
    return loss.evaluate(input).getFloat();
  }

  @Test
  void contrastMemory_keepsTheNewestEntriesAndCountsThem() {
    float[] state = emptyMemory();
    ContrastMemory memory = new ContrastMemory(CLASSES, FEATURES, state);
    Random random = new Random(1);
    for (int step = 0; step < 300; step++) {
      memory.remember(embeddings(step), labels(), 1, random);
    }
    for (int k = 0; k < CLASSES; k++) {
      assertThat(memory.entries(k)).isEqualTo(2 * ContrastMemory.RING);
      float[] entries = new float[memory.entries(k) * FEATURES];
      memory.copy(k, entries, 0);
      for (int e = 0; e < memory.entries(k); e++) {
        double squares = 0;
        for (int d = 0; d < FEATURES; d++) {
          squares += entries[e * FEATURES + d] * entries[e * FEATURES + d];
        }
        assertThat(squares).isCloseTo(1, within(1e-4));
      }
    }
  }

  @Test
  void everyTerm_gradientMatchesFiniteDifferences() {
    float[] warm = emptyMemory();
    new ContrastMemory(CLASSES, FEATURES, warm).remember(embeddings(2), labels(), 1, new Random(3));
    Function<NDArray, LossInput> bySimilarity =
        x -> input(logits(random(1, 36)), x, embedded(embeddings(4)), null);
    check(new PixelPrototypeContrast(), bySimilarity, random(3, 72), PROTOTYPES);
    check(new PixelPrototypeDistance(), bySimilarity, random(3, 72), PROTOTYPES);
    NDArray groups = manager.create(random(6, 24), new Shape(1, 2, PIXELS));
    check(
        new HierarchyLoss(new int[] {0, 0, 1}),
        x -> input(x, null, embedded(embeddings(4)), groups),
        random(5, 36),
        CLASSES);
    Function<NDArray, LossInput> byEmbedding = x -> input(logits(random(1, 36)), null, x, null);
    float[] data = embeddings(7);
    for (int i : new int[] {1, 14, 29}) {
      double slope =
          slope(i, data, x -> contrast(warm.clone()).evaluate(byEmbedding.apply(embedded(x))));
      NDArray variable = embedded(data);
      variable.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        collector.backward(contrast(warm.clone()).evaluate(byEmbedding.apply(variable)));
      }
      assertThat((double) variable.getGradient().toFloatArray()[i]).isCloseTo(slope, within(2e-2));
    }
  }

  private void check(Loss loss, Function<NDArray, LossInput> input, float[] data, int channels) {
    NDArray variable = manager.create(data, new Shape(1, channels, PIXELS));
    variable.setRequiresGradient(true);
    try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
      collector.backward(loss.evaluate(input.apply(variable)));
    }
    float[] gradient = variable.getGradient().toFloatArray();
    for (int i : new int[] {0, 5, 17, 35}) {
      double slope =
          slope(
              i,
              data,
              x -> loss.evaluate(input.apply(manager.create(x, new Shape(1, channels, PIXELS)))));
      assertThat((double) gradient[i]).as(loss.name()).isCloseTo(slope, within(5e-3));
    }
  }

  private static double slope(int index, float[] data, Function<float[], NDArray> loss) {
    float step = 2e-3f;
    float[] up = data.clone();
    float[] down = data.clone();
    up[index] += step;
    down[index] -= step;
    return (loss.apply(up).getFloat() - loss.apply(down).getFloat()) / (2.0 * step);
  }
}
