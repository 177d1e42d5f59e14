package io.maskstream.app.replay;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Mask;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * SHA-256 by camera over every frame's identity and mask: two replays have the same exactly where
 * they segmented the same frames to the same bytes.
 */
final class MaskDigests {
  private final Map<String, MessageDigest> digests = new TreeMap<>();

  /** Adds a frame: its text, capture time, width and height of the mask, and its labels. */
  void add(FrameId frame, Mask mask) {
    MessageDigest digest = digests.computeIfAbsent(frame.camera(), id -> sha256());
    digest.update(frame.text().getBytes(StandardCharsets.UTF_8));
    digest.update(
        ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES)
            .putLong(frame.captureMicros())
            .putInt(mask.width())
            .putInt(mask.height())
            .array());
    digest.update(mask.labels());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Hexadecimal digits by camera; nothing can be added afterwards. */
  Map<String, String> finish() {
    Map<String, String> result = new TreeMap<>();
    digests.forEach(
        (camera, digest) -> result.put(camera, HexFormat.of().formatHex(digest.digest())));
    return result;
  }
}
