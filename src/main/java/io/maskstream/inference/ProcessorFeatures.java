package io.maskstream.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** What the processor of this machine can do for a model in 8-bit integers. */
final class ProcessorFeatures {

  /** Flags of instructions that add products of bytes in 32 bits: x86's VNNI, ARM's dot product. */
  private static final Set<String> DOT_PRODUCTS = Set.of("avx512_vnni", "avx_vnni", "asimddp");

  private static final Path LINUX = Path.of("/proc/cpuinfo");

  private ProcessorFeatures() {}

  /** Whether integers pay: only where such instructions are known to be there. */
  static boolean hasDotProducts() {
    if (Files.isReadable(LINUX)) {
      try {
        return hasDotProducts(Files.readString(LINUX));
      } catch (IOException e) {
        return false;
      }
    }
    // every ARM processor of Apple has them; Windows does not tell
    return System.getProperty("os.name", "").startsWith("Mac")
        && System.getProperty("os.arch", "").equals("aarch64");
  }

  /** The same from the text of {@code /proc/cpuinfo}. */
  static boolean hasDotProducts(String processorInfo) {
    return processorInfo
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).matches("(flags|features)\\s*:.*"))
        .flatMap(line -> Arrays.stream(line.substring(line.indexOf(':') + 1).trim().split("\\s+")))
        .anyMatch(DOT_PRODUCTS::contains);
  }
}
