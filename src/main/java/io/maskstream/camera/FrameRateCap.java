package io.maskstream.camera;

/** Chooses which frames of a medium to read, so that there are no more than wanted a second. */
final class FrameRateCap {

  /** A frame may come this share of the distance early: clocks of cameras jitter. */
  private static final double TOLERANCE = 0.25;

  private final double distanceMicros;
  private long previousMicros = Long.MIN_VALUE;
  private double dueMicros;

  FrameRateCap(double fps) {
    this.distanceMicros = 1e6 / fps;
  }

  /** Whether the frame at this time of the medium is to be read. */
  boolean admits(long mediaMicros) {
    if (previousMicros == Long.MIN_VALUE || mediaMicros < previousMicros) {
      dueMicros = mediaMicros; // the first frame, or the medium has started again
    }
    previousMicros = mediaMicros;
    if (mediaMicros < dueMicros - TOLERANCE * distanceMicros) {
      return false;
    }
    dueMicros = Math.max(dueMicros + distanceMicros, (double) mediaMicros);
    return true;
  }
}
