package io.maskstream.metrics;

import io.maskstream.frame.FrameId;
import java.util.Optional;

/** Traces nothing. */
enum NoTraces implements FrameTraces, FrameTraces.Ingest {
  INSTANCE;

  @Override
  public Ingest captured(FrameId id) {
    return this;
  }

  @Override
  public Optional<String> segmented(FrameId id, Optional<String> parent, Steps steps) {
    return Optional.empty();
  }

  @Override
  public void ended(FrameId id, Optional<String> parent, String outcome, long nowMicros) {}

  @Override
  public Optional<String> header() {
    return Optional.empty();
  }

  @Override
  public void published(long nowMicros) {}

  @Override
  public void dropped(String reason, long nowMicros) {}

  @Override
  public void close() {}
}
