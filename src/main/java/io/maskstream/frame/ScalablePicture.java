package io.maskstream.frame;

import org.bytedeco.opencv.opencv_core.Mat;

/** A picture that each of its users takes in the size that it needs. */
public interface ScalablePicture {

  /** Columns of the whole, pixels. */
  int width();

  /** Rows of the whole, pixels. */
  int height();

  /** The picture in another size; the sides scale apart. */
  Picture scaled(int width, int height);

  /** The picture in its own size. */
  default Picture whole() {
    return scaled(width(), height());
  }

  /** The same as OpenCV encodes it: 8 bits, BGR, without gaps; the caller's to change and close. */
  Mat bgr();
}
