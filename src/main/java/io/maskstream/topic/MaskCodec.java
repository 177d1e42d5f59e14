package io.maskstream.topic;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import com.google.protobuf.ByteString;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.topic.v1.ClassRuns;
import io.maskstream.topic.v1.Mask.Encoding;
import java.util.List;

/** Masks to their Protobuf form and back. */
public final class MaskCodec {

  /** Zstandard's fastest level; higher ones save few bytes of a mask. */
  static final int LEVEL = 1;

  /** More than any camera or model has; what a few bytes can make a reader allocate. */
  private static final long MAX_PIXELS = 1L << 26;

  private MaskCodec() {}

  /**
   * Encodes.
   *
   * @param table has the colors of a PNG
   */
  public static io.maskstream.topic.v1.Mask encode(
      Mask mask, MaskEncoding encoding, ClassTable table) {
    io.maskstream.topic.v1.Mask.Builder encoded =
        io.maskstream.topic.v1.Mask.newBuilder().setWidth(mask.width()).setHeight(mask.height());
    return switch (encoding) {
      case ZSTD ->
          encoded
              .setEncoding(Encoding.ZSTD)
              .setData(ByteString.copyFrom(Zstd.compress(mask.labels(), LEVEL)))
              .build();
      case PNG ->
          encoded
              .setEncoding(Encoding.PNG)
              .setData(ByteString.copyFrom(MaskPng.encode(mask, table)))
              .build();
      case RLE -> {
        for (CocoRle.ClassRuns runs : CocoRle.encode(mask)) {
          encoded.addRuns(
              ClassRuns.newBuilder()
                  .setClassId(runs.id())
                  .setCounts(ByteString.copyFrom(runs.counts())));
        }
        yield encoded.setEncoding(Encoding.RLE).build();
      }
    };
  }

  /**
   * Decodes any encoding. What it allocates is bounded by the mask's size, which is at most 2^26
   * pixels.
   *
   * @throws IllegalArgumentException says what is wrong
   */
  public static Mask decode(io.maskstream.topic.v1.Mask mask) {
    int width = mask.getWidth();
    int height = mask.getHeight();
    int pixels = requireSize("a mask", width, height);
    return switch (mask.getEncoding()) {
      case RAW -> new Mask(width, height, mask.getData().toByteArray());
      case ZSTD ->
          new Mask(width, height, decompress("mask", mask.getData().toByteArray(), pixels));
      case PNG -> MaskPng.decode(mask.getData().toByteArray(), width, height);
      case RLE -> CocoRle.decode(width, height, runs(mask));
      default ->
          throw new IllegalArgumentException("unknown mask encoding " + mask.getEncodingValue());
    };
  }

  /** Pixels of a size; what it may be is bounded, because it is allocated. */
  static int requireSize(String what, int width, int height) {
    long pixels = (long) width * height;
    if (width < 1 || height < 1 || pixels > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "%s of %d×%d pixels, it must have 1 to %d".formatted(what, width, height, MAX_PIXELS));
    }
    return (int) pixels;
  }

  static byte[] decompress(String what, byte[] data, int pixels) {
    try {
      return Zstd.decompress(data, pixels);
    } catch (ZstdException e) {
      throw new IllegalArgumentException(
          "the %s is no Zstandard frame of %d bytes (%d bytes: %s)"
              .formatted(what, pixels, data.length, e.getMessage()),
          e);
    }
  }

  private static List<CocoRle.ClassRuns> runs(io.maskstream.topic.v1.Mask mask) {
    return mask.getRunsList().stream()
        .map(runs -> new CocoRle.ClassRuns(runs.getClassId(), runs.getCounts().toByteArray()))
        .toList();
  }
}
