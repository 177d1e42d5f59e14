package io.maskstream.onnx;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Memory of processes, mostly of this one, as Linux counts it; elsewhere unknown. */
public final class ProcessMemory {
  private static final String SELF = "self";
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private static final String PEAK = "VmHWM:";

  /** Makes the highest count so far the present one. */
  private static final String RESET_PEAK = "5";

  private static final long KIBIBYTE = 1024;

  /** Parameters of glibc's {@code mallopt}. */
  private static final int TRIM_THRESHOLD = -1;

  private static final int MMAP_THRESHOLD = -3;

  /** Blocks from here on go back to the system when they are freed, so that a peak is exact. */
  private static final int EXACT = 1 << 16;

  /** Blocks below it stay in the process, as glibc decides by itself after a while. */
  private static final int USUAL = 1 << 25;

  private ProcessMemory() {}

  private interface CLibrary extends Library {
    int mallopt(int parameter, int value);
  }

  private static Optional<CLibrary> glibc() {
    if (!Platform.isLinux()) {
      return Optional.empty();
    }
    try {
      CLibrary c = Native.load(Platform.C_LIBRARY_NAME, CLibrary.class);
      var unused =
          NativeLibrary.getInstance(Platform.C_LIBRARY_NAME)
              .getFunction("malloc_trim")
              .invokeInt(new Object[] {0L});
      return Optional.of(c);
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty(); // a C library other than glibc
    }
  }

  /** Blocks go back to the system at once, which costs time; or as they usually do. */
  static void giveBackAtOnce(boolean atOnce) {
    glibc()
        .ifPresent(
            c -> {
              c.mallopt(MMAP_THRESHOLD, atOnce ? EXACT : USUAL);
              c.mallopt(TRIM_THRESHOLD, atOnce ? EXACT : 2 * USUAL);
            });
  }

  /** Bytes in memory, after freed blocks went back to the system. */
  static OptionalLong resident() {
    System.gc();
    return glibc().isPresent() ? status(SELF, "VmRSS:") : OptionalLong.empty();
  }

  /** From now on, {@link #peak} is the most from now on. Returns whether the system could. */
  static boolean resetPeak() {
    try {
      Files.writeString(CLEAR, RESET_PEAK);
      return true;
    } catch (IOException e) {
      return false; // not Linux, or not allowed
    }
  }

  /** The most bytes in memory since the reset. */
  static OptionalLong peak() {
    return status(SELF, PEAK);
  }

  /** The most bytes that a process has had in memory. */
  public static OptionalLong peak(Process process) {
    return status(Long.toString(process.pid()), PEAK);
  }

  /** See proc_pid_status(5). */
  private static OptionalLong status(String process, String key) {
    try {
      return Files.readAllLines(Path.of("/proc", process, "status")).stream()
          .filter(line -> line.startsWith(key))
          .mapToLong(line -> KIBIBYTE * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
