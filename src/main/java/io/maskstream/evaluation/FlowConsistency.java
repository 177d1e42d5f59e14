package io.maskstream.evaluation;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2GRAY;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_video.DISOpticalFlow;
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
public final class FlowConsistency implements AutoCloseable {

  /** Disagreement of the two directions beyond which a pixel does not count, pixels. */
  private static final float TOLERANCE = 1f;

  /** Motion below which a pixel is static, pixels per frame. */
  static final float STILL = 0.25f;

  private final DISOpticalFlow flow = DISOpticalFlow.create(DISOpticalFlow.PRESET_FAST);
  private @Nullable Mat grayBefore;
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
    Mat gray = gray(picture);
    if (startsSequence) {
      forget();
    }
    if (grayBefore != null && maskBefore != null) {
      compare(grayBefore, gray, maskBefore, mask);
      grayBefore.close();
    }
    grayBefore = gray;
    maskBefore = mask;
  }

  private static Mat gray(Picture picture) {
    try (BytePointer colors = new BytePointer(picture.rgb());
        Mat rgb = new Mat(picture.height(), picture.width(), CV_8UC3, colors)) {
      Mat gray = new Mat(picture.height(), picture.width(), CV_8UC1);
      cvtColor(rgb, gray, COLOR_RGB2GRAY);
      return gray;
    }
  }

  private void compare(Mat before, Mat now, Mask labelsBefore, Mask labels) {
    try (Mat backward = new Mat();
        Mat forward = new Mat()) {
      flow.calc(now, before, backward);
      flow.calc(before, now, forward);
      FloatBuffer back = backward.createBuffer();
      FloatBuffer ahead = forward.createBuffer();
      int width = labels.width();
      for (int y = 0; y < labels.height(); y++) {
        for (int x = 0; x < width; x++) {
          count(x, y, back, ahead, labelsBefore, labels);
        }
      }
    }
  }

  private void count(
      int x, int y, FloatBuffer back, FloatBuffer ahead, Mask labelsBefore, Mask labels) {
    int width = labels.width();
    int at = y * width + x;
    float dx = back.get(2 * at);
    float dy = back.get(2 * at + 1);
    int fromX = Math.round(x + dx);
    int fromY = Math.round(y + dy);
    if (fromX < 0 || fromY < 0 || fromX >= width || fromY >= labels.height()) {
      return;
    }
    int from = fromY * width + fromX;
    float errorX = dx + ahead.get(2 * from);
    float errorY = dy + ahead.get(2 * from + 1);
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

  private void forget() {
    if (grayBefore != null) {
      grayBefore.close();
    }
    grayBefore = null;
    maskBefore = null;
  }

  @Override
  public void close() {
    forget();
    flow.close();
  }
}
