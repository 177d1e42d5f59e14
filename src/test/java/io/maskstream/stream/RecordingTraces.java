package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.metrics.FrameTraces;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps what a worker reports of frames; the header of what is made from a frame is its identity.
 */
final class RecordingTraces implements FrameTraces {
  private final List<Segmented> segmented = new CopyOnWriteArrayList<>();
  private final List<Ended> ended = new CopyOnWriteArrayList<>();

  record Segmented(String frame, Optional<String> parent, Steps steps) {}

  record Ended(String frame, Optional<String> parent, String outcome, long micros) {}

  List<Segmented> segmented() {
    return segmented;
  }

  List<Ended> ended() {
    return ended;
  }

  @Override
  public Ingest captured(FrameId id) {
    return FrameTraces.none().captured(id);
  }

  @Override
  public Optional<String> segmented(FrameId id, Optional<String> parent, Steps steps) {
    segmented.add(new Segmented(id.text(), parent, steps));
    return Optional.of(id.text());
  }

  @Override
  public void ended(FrameId id, Optional<String> parent, String outcome, long nowMicros) {
    ended.add(new Ended(id.text(), parent, outcome, nowMicros));
  }

  @Override
  public void close() {}
}
