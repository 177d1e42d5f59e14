package io.maskstream.dataset;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.network.SegmentationNetwork;
import java.util.Arrays;
import java.util.List;

/**
 * Views of one step, as plain arrays; even and odd places are views of neighbouring frames.
 *
 * @param size B
 * @param width of the views, pixels
 * @param height of the views, pixels
 * @param rgb B·H·W·3 bytes
 * @param labels B·H·W class ids
 * @param moving the even places whose view and the next are of one clip, cut and changed alike, so
 *     that optical flow relates them
 */
public record Batch(
    int size, int width, int height, byte[] rgb, byte[] labels, List<Integer> moving) {
  public Batch {
    moving = List.copyOf(moving);
  }

  static Batch of(List<LabeledPicture> views, List<Integer> moving) {
    int width = views.get(0).picture().width();
    int height = views.get(0).picture().height();
    byte[] rgb = new byte[views.size() * 3 * width * height];
    byte[] labels = new byte[views.size() * width * height];
    for (int i = 0; i < views.size(); i++) {
      byte[] from = views.get(i).picture().rgb();
      System.arraycopy(from, 0, rgb, i * from.length, from.length);
      Mask groundTruth = views.get(i).groundTruth();
      System.arraycopy(groundTruth.labels(), 0, labels, i * width * height, width * height);
    }
    return new Batch(views.size(), width, height, rgb, labels, moving);
  }

  /** The view at a place. */
  public Picture picture(int place) {
    int length = 3 * width * height;
    return new Picture(
        width, height, Arrays.copyOfRange(rgb, place * length, (place + 1) * length));
  }

  /** The views as a network takes them: [B, 3, H, W], or features of a frozen trunk. */
  public NDArray input(NDManager manager, SegmentationNetwork network) {
    return network.input(manager, rgb, size, height, width);
  }

  /**
   * True class at every n-th pixel, as in {@link #groundTruth}; K and above where void:
   * B·rows·columns.
   */
  public int[] labels(int rows, int columns) {
    int[] result = new int[size * rows * columns];
    for (int b = 0; b < size; b++) {
      for (int y = 0; y < rows; y++) {
        int sourceRow = (2 * y + 1) * height / (2 * rows);
        for (int x = 0; x < columns; x++) {
          int sourceColumn = (2 * x + 1) * width / (2 * columns);
          result[(b * rows + y) * columns + x] =
              labels[(b * height + sourceRow) * width + sourceColumn] & 0xFF;
        }
      }
    }
    return result;
  }

  /**
   * One-hot ground truth at every n-th pixel; void pixels are zero in all classes.
   *
   * @param rows of the result
   * @param columns of the result
   * @return [B, K, rows, columns]
   */
  public NDArray groundTruth(NDManager manager, int classes, int rows, int columns) {
    float[] hot = new float[size * classes * rows * columns];
    int[] sampled = labels(rows, columns);
    int area = rows * columns;
    for (int i = 0; i < sampled.length; i++) {
      if (sampled[i] < classes) {
        hot[(i / area * classes + sampled[i]) * area + i % area] = 1f;
      }
    }
    return manager.create(hot, new Shape(size, classes, rows, columns));
  }
}
