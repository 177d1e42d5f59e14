package io.maskstream.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.maskstream.dataset.Batch;
import io.maskstream.inference.OpticalFlow;
import io.maskstream.loss.LossInput;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.DenseReuse;
import io.maskstream.prototype.FlowField;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.Warp;
import java.util.ArrayList;
import java.util.List;

/** Optical flow between the views of a batch that are of one clip, as the memory {@code flow}. */
final class PairMotion {

  private static final boolean[] SIDES = {false, true};

  private PairMotion() {}

  /**
   * The motion within a batch.
   *
   * @param rows of the output stride
   * @param columns of the output stride
   */
  static List<LossInput.Motion> of(Batch batch, NDManager manager, int rows, int columns) {
    List<LossInput.Motion> motions = new ArrayList<>();
    for (int before : batch.moving()) {
      Luma earlier = luma(batch, before, rows, columns);
      Luma later = luma(batch, before + 1, rows, columns);
      FlowField flow = OpticalFlow.between(later, earlier);
      Warp warp = new Warp(earlier, later, flow, DenseReuse.FLOW.tolerance());
      motions.add(motion(before, warp, manager));
    }
    return motions;
  }

  private static Luma luma(Batch batch, int place, int rows, int columns) {
    int scale = DenseMemory.LUMA_SCALE;
    return OpticalFlow.luma(batch.picture(place), scale * columns, scale * rows);
  }

  private static LossInput.Motion motion(int before, Warp warp, NDManager manager) {
    Warp.Places places = warp.places();
    int pixels = places.corner().length;
    Shape row = new Shape(1, pixels);
    List<NDArray> neighbors = new ArrayList<>();
    List<NDArray> shares = new ArrayList<>();
    for (boolean lower : SIDES) {
      for (boolean right : SIDES) {
        long[] neighbor = new long[pixels];
        float[] share = new float[pixels];
        int step = (right ? places.next() : 0) + (lower ? places.below() : 0);
        for (int n = 0; n < pixels; n++) {
          neighbor[n] = (long) places.corner()[n] + step;
          share[n] = places.share(n, right, lower);
        }
        neighbors.add(manager.create(neighbor, row));
        shares.add(manager.create(share, row));
      }
    }
    return new LossInput.Motion(
        before, before + 1, neighbors, shares, manager.create(warp.match(), row));
  }
}
