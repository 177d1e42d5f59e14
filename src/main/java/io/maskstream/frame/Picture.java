package io.maskstream.frame;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_RGB2BGR;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * A decoded picture.
 *
 * @param width pixels
 * @param height pixels
 * @param rgb rows from the top, three bytes a pixel; shared, not copied: whoever makes the picture
 *     hands the array over and changes it no more
 */
public record Picture(int width, int height, byte[] rgb) implements ScalablePicture {
  public Picture {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "a picture of %d×%d needs 3·width·height bytes, has %d"
              .formatted(width, height, rgb.length));
    }
  }

  /** A picture whose pixels are all black. */
  public static Picture black(int width, int height) {
    return new Picture(width, height, new byte[3 * width * height]);
  }

  @Override
  public Picture scaled(int toWidth, int toHeight) {
    return PictureScaler.scale(this, toWidth, toHeight);
  }

  @Override
  public Mat bgr() {
    Mat bgr = new Mat();
    try (BytePointer pixels = new BytePointer(rgb);
        Mat from = new Mat(height, width, CV_8UC3, pixels)) {
      cvtColor(from, bgr, COLOR_RGB2BGR);
    }
    return bgr;
  }
}
