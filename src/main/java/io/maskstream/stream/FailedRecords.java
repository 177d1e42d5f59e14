package io.maskstream.stream;

import io.maskstream.stream.FrameRecord.Origin;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts how often a source record has brought a stream thread down, so that no record does it for
 * ever. One for a worker, whose threads come and go. A partition stops at its failing record, so
 * one record per partition is all there is to remember.
 */
final class FailedRecords {

  /** After as many failures a record goes to the dead letters. */
  static final int MAX_FAILURES = 3;

  private record Partition(String topic, int number) {}

  private record Failure(long offset, int count, String message) {}

  private final Map<Partition, Failure> failures = new ConcurrentHashMap<>();

  /** Counts a failure; true when the record must not be tried again. */
  boolean add(Origin record, Throwable cause) {
    if (record.offset() < 0) {
      return false; // not while a record was processed
    }
    Failure now =
        failures.merge(
            partition(record),
            new Failure(record.offset(), 1, String.valueOf(cause.getMessage())),
            (old, first) ->
                old.offset() == first.offset()
                    ? new Failure(old.offset(), old.count() + 1, first.message())
                    : first);
    return now.count() >= MAX_FAILURES;
  }

  /** Throws a {@link PoisonRecordException} for a record that has failed too often. */
  void requireAnotherTry(Origin record) {
    Failure failure = failures.get(partition(record));
    if (failure != null && failure.offset() == record.offset() && failure.count() >= MAX_FAILURES) {
      throw new PoisonRecordException(
          "failed %d times, last with: %s".formatted(failure.count(), failure.message()));
    }
  }

  private static Partition partition(Origin record) {
    return new Partition(record.topic(), record.partition());
  }
}
