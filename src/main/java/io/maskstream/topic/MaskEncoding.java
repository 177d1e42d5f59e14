package io.maskstream.topic;

/** How a record holds a mask; all are lossless. */
public enum MaskEncoding {
  /** One Zstandard frame of the class ids. */
  ZSTD,
  /** A PNG whose palette has the classes' colors. */
  PNG,
  /** COCO's compressed run lengths, one text per class that occurs. */
  RLE
}
