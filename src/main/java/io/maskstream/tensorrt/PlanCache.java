package io.maskstream.tensorrt;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans by key in a folder. A plan that is missing, damaged or from elsewhere is built again and
 * the reason logged; of several processes that need the same plan, one builds and the others wait
 * for it.
 */
public final class PlanCache {
  private static final Logger log = LoggerFactory.getLogger(PlanCache.class);

  /** Makes plans; the real one starts a process. */
  interface Builder {

    /**
     * TensorRT's bytes.
     *
     * @param device number of the GPU to build on
     * @param timing file of the timing cache, which may not be there yet
     */
    byte[] build(Path onnx, BatchProfile profile, int device, Path timing) throws IOException;
  }

  private static final Object ONE_BUILD = new Object();

  private final Path folder;
  private final Builder builder;

  PlanCache(Path folder, Builder builder) {
    this.folder = folder;
    this.builder = builder;
  }

  /** A cache whose plans are built in processes of their own. */
  public static PlanCache in(Path folder) {
    return new PlanCache(folder, new BuildProcess());
  }

  /** Where the plan of a key is or will be. */
  Path path(PlanKey key) {
    return folder.resolve(key.fileName());
  }

  /**
   * The plan of a key, built where there is none that fits.
   *
   * @param device number of the GPU to build on
   */
  byte[] plan(Path onnx, PlanKey key, int device) throws IOException {
    return locked(onnx, key, device, Optional.empty());
  }

  /** Builds the plan of a key in place of one that TensorRT refused. */
  byte[] rebuild(Path onnx, PlanKey key, int device, byte[] refused) throws IOException {
    return locked(onnx, key, device, Optional.of(refused));
  }

  private byte[] locked(Path onnx, PlanKey key, int device, Optional<byte[]> refused)
      throws IOException {
    synchronized (ONE_BUILD) { // a file lock is the process's and keeps no thread out
      return lockedFile(onnx, key, device, refused);
    }
  }

  private byte[] lockedFile(Path onnx, PlanKey key, int device, Optional<byte[]> refused)
      throws IOException {
    Files.createDirectories(folder);
    Path file = path(key);
    Path lock = folder.resolve(key.fileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      if (!held.isValid()) {
        throw new IOException("cannot lock " + lock);
      }
      if (Files.exists(file)) {
        try {
          byte[] plan = PlanFile.read(file, key);
          if (refused.isEmpty() || !Arrays.equals(plan, refused.get())) {
            return plan;
          }
        } catch (PlanFile.RefusedException e) {
          log.warn("{}; building it again", e.getMessage());
        }
      }
      return build(onnx, key, device, file);
    }
  }

  private byte[] build(Path onnx, PlanKey key, int device, Path file) throws IOException {
    log.info("building the plan of {} for {}, batch {}", onnx, key.target(), key.profile());
    long start = System.nanoTime();
    byte[] plan = builder.build(onnx, key.profile(), device, folder.resolve("timing.cache"));
    PlanFile.write(file, key, plan);
    log.info("built {} in {} s", file, (System.nanoTime() - start) / 1_000_000_000);
    return plan;
  }
}
