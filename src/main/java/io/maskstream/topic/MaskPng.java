package io.maskstream.topic;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.SegmentationClass;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Masks as PNG with a palette: the index of a pixel is its class id, the colors are those of the
 * class table.
 *
 * <p>Written here because Java's own writer takes 15 times as long.
 */
public final class MaskPng {
  private static final int BITS = 8;

  /** Places in the header chunk, which is the first. */
  private static final int BITS_AT = 24;

  private static final int COLOR_TYPE_AT = 25;
  private static final int GRAY = 0;
  private static final int INDEXED = 3;

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int HEADER_BYTES = 13;
  private static final int COLOR_BYTES = 3;

  /** The filter that takes the difference to the pixel above. */
  private static final byte UP = 2;

  /** zlib's fastest. */
  private static final int LEVEL = 1;

  private static final int BUFFER = 8_192;

  private MaskPng() {}

  /** Encodes; a class id that is not in the table is black. */
  public static byte[] encode(Mask mask, ClassTable table) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(SIGNATURE);
    ByteBuffer header =
        ByteBuffer.allocate(HEADER_BYTES).putInt(mask.width()).putInt(mask.height());
    header.put((byte) BITS).put((byte) INDEXED); // the rest: deflate, five filters, not interlaced
    chunk(png, "IHDR", header.array());
    chunk(png, "PLTE", palette(mask, table));
    chunk(png, "IDAT", deflated(filtered(mask)));
    chunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream png, String name, byte[] data) {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(type);
    check.update(data);
    png.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(data.length).array());
    png.writeBytes(type);
    png.writeBytes(data);
    png.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt((int) check.getValue()).array());
  }

  private static byte[] palette(Mask mask, ClassTable table) {
    int highest = table.size() - 1;
    for (byte label : mask.labels()) {
      highest = Math.max(highest, Byte.toUnsignedInt(label));
    }
    ByteBuffer colors = ByteBuffer.allocate(COLOR_BYTES * (highest + 1));
    for (SegmentationClass entry : table.classes()) {
      int color = entry.color();
      colors.put((byte) (color >> 16)).put((byte) (color >> 8)).put((byte) color);
    }
    return colors.array();
  }

  /** Rows as differences to those above, which are mostly 0. */
  private static byte[] filtered(Mask mask) {
    byte[] labels = mask.labels();
    int width = mask.width();
    byte[] rows = new byte[(width + 1) * mask.height()];
    for (int y = 0; y < mask.height(); y++) {
      int row = y * (width + 1);
      rows[row] = UP;
      for (int x = 0; x < width; x++) {
        int above = y == 0 ? 0 : labels[(y - 1) * width + x];
        rows[row + 1 + x] = (byte) (labels[y * width + x] - above);
      }
    }
    return rows;
  }

  private static byte[] deflated(byte[] rows) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(LEVEL);
    try (DeflaterOutputStream out = new DeflaterOutputStream(data, deflater, BUFFER)) {
      out.write(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return data.toByteArray();
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
