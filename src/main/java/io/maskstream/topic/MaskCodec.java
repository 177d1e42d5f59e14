package io.maskstream.topic;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.maskstream.frame.Mask;

/** Masks to their Protobuf form and back. */
public final class MaskCodec {

  /** Zstandard's fastest level; higher ones save few bytes of a mask. */
  private static final int LEVEL = 1;

  private static final long MAX_PIXELS = 1L << 28;

  private MaskCodec() {}

  public static io.maskstream.topic.v1.Mask encode(Mask mask) {
    return io.maskstream.topic.v1.Mask.newBuilder()
        .setWidth(mask.width())
        .setHeight(mask.height())
        .setEncoding(io.maskstream.topic.v1.Mask.Encoding.ZSTD)
        .setData(ByteString.copyFrom(Zstd.compress(mask.labels(), LEVEL)))
        .build();
  }

  /** Decodes; an IllegalArgumentException says what is wrong. */
  public static Mask decode(io.maskstream.topic.v1.Mask mask) {
    long pixels = (long) mask.getWidth() * mask.getHeight();
    if (pixels < 1 || pixels > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "a mask of %d×%d pixels".formatted(mask.getWidth(), mask.getHeight()));
    }
    byte[] labels =
        switch (mask.getEncoding()) {
          case RAW -> mask.getData().toByteArray();
          case ZSTD -> Zstd.decompress(mask.getData().toByteArray(), (int) pixels);
          default ->
              throw new IllegalArgumentException("unknown mask encoding " + mask.getEncoding());
        };
    return new Mask(mask.getWidth(), mask.getHeight(), labels);
  }
}
