package io.maskstream.topic;

import java.util.Arrays;

/** How a frame's picture is encoded. */
public enum ContentType {
  JPEG("image/jpeg"),
  PNG("image/png"),
  /** Three bytes a pixel, blue first, rows from the top. */
  BGR24("video/x-raw;format=BGR"),
  /** Planes of luma and of halved blue and red difference, sides even. */
  I420("video/x-raw;format=I420");

  private final String mime;

  ContentType(String mime) {
    this.mime = mime;
  }

  /** As in the header. */
  public String mime() {
    return mime;
  }

  /** From the header's text. */
  public static ContentType of(String mime) {
    return Arrays.stream(values())
        .filter(type -> type.mime.equals(mime))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "header content-type must be one of %s, is '%s'"
                        .formatted(
                            Arrays.stream(values()).map(ContentType::mime).toList(),
                            FrameMetadata.printable(mime))));
  }
}
