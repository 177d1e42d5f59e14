package io.maskstream.topic;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Masks as PNG with a palette: the index of a pixel is its class id, the colors are those of the
 * class table.
 */
public final class MaskPng {
  private static final int BITS = 8;

  /** Places in the header chunk, which is the first. */
  private static final int BITS_AT = 24;

  private static final int COLOR_TYPE_AT = 25;
  private static final int GRAY = 0;
  private static final int INDEXED = 3;

  /** Of the writer's scale, which is turned round: level 1 of zlib, its fastest. */
  private static final float QUALITY = 8f / 9;

  private MaskPng() {}

  /** Encodes; a class id that is not in the table is black. */
  public static byte[] encode(Mask mask, ClassTable table) {
    BufferedImage image =
        new BufferedImage(
            mask.width(), mask.height(), BufferedImage.TYPE_BYTE_INDEXED, palette(mask, table));
    byte[] raster = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(mask.labels(), 0, raster, 0, raster.length);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam how = writer.getDefaultWriteParam();
    how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    how.setCompressionQuality(QUALITY);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static IndexColorModel palette(Mask mask, ClassTable table) {
    int highest = table.size() - 1;
    for (byte label : mask.labels()) {
      highest = Math.max(highest, Byte.toUnsignedInt(label));
    }
    int[] colors = new int[highest + 1];
    for (int k = 0; k < table.size(); k++) {
      colors[k] = table.classes().get(k).color();
    }
    return new IndexColorModel(BITS, colors.length, colors, 0, false, -1, DataBuffer.TYPE_BYTE);
  }

  /**
   * Decodes; takes memory for two masks of this size at most.
   *
   * @throws IllegalArgumentException says what is wrong
   */
  public static Mask decode(byte[] png, int width, int height) {
    PictureHeader header = PictureHeader.read(png, ContentType.PNG);
    if (header.width() != width || header.height() != height) {
      throw new IllegalArgumentException(
          "the PNG of a %d×%d mask is %d×%d"
              .formatted(width, height, header.width(), header.height()));
    }
    int colorType = png.length > COLOR_TYPE_AT ? png[COLOR_TYPE_AT] : -1;
    if ((colorType != INDEXED && colorType != GRAY) || png[BITS_AT] != BITS) {
      throw new IllegalArgumentException(
          "the PNG of a mask must be indexed or gray with 8 bits a pixel");
    }
    Raster raster = read(png);
    return new Mask(width, height, ((DataBufferByte) raster.getDataBuffer()).getData());
  }

  private static Raster read(byte[] png) {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in, true, true);
      return reader.read(0).getRaster();
    } catch (IOException | RuntimeException e) { // the reader's own for many kinds of damage
      throw new IllegalArgumentException(
          "the PNG of a mask is damaged (%d bytes)".formatted(png.length), e);
    } finally {
      reader.dispose();
    }
  }
}
