package io.maskstream.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a processor can do for a model in 8-bit integers.
 *
 * @param flags of the processor, as Linux names them
 */
record ProcessorFeatures(Set<String> flags) {

  /** Flags of instructions that add products of bytes in 32 bits: x86's VNNI, ARM's dot product. */
  private static final Set<String> DOT_PRODUCTS = Set.of("avx512_vnni", "avx_vnni", "asimddp");

  /** Flag of instructions that add two products of bytes in 16 bits. */
  private static final String PAIRS = "avx2";

  private static final Path LINUX = Path.of("/proc/cpuinfo");

  /** Those of this machine; none where the system does not tell, as Windows. */
  static ProcessorFeatures ofThisMachine() {
    if (Files.isReadable(LINUX)) {
      try {
        return of(Files.readString(LINUX));
      } catch (IOException e) {
        return new ProcessorFeatures(Set.of());
      }
    }
    boolean apple = // every ARM processor of Apple has dot products
        System.getProperty("os.name", "").startsWith("Mac")
            && System.getProperty("os.arch", "").equals("aarch64");
    return new ProcessorFeatures(apple ? Set.of("asimddp") : Set.of());
  }

  /** Those that the text of {@code /proc/cpuinfo} names. */
  static ProcessorFeatures of(String processorInfo) {
    return new ProcessorFeatures(
        processorInfo
            .lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).matches("(flags|features)\\s*:.*"))
            .flatMap(line -> Arrays.stream(line.substring(line.indexOf(':') + 1).split("\\s+")))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Whether integers pay and are exact, for weights of so many bits. */
  boolean addExactly(int weightBits) {
    return flags.stream().anyMatch(DOT_PRODUCTS::contains)
        || (weightBits <= ModelCard.EXACT_WEIGHT_BITS && flags.contains(PAIRS));
  }
}
