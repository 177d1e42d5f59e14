package io.maskstream.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Random;

/**
 * InfoNCE between pixels of this step and the memory of earlier ones (Wang et al., "Exploring
 * Cross-Image Pixel Contrast for Semantic Segmentation", ICCV 2021, eq. 3), an auxiliary term for
 * any head.
 *
 * <p>Anchors: of each class of each image some pixels, half of them misclassified ones where there
 * are such, half at random. Positives and negatives are entries of the memory: half the hardest,
 * half at random. The loss of anchor i is the mean over its positives p of -log(e^{i·p/τ} /
 * (e^{i·p/τ} + Σ_n e^{i·n/τ})), τ = 0.1. We contrast the head's own features, without a projection
 * of their own, so that nothing is trained that does not serve.
 */
public final class PixelContrast implements Loss {
  private static final float TEMPERATURE = 0.1f;
  private static final int ANCHORS_A_REGION = 6;
  private static final int POSITIVES = 64;
  private static final int NEGATIVES = 256;

  private final int classes;
  private final ContrastMemory memory;
  private final long seed;
  private int step;

  /**
   * A term.
   *
   * @param step steps done before
   */
  public PixelContrast(int classes, ContrastMemory memory, long seed, int step) {
    this.classes = classes;
    this.memory = memory;
    this.seed = seed;
    this.step = step;
  }

  @Override
  public String name() {
    return "pixelContrast";
  }

  @Override
  public boolean needsEmbeddings() {
    return true;
  }

  @Override
  public NDArray evaluate(LossInput input) {
    LossInput.Pixels pixels = input.embedded();
    Random random = new Random(seed * 7_919 + step++);
    Shape shape = pixels.embeddings().getShape();
    int images = (int) shape.get(0);
    int[] anchors = anchors(pixels, images, random);
    int entries = 0;
    for (int k = 0; k < classes; k++) {
      entries += memory.entries(k);
    }
    NDArray loss =
        anchors.length == 0 || entries == 0
            ? input.manager().create(0f)
            : contrast(input, anchors, entries, random);
    memory.remember(SafeArrays.of(pixels.embeddings()), pixels.labels(), images, random);
    return loss;
  }

  private NDArray contrast(LossInput input, int[] anchors, int entries, Random random) {
    LossInput.Pixels pixels = input.embedded();
    int features = (int) pixels.embeddings().getShape().get(1);
    float[] vectors = new float[entries * features];
    int[] classOf = new int[entries];
    int position = 0;
    for (int k = 0; k < classes; k++) {
      memory.copy(k, vectors, position * features);
      Arrays.fill(classOf, position, position + memory.entries(k), k);
      position += memory.entries(k);
    }
    NDArray bank = input.manager().create(vectors, new Shape(entries, features));
    NDArray cosines = gather(input, anchors).matMul(bank.transpose()); // [A, Q]
    NDArray logits = SafeArrays.times(cosines, 1 / TEMPERATURE);
    Masks masks = masks(logits, anchors, pixels.labels(), classOf, random);
    NDArray positive = input.manager().create(masks.positive, logits.getShape());
    NDArray negative = input.manager().create(masks.negative, logits.getShape());
    NDArray shifted = logits.sub(1 / TEMPERATURE); // cosines are at most 1
    NDArray odds = shifted.exp();
    NDArray others = odds.mul(negative).sum(new int[] {1}, true); // [A, 1]
    NDArray each = odds.add(others).log().sub(shifted).mul(positive);
    NDArray counts = positive.sum(new int[] {1}).add(1e-6f);
    NDArray useful = positive.sum(new int[] {1}).gt(0).toType(DataType.FLOAT32, false);
    return each.sum(new int[] {1}).div(counts).sum().div(useful.sum().add(1e-6f));
  }

  /** Embeddings of the anchors: [A, D]. */
  private static NDArray gather(LossInput input, int[] anchors) {
    NDArray embeddings = input.embedded().embeddings(); // [B, D, N]
    long[] size = embeddings.getShape().getShape();
    NDArray rows = embeddings.transpose(0, 2, 1).reshape(size[0] * size[2], size[1]);
    long[] index = new long[anchors.length * (int) size[1]];
    for (int i = 0; i < index.length; i++) {
      index[i] = anchors[i / (int) size[1]];
    }
    return rows.gather(input.manager().create(index, new Shape(anchors.length, size[1])), 0);
  }

  private record Masks(float[] positive, float[] negative) {}

  private static Masks masks(
      NDArray logits, int[] anchors, int[] labels, int[] classOf, Random random) {
    float[] values = SafeArrays.of(logits);
    int entries = classOf.length;
    Masks masks = new Masks(new float[values.length], new float[values.length]);
    for (int a = 0; a < anchors.length; a++) {
      int own = labels[anchors[a]];
      choose(masks.positive, values, a * entries, classOf, own, true, random);
      choose(masks.negative, values, a * entries, classOf, own, false, random);
    }
    return masks;
  }

  /** Marks half the hardest and half at random among an anchor's positives or negatives. */
  private static void choose(
      float[] mask,
      float[] values,
      int start,
      int[] classOf,
      int own,
      boolean positive,
      Random random) {
    int count = 0;
    long[] ordered = new long[classOf.length];
    for (int q = 0; q < classOf.length; q++) {
      if ((classOf[q] == own) == positive) {
        float hardness = positive ? values[start + q] : -values[start + q];
        ordered[count++] = (Math.round(hardness * 1e5) << 32) | q;
      }
    }
    Arrays.sort(ordered, 0, count);
    int wanted = Math.min(count, positive ? POSITIVES : NEGATIVES);
    for (int i = 0; i < wanted / 2; i++) {
      mask[start + (int) ordered[i]] = 1f;
    }
    for (int i = 0; i < wanted - wanted / 2; i++) {
      mask[start + (int) ordered[random.nextInt(count)]] = 1f;
    }
  }

  /** Places of the anchors among the pixels of the batch. */
  private int[] anchors(LossInput.Pixels pixels, int images, Random random) {
    int area = pixels.labels().length / images;
    int[] anchors = new int[images * classes * ANCHORS_A_REGION];
    int count = 0;
    for (int image = 0; image < images; image++) {
      for (int k = 0; k < classes; k++) {
        int[] right = new int[area];
        int[] wrong = new int[area];
        int rights = 0;
        int wrongs = 0;
        for (int n = image * area; n < (image + 1) * area; n++) {
          if (pixels.labels()[n] == k) {
            if (pixels.predicted()[n] == k) {
              right[rights++] = n;
            } else {
              wrong[wrongs++] = n;
            }
          }
        }
        for (int i = 0; i < Math.min(ANCHORS_A_REGION, rights + wrongs); i++) {
          boolean hard = rights == 0 || (wrongs > 0 && i % 2 == 0);
          anchors[count++] = hard ? wrong[random.nextInt(wrongs)] : right[random.nextInt(rights)];
        }
      }
    }
    return Arrays.copyOf(anchors, count);
  }
}
