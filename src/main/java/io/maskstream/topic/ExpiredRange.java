package io.maskstream.topic;

/**
 * Records of the frames topic that retention took away before a worker read them: a JSON record of
 * {@code drops} without a key, because nobody knows any more whose frames they were.
 *
 * @param topic the frames topic
 * @param from first offset that was lost
 * @param to last offset that was lost
 */
public record ExpiredRange(
    String topic,
    int partition,
    long from,
    long to,
    DropRecord.Stage stage,
    DropRecord.Reason reason) {

  public ExpiredRange {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException(
          "a range of offsets must be 0 <= from <= to, is %d to %d".formatted(from, to));
    }
  }

  /** Records that were lost in front of a worker. */
  public static ExpiredRange of(String topic, int partition, long from, long to) {
    return new ExpiredRange(
        topic, partition, from, to, DropRecord.Stage.SEGMENT, DropRecord.Reason.EXPIRED);
  }

  /** Number of records that were lost. */
  public long count() {
    return to - from + 1;
  }
}
