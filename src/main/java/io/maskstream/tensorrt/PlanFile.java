package io.maskstream.tensorrt;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;

/**
 * A plan on disk: magic word, key, checksum, TensorRT's bytes. TensorRT itself may crash on a plan
 * that is damaged or from elsewhere, so nothing is handed to it before all of this was checked.
 */
final class PlanFile {
  private static final int MAGIC = 0x4D535031; // MSP1
  private static final int HASH_BYTES = 32;

  private PlanFile() {}

  /** A plan that must not be run, and why. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(Path file, String reason) {
      super("the plan " + file + " is refused: " + reason);
    }
  }

  /** Writes beside the file and moves into place, so that readers see a whole plan or none. */
  static void write(Path file, PlanKey key, byte[] plan) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeUTF(key.text());
      out.write(PlanKey.sha256().digest(plan));
      out.writeInt(plan.length);
      out.write(plan);
    }
    replace(file, bytes.toByteArray());
  }

  /** Replaces a file that other processes may read and replace at the same time. */
  static void replace(Path file, byte[] content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path whole = Files.createTempFile(folder, "plan", ".part");
    Files.write(whole, content);
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** TensorRT's bytes, where the plan is whole and fits the key. */
  static byte[] read(Path file, PlanKey key) throws IOException {
    String text;
    byte[] hash;
    byte[] plan;
    try (InputStream stream = Files.newInputStream(file);
        DataInputStream in = new DataInputStream(stream)) {
      if (in.readInt() != MAGIC) {
        throw new RefusedException(file, "it was not made by this program");
      }
      text = in.readUTF();
      hash = in.readNBytes(HASH_BYTES);
      int length = in.readInt();
      plan = in.readNBytes(Math.max(0, length));
      if (plan.length != length) {
        throw new RefusedException(file, "it is cut off");
      }
    } catch (java.io.EOFException | java.io.UTFDataFormatException e) {
      throw new RefusedException(file, "it is cut off or damaged");
    }
    List<String> differences = key.differences(text);
    if (!differences.isEmpty()) {
      throw new RefusedException(file, String.join("; ", differences));
    }
    if (!Arrays.equals(hash, PlanKey.sha256().digest(plan))) {
      throw new RefusedException(file, "its checksum is wrong");
    }
    return plan;
  }
}
