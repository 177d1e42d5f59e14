package io.maskstream.tensorrt;

import java.util.ArrayList;
import java.util.List;

/**
 * Batch sizes that a plan serves.
 *
 * @param min smallest batch
 * @param opt batch that kernels are chosen for
 * @param max largest batch
 */
public record BatchProfile(int min, int opt, int max) {
  public BatchProfile {
    if (min < 1 || opt < min || max < opt) {
      throw new IllegalArgumentException(
          "a batch profile must be 1 ≤ min ≤ opt ≤ max, is %d, %d, %d".formatted(min, opt, max));
    }
  }

  /** Reads {@code 1,8,32}. */
  public static BatchProfile of(String text) {
    String[] parts = text.split(",");
    try {
      if (parts.length == 3) {
        return new BatchProfile(
            Integer.parseInt(parts[0].trim()),
            Integer.parseInt(parts[1].trim()),
            Integer.parseInt(parts[2].trim()));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("a batch profile is like 1,8,32, is " + text, e);
    }
    throw new IllegalArgumentException("a batch profile is like 1,8,32, is " + text);
  }

  /** The sizes that passes are recorded for: powers of two, and the smallest and largest batch. */
  static List<Integer> sizes(int min, int max) {
    List<Integer> sizes = new ArrayList<>(List.of(min));
    for (int size = Integer.highestOneBit(min) << 1; size < max; size <<= 1) {
      sizes.add(size);
    }
    if (max > min) {
      sizes.add(max);
    }
    return sizes;
  }

  @Override
  public String toString() {
    return min + "," + opt + "," + max;
  }
}
