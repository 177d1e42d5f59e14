package io.maskstream.camera;

import io.maskstream.synthetic.SyntheticStreet;
import java.time.Duration;

/** A synthetic street at a fixed frame rate. */
final class SyntheticSource implements FrameSource {
  private static final double MICROS = 1e6;

  private final SyntheticStreet street;
  private final double fps;
  private final FrameSize size;
  private long frames;

  SyntheticSource(CameraConfig config) {
    this.street = new SyntheticStreet(config.address().seed(), config.width(), config.height());
    this.fps = config.fps();
    this.size = new FrameSize(config.width(), config.height());
  }

  @Override
  public Grab grab() {
    long micros = Math.round(frames++ * MICROS / fps);
    return new Grab.Frame(
        () -> street.at(Duration.ofNanos(micros * 1_000)).picture(),
        size,
        micros,
        Math.round(MICROS / fps));
  }

  @Override
  public boolean live() {
    return false;
  }

  @Override
  public double fps() {
    return fps;
  }

  @Override
  public long damaged() {
    return 0;
  }

  @Override
  public void close() {}
}
