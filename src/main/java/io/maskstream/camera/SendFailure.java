package io.maskstream.camera;

import io.maskstream.topic.DropRecord.Reason;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Failures of a producer as reasons of drop records. */
final class SendFailure {

  private SendFailure() {}

  static Reason reason(Exception failure) {
    if (failure instanceof RecordTooLargeException) {
      return Reason.TOO_LARGE;
    }
    if (failure instanceof AuthorizationException || failure instanceof AuthenticationException) {
      return Reason.NOT_AUTHORIZED;
    }
    if (failure instanceof InterruptException) {
      return Reason.SHUTDOWN;
    }
    if (failure instanceof InvalidTimestampException) {
      return Reason.CLOCK;
    }
    if (failure instanceof UnknownTopicOrPartitionException
        || failure instanceof InvalidTopicException) {
      return Reason.NO_SUCH_PARTITION;
    }
    return failure instanceof TimeoutException ? Reason.TIMEOUT : Reason.BROKER_ERROR;
  }
}
