package io.maskstream.frame;

/** A picture with the true class of every pixel. */
public record LabeledPicture(Picture picture, Mask truth) {
  public LabeledPicture {
    if (picture.width() != truth.width() || picture.height() != truth.height()) {
      throw new IllegalArgumentException(
          "picture is %d×%d but its truth is %d×%d"
              .formatted(picture.width(), picture.height(), truth.width(), truth.height()));
    }
  }
}
