package io.maskstream.stream;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Operators' requests by camera. The only one is {@value #RESET}: the camera's bank starts anew
 * with its next frame. Requests go to every partition, since a camera's frames may be in any.
 */
public final class ControlProcessor implements Processor<String, byte[], Void, Void> {
  /** The value of a request. */
  public static final String RESET = "reset";

  private @Nullable KeyValueStore<String, byte[]> requests;

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    requests = context.getStateStore(SegmentTopology.REQUESTS);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    if (record.key() == null || record.value() == null || requests == null) {
      return;
    }
    String request = new String(record.value(), StandardCharsets.UTF_8);
    if (!request.equals(RESET)) {
      IllegalArgumentException cause =
          new IllegalArgumentException("a request must be '" + RESET + "', is '" + request + "'");
      throw new PoisonRecordException(String.valueOf(cause.getMessage()), cause);
    }
    requests.put(record.key(), record.value());
  }
}
