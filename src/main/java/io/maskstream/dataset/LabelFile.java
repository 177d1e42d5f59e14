package io.maskstream.dataset;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;

/** A label picture as it lies on disk: one value per pixel, of a gray or a palette picture. */
final class LabelFile {
  private static final int LARGEST = 255;

  private LabelFile() {}

  /**
   * Values of a picture.
   *
   * @param values H·W; owned by the receiver
   */
  record Values(int width, int height, byte[] values) {}

  private static BufferedImage image(Path file) throws IOException {
    String unreadable = "not a label picture that can be read (PNG): " + file;
    try {
      BufferedImage image = ImageIO.read(file.toFile());
      if (image == null) {
        throw new IOException(unreadable);
      }
      return image;
    } catch (IIOException e) {
      throw new IOException("%s (%s)".formatted(unreadable, e.getMessage()), e);
    }
  }

  static Values read(Path file) throws IOException {
    BufferedImage image = image(file);
    Raster raster = image.getRaster();
    if (raster.getNumBands() != 1) {
      throw new IOException(
          "the label picture %s has %d channels; it must be gray or have a palette, a value per class"
              .formatted(file, raster.getNumBands()));
    }
    int[] samples = raster.getSamples(0, 0, image.getWidth(), image.getHeight(), 0, (int[]) null);
    byte[] values = new byte[samples.length];
    for (int i = 0; i < values.length; i++) {
      if (samples[i] > LARGEST) {
        throw new IOException(
            "the label picture %s has the value %d; the largest is %d"
                .formatted(file, samples[i], LARGEST));
      }
      values[i] = (byte) samples[i];
    }
    return new Values(image.getWidth(), image.getHeight(), values);
  }
}
