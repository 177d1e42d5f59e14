package io.maskstream.evaluation;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.inference.OpticalFlow;
import io.maskstream.prototype.FlowField;
import io.maskstream.prototype.Luma;
import org.jspecify.annotations.Nullable;

/**
 * Consistency of labels along the motion of a video, without true labels (as in Liu et al.,
 * "Efficient Semantic Video Segmentation with Per-frame Inference", ECCV 2020, with a share of
 * pixels in place of their mIoU).
 *
 * <p>Dense inverse search (Kroeger et al., ECCV 2016) gives the flow between neighbouring frames in
 * both directions. A pixel counts where the two agree within a pixel, which leaves out what is
 * covered or leaves the picture; it is consistent where the label at its earlier place is its label
 * now. A pixel that moves less than {@link #STILL} pixels also counts for the static flip rate.
 */
public final class FlowConsistency {

  /** Disagreement of the two directions beyond which a pixel does not count, pixels. */
  private static final float TOLERANCE = 1f;

  /** Motion below which a pixel is static, pixels per frame. */
  static final float STILL = 0.25f;

  private @Nullable Luma lumaBefore;
  private @Nullable Mask maskBefore;
  private long seen;
  private long consistent;
  private long still;
  private long flipped;

  /** Adds a frame; the picture must have the size of the mask. */
  public void add(Picture picture, Mask mask, boolean startsSequence) {
    if (picture.width() != mask.width() || picture.height() != mask.height()) {
      throw new IllegalArgumentException(
          "picture is %d×%d but its mask is %d×%d"
              .formatted(picture.width(), picture.height(), mask.width(), mask.height()));
    }
    Luma luma = OpticalFlow.luma(picture, picture.width(), picture.height());
    if (lumaBefore != null && maskBefore != null && !startsSequence) {
      compare(lumaBefore, luma, maskBefore, mask);
    }
    lumaBefore = luma;
    maskBefore = mask;
  }

  private void compare(Luma before, Luma now, Mask labelsBefore, Mask labels) {
    FlowField back = OpticalFlow.between(now, before);
    FlowField ahead = OpticalFlow.between(before, now);
    for (int y = 0; y < labels.height(); y++) {
      for (int x = 0; x < labels.width(); x++) {
        count(x, y, back.vectors(), ahead.vectors(), labelsBefore, labels);
      }
    }
  }

  private void count(int x, int y, float[] back, float[] ahead, Mask labelsBefore, Mask labels) {
    int width = labels.width();
    int at = y * width + x;
    float dx = back[2 * at];
    float dy = back[2 * at + 1];
    int fromX = Math.round(x + dx);
    int fromY = Math.round(y + dy);
    if (fromX < 0 || fromY < 0 || fromX >= width || fromY >= labels.height()) {
      return;
    }
    int from = fromY * width + fromX;
    float errorX = dx + ahead[2 * from];
    float errorY = dy + ahead[2 * from + 1];
    if (errorX * errorX + errorY * errorY > TOLERANCE * TOLERANCE) {
      return;
    }
    seen++;
    if (labelsBefore.labels()[from] == labels.labels()[at]) {
      consistent++;
    }
    if (dx * dx + dy * dy < STILL * STILL) {
      still++;
      if (labelsBefore.labels()[at] != labels.labels()[at]) {
        flipped++;
      }
    }
  }

  /** Share of the pixels that can be followed whose label stays along the flow, 0 to 1. */
  public double consistency() {
    return seen == 0 ? Double.NaN : (double) consistent / seen;
  }

  /** Share of the static pixels whose label changes from one frame to the next, 0 to 1. */
  public double staticFlipRate() {
    return still == 0 ? Double.NaN : (double) flipped / still;
  }
}
