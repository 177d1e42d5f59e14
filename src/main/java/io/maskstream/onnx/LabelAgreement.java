package io.maskstream.onnx;

import io.maskstream.network.ArgMax;
import io.maskstream.onnx.format.ModelProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Share of labels that a graph with the contract around it gives as the original does.
 *
 * <p>The original runs untouched; its logits are brought to the size of the picture and decided
 * here, by plain loops, so that nothing of the graph that was written takes part.
 */
final class LabelAgreement {
  private final ModelProto original;
  private final PictureInput input;
  private final ClassLogits logits;

  LabelAgreement(ModelProto original, PictureInput input, ClassLogits logits) {
    this.original = original;
    this.input = input;
    this.logits = logits;
  }

  /** PriorAgreement over pictures, 0 to 1. */
  double of(ModelProto written, List<byte[]> pictures) throws GraphException {
    long equal = 0;
    long total = 0;
    try (GraphRun before = GraphRun.of(original, logits.tensors(), 1);
        GraphRun after = GraphRun.of(written, List.of(), 1)) {
      for (byte[] picture : pictures) {
        int[] expected = expected(before.run(input.values(repeated(picture))));
        float[] actual = labels(after.run(ContractInputs.of(written, picture)));
        for (int n = 0; n < expected.length; n++) {
          equal += expected[n] == (int) actual[n] ? 1 : 0;
        }
        total += expected.length;
      }
    }
    return (double) equal / total;
  }

  /** Times of a pass of the original and of the graph written. */
  GraphSpeed speed(ModelProto written, byte[] picture) throws GraphException {
    return GraphSpeed.of(
        original, input.values(repeated(picture)), written, ContractInputs.of(written, picture));
  }

  /** As many of a picture as the original must be given. */
  private List<byte[]> repeated(byte[] picture) {
    List<byte[]> batch = new ArrayList<>();
    for (int i = 0; i < Math.max(1, input.batch()); i++) {
      batch.add(picture);
    }
    return batch;
  }

  private static float[] labels(Map<String, GraphRun.Value> outputs) {
    return Objects.requireNonNull(outputs.get(ContractTensors.LABELS)).values();
  }

  /** Labels of the first picture, H·W. */
  private int[] expected(Map<String, GraphRun.Value> outputs) {
    float[] found = Objects.requireNonNull(outputs.get(logits.tensor())).values();
    int[] size = logits.size();
    int classes = logits.classes();
    return switch (logits.kind()) {
      case PLANES, PROBABILITIES -> decided(found, size);
      case LAST_AXIS -> decided(planes(found, size[0] * size[1]), size);
      case BINARY -> decided(against(0, found), size);
      case BINARY_PROBABILITY -> decided(against(0.5f, found), size);
      case LABELS -> ids(found, size);
      case QUERIES -> {
        float[] masks = Objects.requireNonNull(outputs.get(logits.tensors().get(1))).values();
        int queries = (int) logits.shapes().get(0)[1];
        yield decided(ofQueries(found, masks, queries, classes, size[0] * size[1]), size);
      }
    };
  }

  /** Ids at each pixel of the picture, of the nearest sample. */
  private int[] ids(float[] labels, int[] size) {
    long[] rows = nearest(input.height(), size[0]);
    long[] columns = nearest(input.width(), size[1]);
    int[] ids = new int[rows.length * columns.length];
    for (int n = 0; n < ids.length; n++) {
      int row = (int) rows[n / columns.length];
      ids[n] = (int) labels[row * size[1] + (int) columns[n % columns.length]];
    }
    return ids;
  }

  /** The sample of a smaller axis that is nearest to each pixel's centre. */
  static long[] nearest(int length, int samples) {
    long[] indices = new long[length];
    for (int pixel = 0; pixel < length; pixel++) {
      indices[pixel] = (2L * pixel + 1) * samples / (2L * length);
    }
    return indices;
  }

  /** Rows of K logits as K planes. */
  private float[] planes(float[] rows, int pixels) {
    int classes = logits.classes();
    float[] planes = new float[classes * pixels];
    for (int n = 0; n < pixels; n++) {
      for (int k = 0; k < classes; k++) {
        planes[k * pixels + n] = rows[n * classes + k];
      }
    }
    return planes;
  }

  /** A constant for the first class, the score for the second. */
  private static float[] against(float first, float[] score) {
    float[] planes = new float[2 * score.length];
    Arrays.fill(planes, 0, score.length, first);
    System.arraycopy(score, 0, planes, score.length, score.length);
    return planes;
  }

  /** Sum over the queries of a class's probability and the mask's. */
  private static float[] ofQueries(
      float[] classLogits, float[] masks, int queries, int classes, int pixels) {
    float[] planes = new float[classes * pixels];
    for (int q = 0; q < queries; q++) {
      int row = q * (classes + 1);
      double total = 0;
      for (int k = 0; k <= classes; k++) {
        total += Math.exp(classLogits[row + k]);
      }
      for (int k = 0; k < classes; k++) {
        float probability = (float) (Math.exp(classLogits[row + k]) / total);
        for (int n = 0; n < pixels; n++) {
          planes[k * pixels + n] += probability / (1 + (float) Math.exp(-masks[q * pixels + n]));
        }
      }
    }
    return planes;
  }

  /** The largest logit at each pixel of the picture, between the samples bilinearly. */
  private int[] decided(float[] planes, int[] size) {
    int height = input.height();
    int width = input.width();
    int[] labels = new int[height * width];
    for (int y = 0; y < height; y++) {
      float down = sample(y, height, size[0]);
      int top = (int) down;
      int bottom = Math.min(top + 1, size[0] - 1);
      for (int x = 0; x < width; x++) {
        float across = sample(x, width, size[1]);
        int left = (int) across;
        int right = Math.min(left + 1, size[1] - 1);
        int[] corners = {
          top * size[1] + left, top * size[1] + right,
          bottom * size[1] + left, bottom * size[1] + right
        };
        labels[y * width + x] =
            argMax(planes, size[0] * size[1], corners, down - top, across - left);
      }
    }
    return labels;
  }

  /** Where a pixel's centre lies between the samples of a smaller axis. */
  private static float sample(int pixel, int length, int samples) {
    float place = (pixel + 0.5f) * samples / length - 0.5f;
    return Math.max(0, Math.min(place, samples - 1));
  }

  private int argMax(float[] planes, int pixels, int[] corners, float down, float across) {
    return ArgMax.of(
        logits.classes(),
        k -> {
          int plane = k * pixels;
          float top =
              planes[plane + corners[0]] * (1 - across) + planes[plane + corners[1]] * across;
          float bottom =
              planes[plane + corners[2]] * (1 - across) + planes[plane + corners[3]] * across;
          return top * (1 - down) + bottom * down;
        });
  }
}
