package io.maskstream.stream;

import io.maskstream.topic.FrameMetadata;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Operators' requests by camera. The only one is {@value #RESET}: the camera's bank is reset with
 * its next frame. Requests go to every partition, since a camera's frames may be in any.
 */
public final class ControlProcessor extends ContextualProcessor<String, byte[], Void, Void> {
  /** The value of a request. */
  public static final String RESET = "reset";

  private KeyValueStore<String, byte[]> requests;

  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  ControlProcessor() {}

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    super.init(context);
    requests = context.getStateStore(SegmentTopology.REQUESTS);
  }

  @Override
  public void process(Record<String, byte[]> record) {
    if (record.key() == null || record.value() == null) {
      return;
    }
    String request = new String(record.value(), StandardCharsets.UTF_8);
    if (!request.equals(RESET)) {
      throw new PoisonRecordException(
          "a request must be '" + RESET + "', is '" + FrameMetadata.printable(request) + "'");
    }
    requests.put(record.key(), record.value());
  }
}
