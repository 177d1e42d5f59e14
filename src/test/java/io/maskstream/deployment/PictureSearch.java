package io.maskstream.deployment;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR_RGB;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import io.maskstream.frame.Picture;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Looks for known pictures in any bytes: everything that can be decoded as a JPEG or a PNG, and
 * pieces of the pictures' pixels in the forms in which a program may keep them.
 */
final class PictureSearch {
  private static final int PIECE = 24;
  private static final byte[] JPEG = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF};
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};
  private static final int SMALLEST = 16;
  private static final int HASHES = 1 << 20;

  /** Pieces by their first eight bytes. */
  private final Map<Long, List<Piece>> pieces = new HashMap<>();

  /** Whether there may be a piece, by the hash of its first eight bytes. */
  private final BitSet hashes = new BitSet(HASHES);

  private record Piece(String name, byte[] bytes) {}

  /** Looks for a picture from now on. */
  void add(String name, Picture picture, int quality) {
    for (ContentType type : ContentType.values()) {
      byte[] encoded = PictureCodec.encode(picture, type, quality);
      boolean packed = type == ContentType.JPEG || type == ContentType.PNG;
      addPiece(name + " as " + type, encoded, packed ? encoded.length / 2 : liveliest(encoded));
    }
    addPiece(name + " as RGB", picture.rgb(), liveliest(picture.rgb()));
  }

  private void addPiece(String name, byte[] bytes, int at) {
    byte[] piece = Arrays.copyOfRange(bytes, at, at + PIECE);
    long eight = ByteBuffer.wrap(piece).getLong();
    hashes.set(hash(eight));
    pieces.computeIfAbsent(eight, key -> new ArrayList<>()).add(new Piece(name, piece));
  }

  private static int hash(long eight) {
    return (int) ((eight * 0x9E3779B97F4A7C15L) >>> 44);
  }

  /** Where most happens, so that the piece is nowhere else by chance. */
  private static int liveliest(byte[] bytes) {
    int best = 0;
    long most = -1;
    for (int at = 0; at + PIECE <= bytes.length; at += 3) {
      long change = 0;
      for (int i = at + 3; i < at + PIECE; i++) {
        change += Math.abs((bytes[i] & 0xFF) - (bytes[i - 3] & 0xFF));
      }
      if (change > most) {
        most = change;
        best = at;
      }
    }
    return best;
  }

  /** Names of pictures of which a piece lies in some bytes. */
  List<String> pixels(byte[] bytes) {
    List<String> found = new ArrayList<>();
    long eight = 0;
    for (int i = 0; i < bytes.length; i++) {
      eight = (eight << 8) | (bytes[i] & 0xFF);
      int start = i - Long.BYTES + 1;
      boolean possible = start >= 0 && hashes.get(hash(eight));
      for (Piece piece : possible ? pieces.getOrDefault(eight, List.of()) : List.<Piece>of()) {
        int end = start + PIECE;
        if (end <= bytes.length && Arrays.equals(bytes, start, end, piece.bytes, 0, PIECE)) {
          found.add(piece.name);
        }
      }
    }
    return found;
  }

  /** Every picture that begins anywhere in some bytes. */
  static List<Picture> pictures(byte[] bytes) {
    List<Picture> found = new ArrayList<>();
    for (int at = 0; at < bytes.length; at++) {
      if (begins(bytes, at, JPEG) || begins(bytes, at, PNG)) {
        decode(Arrays.copyOfRange(bytes, at, bytes.length)).ifPresent(found::add);
      }
    }
    return found;
  }

  private static boolean begins(byte[] bytes, int at, byte[] signature) {
    int end = at + signature.length;
    return end <= bytes.length && Arrays.equals(bytes, at, end, signature, 0, signature.length);
  }

  private static Optional<Picture> decode(byte[] bytes) {
    try (Mat encoded = new Mat(1, bytes.length, CV_8UC1)) {
      encoded.data().put(bytes);
      try (Mat rgb = imdecode(encoded, IMREAD_COLOR_RGB)) {
        if (rgb.empty() || rgb.cols() < SMALLEST || rgb.rows() < SMALLEST) {
          return Optional.empty();
        }
        byte[] pixels = new byte[3 * rgb.cols() * rgb.rows()];
        rgb.data().get(pixels);
        return Optional.of(new Picture(rgb.cols(), rgb.rows(), pixels));
      }
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }
}
