package io.maskstream.tensorrt;

/**
 * Batch sizes that a plan serves.
 *
 * @param least smallest batch
 * @param best batch that kernels are chosen for
 * @param most largest batch
 */
public record BatchProfile(int least, int best, int most) {
  public BatchProfile {
    if (least < 1 || best < least || most < best) {
      throw new IllegalArgumentException(
          "a batch profile must be 1 ≤ least ≤ best ≤ most, is %d, %d, %d"
              .formatted(least, best, most));
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

  @Override
  public String toString() {
    return least + "," + best + "," + most;
  }
}
