package io.maskstream.topic;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.topic.v1.Confidence;
import io.maskstream.topic.v1.Mask.Encoding;

/** Confidence maps to their Protobuf form and back. */
public final class ConfidenceCodec {
  private ConfidenceCodec() {}

  /** Encodes as one Zstandard frame. */
  public static Confidence encode(ConfidenceMap map) {
    return Confidence.newBuilder()
        .setWidth(map.width())
        .setHeight(map.height())
        .setEncoding(Encoding.ZSTD)
        .setData(ByteString.copyFrom(Zstd.compress(map.values(), MaskCodec.LEVEL)))
        .build();
  }

  /**
   * Decodes. What it allocates is bounded by the map's size, which is at most 2^26 cells.
   *
   * @throws IllegalArgumentException says what is wrong
   */
  public static ConfidenceMap decode(Confidence map) {
    int width = map.getWidth();
    int height = map.getHeight();
    int cells = MaskCodec.requireSize("a confidence map", width, height);
    byte[] data = map.getData().toByteArray();
    return switch (map.getEncoding()) {
      case RAW -> new ConfidenceMap(width, height, data);
      case ZSTD ->
          new ConfidenceMap(width, height, MaskCodec.decompress("confidence map", data, cells));
      default ->
          throw new IllegalArgumentException(
              "unknown encoding of a confidence map " + map.getEncodingValue());
    };
  }
}
