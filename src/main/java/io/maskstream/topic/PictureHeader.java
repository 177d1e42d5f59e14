package io.maskstream.topic;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Width and height as a compressed picture's own header states them, read without decoding, so that
 * a picture's size is known before memory is taken for it.
 */
record PictureHeader(int width, int height) {
  private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int PNG_HEADER_CHUNK = 0x49484452; // IHDR

  private static final int JPEG_START = 0xFFD8;
  private static final int JPEG_SCAN = 0xDA;
  private static final int JPEG_END = 0xD9;

  /** Reads it; an IllegalArgumentException says that the bytes are no such picture. */
  static PictureHeader read(byte[] data, ContentType type) {
    try {
      return switch (type) {
        case JPEG -> jpeg(ByteBuffer.wrap(data));
        case PNG -> png(ByteBuffer.wrap(data));
        default -> throw new IllegalArgumentException(type.mime() + " has no header");
      };
    } catch (BufferUnderflowException e) {
      throw unreadable(type, data.length, e);
    }
  }

  private static IllegalArgumentException unreadable(ContentType type, int size, Exception cause) {
    return new IllegalArgumentException(
        "the value is not a readable %s (%d bytes)".formatted(type.mime(), size), cause);
  }

  private static PictureHeader png(ByteBuffer in) {
    byte[] signature = new byte[PNG_SIGNATURE.length];
    in.get(signature);
    in.getInt(); // length of the chunk
    if (!Arrays.equals(signature, PNG_SIGNATURE) || in.getInt() != PNG_HEADER_CHUNK) {
      throw new BufferUnderflowException();
    }
    return new PictureHeader(in.getInt(), in.getInt());
  }

  /** Walks the segments to the first start of frame. */
  private static PictureHeader jpeg(ByteBuffer in) {
    if (Short.toUnsignedInt(in.getShort()) != JPEG_START) {
      throw new BufferUnderflowException();
    }
    while (true) {
      int marker = nextMarker(in);
      if (marker == JPEG_SCAN || marker == JPEG_END) {
        throw new BufferUnderflowException(); // pixels before a frame header
      }
      if (!hasLength(marker)) {
        continue;
      }
      int length = Short.toUnsignedInt(in.getShort());
      if (isStartOfFrame(marker)) {
        in.get(); // bits per sample
        int height = Short.toUnsignedInt(in.getShort());
        return new PictureHeader(Short.toUnsignedInt(in.getShort()), height);
      }
      skip(in, length - Short.BYTES);
    }
  }

  private static int nextMarker(ByteBuffer in) {
    while (Byte.toUnsignedInt(in.get()) != 0xFF) {
      // fill bytes between segments
    }
    int marker = 0xFF;
    while (marker == 0xFF) {
      marker = Byte.toUnsignedInt(in.get());
    }
    return marker;
  }

  /** Restart markers, TEM and a repeated start stand alone. */
  private static boolean hasLength(int marker) {
    return marker != 0 && marker != 0x01 && !(marker >= 0xD0 && marker <= 0xD8);
  }

  /** SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
  private static boolean isStartOfFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  private static void skip(ByteBuffer in, int bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    in.position(in.position() + bytes);
  }
}
