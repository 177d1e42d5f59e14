package io.maskstream.network;

import java.util.List;

/**
 * Where each class lay: the rows of a camera's bank that remember places, not features.
 *
 * <p>Ours. The prototypes of a class say what it looks like; between two frames of a camera, most
 * labels that flicker do so where the classes look almost alike, and there the place decides. R
 * rows of length D a class hold a coarse map of the class's share of each cell of the image. The
 * next frame's logits get λ·t·(log((1 - ε)·m + ε / K) - log((1 - ε)·q + ε / K)), where q is the
 * share that this frame alone gives the class in the cell: what is drawn together is a cell's
 * shares before and now, not its pixels, so a thin class is not outvoted by what surrounds it. ε
 * keeps any class possible anywhere. With trust 0 the logits are bit-identical. Nothing here is
 * trained.
 */
public final class SpatialPrior {

  /**
   * Settings of a place memory.
   *
   * @param rows R a class; 0 for none
   * @param weight λ
   * @param doubt ε, 0 to 1
   */
  public record Settings(int rows, double weight, double doubt) {
    public static final Settings NONE = new Settings(0, 0, 0.5);

    public Settings {
      require(rows >= 0 && rows <= 64, "rows must be 0 to 64, is " + rows);
      require(weight >= 0, "weight must not be negative, is " + weight);
      require(doubt > 0 && doubt < 1, "doubt must be between 0 and 1, is " + doubt);
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new IllegalArgumentException("place memory: " + message);
      }
    }
  }

  private final Settings settings;
  private final int classes;
  private final int features;

  /**
   * A memory.
   *
   * @param classes K
   * @param features D
   */
  SpatialPrior(Settings settings, int classes, int features) {
    this.settings = settings;
    this.classes = classes;
    this.features = features;
  }

  /** Rows over all classes, K·R. */
  int rows() {
    return classes * settings.rows();
  }

  /** Rows and columns of the largest grid with the map's shape that fits into R·D numbers. */
  record Grid(int rows, int columns) {
    static Grid fitting(long height, long width, int numbers) {
      int rows = (int) Math.max(1, Math.floor(Math.sqrt((double) numbers * height / width)));
      int columns = (int) Math.max(1, Math.min(numbers / rows, rows * width / height));
      return new Grid(rows, columns);
    }

    int cells() {
      return rows * columns;
    }
  }

  /**
   * Adds what is remembered of places to the logits, and this image's places to the prototypes.
   *
   * @param output of the head, which has seen its own rows of the prior
   * @param prior place rows of the camera's bank: [B, K·R, D] and [B, K·R]
   * @param height of the logit map
   * @param width of the logit map
   */
  <T> HeadOutput<T> apply(
      Ops<T> ops, HeadOutput<T> output, Prior<T> prior, long height, long width) {
    Grid grid = Grid.fitting(height, width, settings.rows() * features);
    T cells = cells(ops, ops.softmax(output.fresh(), 1), grid, height, width);
    T logits = ops.add(output.logits(), bias(ops, prior, cells, height, width));
    T rows = rows(ops, cells, grid);
    T ones = // a frame is full evidence of where a class is and where it is not: [B, K·R]
        ops.add(ops.multiply(prior.trust(), ops.constant(0f)), ops.constant(1f));
    return output.with(
        logits,
        ops.concat(1, List.of(output.prototypes(), rows)),
        ops.concat(1, List.of(output.evidence(), ones)));
  }

  /**
   * How much more or less likely each class was here than it is now, at every pixel: [B, K, N].
   *
   * @param now share of each class in each cell of this frame: [B, K, gh, gw]
   */
  private <T> T bias(Ops<T> ops, Prior<T> prior, T now, long height, long width) {
    long[] grid = ops.shape(now);
    long numbers = (long) settings.rows() * features;
    T flat = ops.reshape(prior.bank(), -1, classes, numbers);
    T then = ops.reshape(ops.slice(flat, 2, 0, grid[2] * grid[3]), -1, classes, grid[2], grid[3]);
    T change = ops.subtract(likelihood(ops, then), likelihood(ops, now)); // [B, K, gh, gw]
    T map = ops.reshape(ops.resize(change, height, width), -1, classes, height * width);
    T trust =
        ops.slice(ops.reshape(prior.trust(), -1, classes, settings.rows()), 2, 0, 1); // [B, K, 1]
    return ops.multiply(map, ops.multiply(trust, ops.constant((float) settings.weight())));
  }

  /** log((1 - ε)·share + ε / K). */
  private <T> T likelihood(Ops<T> ops, T share) {
    T sure = ops.multiply(share, ops.constant((float) (1 - settings.doubt())));
    return ops.log(ops.add(sure, ops.constant((float) (settings.doubt() / classes))));
  }

  /** Share of each class in each cell: [B, K, N] to [B, K, gh, gw]. */
  private <T> T cells(Ops<T> ops, T shares, Grid grid, long height, long width) {
    T map = ops.reshape(shares, -1, classes, height, width);
    T down = ops.constant(means(grid.rows(), (int) height), grid.rows(), height);
    T across =
        ops.transpose(
            ops.constant(means(grid.columns(), (int) width), grid.columns(), width), 1, 0);
    return ops.matmul(ops.matmul(down, map), across);
  }

  /** Cells as rows of the bank: [B, K, gh, gw] to [B, K·R, D]; what is left over is zero. */
  private <T> T rows(Ops<T> ops, T cells, Grid grid) {
    T flat = ops.reshape(cells, -1, classes, grid.cells());
    int spare = settings.rows() * features - grid.cells();
    if (spare > 0) {
      T zeros = ops.multiply(ops.slice(flat, 2, 0, 1), ops.constant(new float[spare], spare));
      flat = ops.concat(2, List.of(flat, zeros));
    }
    return ops.reshape(flat, -1, rows(), features);
  }

  /** Weights that average an axis into cells of equal length, borders shared: cells · length. */
  private static float[] means(int cells, int length) {
    float[] weights = new float[cells * length];
    double side = (double) length / cells;
    for (int c = 0; c < cells; c++) {
      double from = c * side;
      double to = from + side;
      for (int i = (int) from; i < Math.min(length, Math.ceil(to - 1e-9)); i++) {
        double overlap = Math.min(to, i + 1) - Math.max(from, i);
        weights[c * length + i] = (float) (overlap / side);
      }
    }
    return weights;
  }
}
