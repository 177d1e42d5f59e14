package io.maskstream.viewer;

import io.maskstream.topic.Json;
import io.maskstream.topic.MaskPng;
import java.util.function.Supplier;

/** A mask in the forms of other programs, each made when it is first asked for, and once. */
final class MaskExports {
  private final Supplier<byte[]> png;
  private final Supplier<byte[]> rle;
  private final Supplier<byte[]> polygons;

  MaskExports(MaskedFrame frame) {
    png = new Once<>(() -> MaskPng.encode(frame.mask(), frame.table()));
    rle = new Once<>(() -> Json.write(MaskDocument.ofRuns(frame)));
    polygons = new Once<>(() -> Json.write(MaskDocument.ofPolygons(frame)));
  }

  /** A PNG with the classes' colors as its palette. */
  byte[] png() {
    return png.get();
  }

  /** JSON with COCO's run lengths of each class. */
  byte[] rle() {
    return rle.get();
  }

  /** JSON with the polygons of each connected region. */
  byte[] polygons() {
    return polygons.get();
  }
}
