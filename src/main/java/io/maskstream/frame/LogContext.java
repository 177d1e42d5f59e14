package io.maskstream.frame;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.MDC;

/** What this thread works on, in the context of every line that it logs until this is closed. */
public final class LogContext implements AutoCloseable {
  private static final String CAMERA = "camera";
  private static final String FRAME = "frame";
  private static final String TRACE = "trace";
  private static final String TOPIC = "topic";
  private static final String PARTITION = "partition";
  private static final String OFFSET = "offset";

  private final List<MDC.MDCCloseable> entries = new ArrayList<>();

  private LogContext() {}

  private LogContext with(String key, String value) {
    entries.add(MDC.putCloseable(key, value));
    return this;
  }

  /** A camera. */
  public static LogContext ofCamera(String camera) {
    return new LogContext().with(CAMERA, camera);
  }

  /** A frame, its camera and its trace. */
  public static LogContext ofFrame(FrameId id) {
    return ofCamera(id.camera()).with(FRAME, id.text()).with(TRACE, id.traceId());
  }

  /** A record's place. */
  public static LogContext ofRecord(String topic, int partition, long offset) {
    return new LogContext()
        .with(TOPIC, topic)
        .with(PARTITION, Integer.toString(partition))
        .with(OFFSET, Long.toString(offset));
  }

  /** The camera of the record, where there is one. */
  public LogContext andCamera(String camera) {
    return with(CAMERA, camera);
  }

  @Override
  public void close() {
    entries.forEach(MDC.MDCCloseable::close);
  }
}
