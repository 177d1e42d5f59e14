package io.maskstream.tensorrt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What a plan was built from and for. A plan fits where all of it is equal, and nowhere else.
 *
 * @param model SHA-256 of the ONNX file; a file of another precision is another model
 * @param target library and device
 * @param profile batch sizes
 */
record PlanKey(String model, Target target, BatchProfile profile) {

  /**
   * Where a plan runs.
   *
   * @param tensorRt version of the library
   * @param gpu name of the device
   * @param capability compute capability, ten times major plus minor
   */
  record Target(String tensorRt, String gpu, int capability) {}

  static PlanKey of(Path onnx, Target target, BatchProfile profile) throws IOException {
    return new PlanKey(hash(onnx), target, profile);
  }

  private static String hash(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream stream = new DigestInputStream(Files.newInputStream(file), digest)) {
      stream.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The key as lines of text, as a plan's file begins with it. */
  String text() {
    return """
        model %s
        tensorrt %s
        gpu %s
        capability %d
        batch %s
        """
        .formatted(model, target.tensorRt, target.gpu, target.capability, profile);
  }

  /** What differs between this key and one in a file, for people; empty where they are equal. */
  List<String> differences(String other) {
    List<String> own = text().lines().toList();
    List<String> found = other.lines().toList();
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      String there = i < found.size() ? found.get(i) : "nothing";
      if (!own.get(i).equals(there)) {
        differences.add("'%s' here, '%s' in the plan".formatted(own.get(i), there));
      }
    }
    return differences;
  }

  /** File name that no other key has. */
  String fileName() {
    byte[] hash = sha256().digest(text().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 8) + ".plan";
  }
}
