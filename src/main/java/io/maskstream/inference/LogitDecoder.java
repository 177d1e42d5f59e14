package io.maskstream.inference;

import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Mask;
import io.maskstream.prototype.FastMath;
import io.maskstream.prototype.LogitMap;
import java.util.Arrays;
import java.util.Optional;

/**
 * Labels, pixel counts and confidences from class scores at the output stride.
 *
 * <p>The labels are those of the largest score after bilinear up-sampling, as a graph would compute
 * them, at a fraction of the cost: bilinear interpolation is a convex combination, so where the
 * same class is largest at the four corners of a cell, it is largest everywhere in it, and the cell
 * is filled. Only the others are interpolated, class by class.
 *
 * <p>Keeps scratch memory between calls. Used by one thread.
 */
final class LogitDecoder {

  /** Classes that a label of one byte can tell apart. */
  private static final int MAX_CLASSES = 256;

  private final ConfidenceOutput output;
  private final int classes;
  private final int width;
  private final int height;
  private final BilinearAxis vertical;
  private final BilinearAxis horizontal;
  private final byte[] winners; // [h, w]
  private final float[] best; // [h, w]
  private final float[] sums; // [h, w]
  private final float[] plane; // scores of one class, [h, w]
  private final float[] left; // scores at the left and right edge of a cell's row, [K]
  private final float[] right;

  /**
   * A decoder for one shape.
   *
   * @param output whether labels come with a map of the winners' probabilities, [h, w]
   * @param classes K
   * @param rows h of the logits
   * @param columns w of the logits
   * @param height of the mask, pixels
   * @param width of the mask, pixels
   */
  LogitDecoder(ConfidenceOutput output, int classes, int rows, int columns, int height, int width) {
    if (classes > MAX_CLASSES) {
      throw new IllegalArgumentException(
          "a mask has at most " + MAX_CLASSES + " classes, not " + classes);
    }
    this.output = output;
    this.classes = classes;
    this.width = width;
    this.height = height;
    this.vertical = new BilinearAxis(rows, height);
    this.horizontal = new BilinearAxis(columns, width);
    this.winners = new byte[rows * columns];
    this.best = new float[rows * columns];
    this.sums = new float[rows * columns];
    this.plane = new float[rows * columns];
    this.left = new float[classes];
    this.right = new float[classes];
  }

  /** A decoder for the logits and masks of a model. */
  static LogitDecoder of(ModelCard card, ConfidenceOutput output) {
    return new LogitDecoder(
        output, card.classes().size(), card.rows(), card.columns(), card.height(), card.width());
  }

  /** Decodes the logits of one frame. */
  Labels decode(LogitMap logits) {
    if (logits.classes() != classes
        || logits.rows() != vertical.cells()
        || logits.columns() != horizontal.cells()) {
      throw new IllegalArgumentException(
          "logits must be %d×%d×%d, are %d×%d×%d"
              .formatted(
                  classes,
                  vertical.cells(),
                  horizontal.cells(),
                  logits.classes(),
                  logits.rows(),
                  logits.columns()));
    }
    findWinners(logits.values());
    byte[] labels = new byte[width * height];
    int[] counts = new int[classes];
    for (int row = 0; row < vertical.cells(); row++) {
      decodeRow(logits.values(), row, labels, counts);
    }
    float[] confidence = confidence(logits.values()); // also gives the sums of the map
    return new Labels(new Mask(width, height, labels), counts, confidence, map());
  }

  /** The class with the largest score at each pixel of the map; the lowest where two are equal. */
  private void findWinners(float[] scores) {
    int pixels = winners.length;
    System.arraycopy(scores, 0, best, 0, pixels);
    Arrays.fill(winners, (byte) 0);
    for (int k = 1; k < classes; k++) {
      int plane = k * pixels;
      for (int n = 0; n < pixels; n++) {
        if (scores[plane + n] > best[n]) {
          best[n] = scores[plane + n];
          winners[n] = (byte) k;
        }
      }
    }
  }

  private void decodeRow(float[] scores, int row, byte[] labels, int[] counts) {
    int columns = horizontal.cells();
    int top = row * columns;
    int bottom = vertical.next(row) * columns;
    int height = vertical.end(row) - vertical.start(row);
    for (int column = 0; column < columns; column++) {
      int next = horizontal.next(column);
      byte winner = winners[top + column];
      int from = horizontal.start(column);
      int to = horizontal.end(column);
      if (winner == winners[top + next]
          && winner == winners[bottom + column]
          && winner == winners[bottom + next]) {
        for (int y = vertical.start(row); y < vertical.end(row); y++) {
          Arrays.fill(labels, y * width + from, y * width + to, winner);
        }
        counts[winner & 0xFF] += height * (to - from);
      } else {
        interpolate(scores, row, column, labels, counts);
      }
    }
  }

  /** Labels a cell whose corners differ. */
  private void interpolate(float[] scores, int row, int column, byte[] labels, int[] counts) {
    int columns = horizontal.cells();
    int pixels = winners.length;
    int topLeft = row * columns + column;
    int topRight = row * columns + horizontal.next(column);
    int bottomLeft = vertical.next(row) * columns + column;
    int bottomRight = vertical.next(row) * columns + horizontal.next(column);
    for (int y = vertical.start(row); y < vertical.end(row); y++) {
      float down = vertical.weight(y);
      for (int k = 0, plane = 0; k < classes; k++, plane += pixels) {
        float upperLeft = scores[plane + topLeft];
        float upperRight = scores[plane + topRight];
        left[k] = upperLeft + down * (scores[plane + bottomLeft] - upperLeft);
        right[k] = upperRight + down * (scores[plane + bottomRight] - upperRight);
      }
      for (int x = horizontal.start(column); x < horizontal.end(column); x++) {
        int label = winnerAt(horizontal.weight(x));
        labels[y * width + x] = (byte) label;
        counts[label]++;
      }
    }
  }

  /** The class with the largest score between the left and the right edge. */
  private int winnerAt(float across) {
    int winner = 0;
    float largest = left[0] + across * (right[0] - left[0]);
    for (int k = 1; k < classes; k++) {
      float score = left[k] + across * (right[k] - left[k]);
      if (score > largest) {
        largest = score;
        winner = k;
      }
    }
    return winner;
  }

  /** Mean probability of the winners by class, at the output stride: [K]. */
  private float[] confidence(float[] scores) {
    int pixels = winners.length;
    Arrays.fill(sums, 0f);
    for (int k = 0; k < classes; k++) {
      System.arraycopy(scores, k * pixels, plane, 0, pixels); // one index for all: computed at once
      for (int n = 0; n < pixels; n++) {
        sums[n] += FastMath.exp(plane[n] - best[n]);
      }
    }
    double[] total = new double[classes];
    int[] wins = new int[classes];
    for (int n = 0; n < pixels; n++) {
      total[winners[n] & 0xFF] += 1 / sums[n];
      wins[winners[n] & 0xFF]++;
    }
    float[] confidence = new float[classes];
    for (int k = 0; k < classes; k++) {
      confidence[k] = (float) (total[k] / Math.max(1, wins[k]));
    }
    return confidence;
  }

  /** Probability of the winner of each pixel of the logits, where the map is asked for. */
  private Optional<ConfidenceMap> map() {
    if (output == ConfidenceOutput.NONE) {
      return Optional.empty();
    }
    byte[] values = new byte[sums.length];
    for (int n = 0; n < values.length; n++) {
      values[n] = (byte) Math.min(ConfidenceMap.FULL, (int) (ConfidenceMap.FULL / sums[n] + 0.5f));
    }
    return Optional.of(new ConfidenceMap(horizontal.cells(), vertical.cells(), values));
  }
}
