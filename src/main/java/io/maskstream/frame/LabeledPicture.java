package io.maskstream.frame;

/** A picture with the true class of every pixel. */
public record LabeledPicture(Picture picture, Mask groundTruth) {
  public LabeledPicture {
    if (picture.width() != groundTruth.width() || picture.height() != groundTruth.height()) {
      throw new IllegalArgumentException(
          "picture is %d×%d but its truth is %d×%d"
              .formatted(
                  picture.width(), picture.height(), groundTruth.width(), groundTruth.height()));
    }
  }
}
