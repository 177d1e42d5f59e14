package io.maskstream.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two classes in a plane, with memories of few entries that are written by hand. */
class PixelContrastTest {
  private static final int CLASSES = 2;
  private static final int FEATURES = 2;
  private static final float[] EAST = {1, 0};
  private static final float[] NORTH = {0, 1};
  private static final float[] WEST = {-1, 0};

  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private static ContrastMemory memory(float[][]... entries) {
    float[] state = new float[ContrastMemory.size(CLASSES, FEATURES)];
    for (int k = 0; k < entries.length; k++) {
      int start = k * ContrastMemory.size(1, FEATURES);
      state[start] = entries[k].length;
      for (int e = 0; e < entries[k].length; e++) {
        System.arraycopy(entries[k][e], 0, state, start + 2 + e * FEATURES, FEATURES);
      }
    }
    return new ContrastMemory(CLASSES, FEATURES, state);
  }

  /** Images of one row of pixels each. */
  private LossInput input(float[][][] images, int[] labels, int[] predicted) {
    int area = images[0].length;
    float[] embeddings = new float[images.length * FEATURES * area];
    for (int image = 0; image < images.length; image++) {
      for (int n = 0; n < area; n++) {
        for (int d = 0; d < FEATURES; d++) {
          embeddings[(image * FEATURES + d) * area + n] = images[image][n][d];
        }
      }
    }
    return new LossInput(
        manager,
        null,
        null,
        null,
        null,
        new LossInput.Pixels(
            manager.create(embeddings, new Shape(images.length, FEATURES, area)),
            labels,
            predicted,
            new int[0],
            null),
        List.of(),
        null);
  }

  private static double term(double positive, double... negatives) {
    double others = 0;
    for (double negative : negatives) {
      others += Math.exp(negative / 0.1);
    }
    return -Math.log(Math.exp(positive / 0.1) / (Math.exp(positive / 0.1) + others));
  }

  private float evaluate(ContrastMemory memory, long seed, LossInput input) {
    return new PixelContrast(CLASSES, memory, seed, 0).evaluate(input).getFloat();
  }

  private LossInput onePixel(float[] embedding) {
    return input(new float[][][] {{embedding}}, new int[] {0}, new int[] {0});
  }

  /** Losses over many seeds, rounded. */
  private Set<Long> losses(float[][] positives, float[][] negatives) {
    Set<Long> losses = new TreeSet<>();
    for (int seed = 0; seed < 40; seed++) {
      float loss = evaluate(memory(positives, negatives), seed, onePixel(EAST));
      losses.add(Math.round(1_000.0 * loss));
    }
    return losses;
  }

  private static long rounded(double loss) {
    return Math.round(1_000 * loss);
  }

  @Test
  void oneAnchor_isInfoNce() {
    float[] near = {0.8f, 0.6f};
    assertThat(
            (double)
                evaluate(memory(new float[][] {near}, new float[][] {NORTH}), 1, onePixel(EAST)))
        .isCloseTo(term(0.8, 0), within(1e-5));
    assertThat(
            (double)
                evaluate(memory(new float[][] {NORTH}, new float[][] {near}), 1, onePixel(EAST)))
        .isCloseTo(term(0, 0.8), within(1e-4));
  }

  @Test
  void positives_theHardestIsAlwaysThere_theOtherAtRandom() {
    double hard = term(0, 0.6);
    double both = (term(0, 0.6) + term(1, 0.6)) / 2;
    float[][] negatives = {{0.6f, 0.8f}};
    assertThat(losses(new float[][] {EAST, NORTH}, negatives))
        .containsExactlyInAnyOrder(rounded(hard), rounded(both));
    assertThat(losses(new float[][] {NORTH, EAST}, negatives))
        .containsExactlyInAnyOrder(rounded(hard), rounded(both));
  }

  @Test
  void negatives_theHardestIsAlwaysThere_theOtherAtRandom() {
    float[] close = {0.96f, 0.28f};
    float[] closer = {0.98f, 0.199f};
    double hard = term(1, 0.98);
    double both = term(1, 0.98, 0.96);
    float[][] positives = {EAST};
    assertThat(losses(positives, new float[][] {close, closer}))
        .containsExactlyInAnyOrder(rounded(hard), rounded(both));
    assertThat(losses(positives, new float[][] {closer, close}))
        .containsExactlyInAnyOrder(rounded(hard), rounded(both));
  }

  @Test
  void anchors_halfAreMisclassifiedPixels() {
    int area = 100;
    float[][] image = new float[area][];
    int[] labels = new int[area];
    int[] predicted = new int[area];
    for (int n = 0; n < area; n++) {
      image[n] = n == 70 ? NORTH : EAST;
      predicted[n] = n == 70 ? 1 : 0;
    }
    ContrastMemory memory = memory(new float[][] {EAST}, new float[][] {WEST});
    float loss = evaluate(memory, 1, input(new float[][][] {image}, labels, predicted));
    assertThat((double) loss).isCloseTo((term(0, 0) + term(1, -1)) / 2, within(1e-5));
  }

  @Test
  void anchors_areOfEveryImage_andOfClassesThatHavePositives() {
    // Pixels of class 1 have no positives: they count nowhere.
    ContrastMemory memory = memory(new float[][] {EAST}, new float[0][]);
    float[][] first = {EAST, NORTH};
    float[][] second = {NORTH, WEST};
    int[] labels = {0, 1, 1, 0};
    LossInput input = input(new float[][][] {first, second}, labels, labels);
    assertThat((double) evaluate(memory, 1, input)).isCloseTo(0, within(1e-5)); // no negatives
    memory = memory(new float[][] {EAST}, new float[][] {NORTH});
    double ofClass0 = term(1, 0) + term(-1, 0);
    double ofClass1 = term(1, 0) + term(1, 0);
    assertThat((double) evaluate(memory, 1, input))
        .isCloseTo((ofClass0 + ofClass1) / 4, within(1e-4));
  }

  @Test
  void remember_keepsEachImagesMeanAndPixels() {
    ContrastMemory memory = memory(new float[0][], new float[0][]);
    float[][] first = {EAST, EAST, NORTH};
    float[][] second = {WEST, NORTH, NORTH};
    int[] labels = {0, 0, 1, 0, 1, 7};
    LossInput input = input(new float[][][] {first, second}, labels, labels);
    assertThat(evaluate(memory, 1, input)).isZero(); // nothing was remembered before
    assertThat(memory.entries(0)).isEqualTo(2 + 1 + 2); // pixels drawn, and a mean per image
    assertThat(memory.entries(1)).isEqualTo(1 + 1 + 2);
    float[] entries = new float[FEATURES * 5];
    memory.copy(0, entries, 0);
    assertThat(entries).containsExactly(1, 0, 1, 0, -1, 0, 1, 0, -1, 0);
    float[] shifted = new float[1 + FEATURES * 4];
    memory.copy(1, shifted, 1);
    assertThat(shifted).containsExactly(0, 0, 1, 0, 1, 0, 1, 0, 1);
  }

  @Test
  void remember_atMostFourPixelsPerRegion_andTheMeanHasUnitLength() {
    float[] state = new float[ContrastMemory.size(CLASSES, FEATURES)];
    ContrastMemory memory = new ContrastMemory(CLASSES, FEATURES, state);
    memory.remember(new float[] {1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1}, new int[6], 1, new Random(1));
    assertThat(state[0]).isEqualTo(4);
    assertThat(state[1]).isEqualTo(1);
    int mean = 2 + ContrastMemory.RING * FEATURES;
    assertThat(state[mean]).isCloseTo((float) Math.sqrt(0.5), within(1e-6f));
    assertThat(state[mean + 1]).isCloseTo((float) Math.sqrt(0.5), within(1e-6f));
  }

  @Test
  void counters_beyondWhatAFloatCanCount_goOnInTheRing() {
    float[] state = new float[ContrastMemory.size(CLASSES, FEATURES)];
    state[1] = (1 << 23) - 2;
    ContrastMemory memory = new ContrastMemory(CLASSES, FEATURES, state);
    float[] pixel = {0, 1};
    memory.remember(pixel, new int[1], 1, new Random(1));
    assertThat(state[1]).isEqualTo((1 << 23) - 1);
    memory.remember(pixel, new int[1], 1, new Random(1));
    assertThat(state[1]).isEqualTo(ContrastMemory.RING + (1 << 23) % ContrastMemory.RING);
    assertThat(memory.entries(0)).isEqualTo(ContrastMemory.RING + 2);
  }

  @Test
  void state_ofAnotherSize_isRefused() {
    assertThatThrownBy(() -> new ContrastMemory(CLASSES, FEATURES, new float[3]))
        .hasMessage("a memory of 2 classes needs 1540 numbers, has 3");
  }

  @Test
  void names_areThoseOfTheWeights() {
    assertThat(new PixelContrast(CLASSES, memory(), 1, 0).name()).isEqualTo("pixelContrast");
    assertThat(new PixelContrast(CLASSES, memory(), 1, 0).needsEmbeddings()).isTrue();
    assertThat(new HierarchyLoss(new int[CLASSES]).name()).isEqualTo("hierarchy");
  }
}
