package io.maskstream.topic;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds records that retention took away: a jump from the offset that should come next to a later
 * one. The frames topic has neither transactions nor compaction, so its offsets have no other gaps.
 * Used by one thread.
 */
public final class OffsetGaps {
  private final String topic;
  private final Map<Integer, Long> expected = new HashMap<>();

  public OffsetGaps(String topic) {
    this.topic = topic;
  }

  /** The offset that comes next in a partition, as committed by whoever read it before. */
  public void resume(int partition, long next) {
    expected.put(partition, next);
  }

  /** A record was read; what is missing before it, if anything. */
  public Optional<ExpiredRange> read(int partition, long offset) {
    Long next = expected.put(partition, offset + 1);
    return next == null || offset <= next
        ? Optional.empty()
        : Optional.of(ExpiredRange.of(topic, partition, next, offset - 1));
  }
}
