package io.maskstream.camera;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Picture files. */
public final class PictureFiles {
  private static final int UNUSED_QUALITY = 100;

  private PictureFiles() {}

  public static void writePng(Path file, Picture picture) throws IOException {
    byte[] png = PictureCodec.encode(picture, ContentType.PNG, UNUSED_QUALITY);
    try {
      Files.write(file, png);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** A JPEG or PNG file of any size. */
  public static Picture read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("no such picture: " + file);
    }
    BufferedImage image = ImageIO.read(file.toFile());
    if (image == null) {
      throw new IOException("not a picture that can be read (JPEG or PNG): " + file);
    }
    byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int color = image.getRGB(x, y);
        int i = 3 * (y * image.getWidth() + x);
        rgb[i] = (byte) (color >> 16);
        rgb[i + 1] = (byte) (color >> 8);
        rgb[i + 2] = (byte) color;
      }
    }
    return new Picture(image.getWidth(), image.getHeight(), rgb);
  }

  /** JPEG and PNG files of a folder, evenly chosen by name where there are more. */
  public static List<Picture> ofFolder(Path folder, int most) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("no such folder: " + folder);
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files =
          entries
              .filter(file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png)"))
              .sorted()
              .toList();
    }
    List<Picture> pictures = new ArrayList<>();
    int count = Math.min(most, files.size());
    for (int i = 0; i < count; i++) {
      pictures.add(read(files.get((int) ((long) i * files.size() / count))));
    }
    return pictures;
  }

  /** A grey picture whose values are class ids. */
  public static void writeGray(Path file, Mask mask) throws IOException {
    BufferedImage image =
        new BufferedImage(mask.width(), mask.height(), BufferedImage.TYPE_BYTE_GRAY);
    byte[] raster = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(mask.labels(), 0, raster, 0, raster.length);
    try {
      if (!ImageIO.write(image, "png", file.toFile())) {
        throw new IOException("no writer of PNG");
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Failures of a full disk do not name the file. */
  private static IOException failure(Path file, IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new IOException("cannot write " + file + ": " + cause.getMessage(), e);
  }

  /** Pictures of one size side by side. */
  public static Picture beside(List<Picture> pictures) {
    int width = pictures.get(0).width();
    int height = pictures.get(0).height();
    int total = width * pictures.size();
    byte[] rgb = new byte[3 * total * height];
    for (int i = 0; i < pictures.size(); i++) {
      for (int y = 0; y < height; y++) {
        System.arraycopy(
            pictures.get(i).rgb(), 3 * y * width, rgb, 3 * (y * total + i * width), 3 * width);
      }
    }
    return new Picture(total, height, rgb);
  }
}
