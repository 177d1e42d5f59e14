package io.maskstream.frame;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Pictures to another size. */
public final class PictureScaler {

  private PictureScaler() {}

  /** The picture itself where it has the size, else a scaled one; the sides scale apart. */
  public static Picture scale(Picture picture, int width, int height) {
    if (picture.width() == width && picture.height() == height) {
      return picture;
    }
    boolean smaller = (long) width * height < (long) picture.width() * picture.height();
    byte[] rgb = new byte[3 * width * height];
    try (BytePointer pixels = new BytePointer(picture.rgb());
        Mat from = new Mat(picture.height(), picture.width(), CV_8UC3, pixels);
        Mat to = new Mat();
        Size size = new Size(width, height)) {
      resize(from, to, size, 0, 0, smaller ? INTER_AREA : INTER_LINEAR);
      to.data().get(rgb);
    }
    return new Picture(width, height, rgb);
  }
}
