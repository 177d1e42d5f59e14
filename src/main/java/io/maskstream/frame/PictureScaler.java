package io.maskstream.frame;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Pictures to another size: the mean of the area where a side becomes less than half as long, else
 * bilinear, which no pixel of the picture escapes then.
 */
public final class PictureScaler {

  private PictureScaler() {}

  /** The picture itself where it has the size, else a scaled one; the sides scale apart. */
  public static Picture scale(Picture picture, int width, int height) {
    if (picture.width() == width && picture.height() == height) {
      return picture;
    }
    try (BytePointer pixels = new BytePointer(picture.rgb());
        Mat from = new Mat(picture.height(), picture.width(), CV_8UC3, pixels)) {
      return scale(from, width, height);
    }
  }

  /** The same from and for OpenCV: 8 bits, RGB, without gaps between the rows. */
  public static Picture scale(Mat rgb, int width, int height) {
    byte[] scaled = new byte[3 * width * height];
    if (rgb.cols() == width && rgb.rows() == height) {
      rgb.data().get(scaled);
      return new Picture(width, height, scaled);
    }
    boolean muchSmaller = 2L * width < rgb.cols() || 2L * height < rgb.rows();
    try (Mat to = new Mat();
        Size size = new Size(width, height)) {
      resize(rgb, to, size, 0, 0, muchSmaller ? INTER_AREA : INTER_LINEAR);
      to.data().get(scaled);
    }
    return new Picture(width, height, scaled);
  }
}
