package io.maskstream.camera;

import io.maskstream.frame.Picture;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A camera that gives one JPEG per HTTP request. It is asked at the camera's frame rate, and not
 * before it has answered. A picture that has not changed is skipped, unless the last frame is so
 * long ago that the camera might be taken for a silent one.
 */
final class SnapshotSource implements FrameSource {
  private static final double NANOS = 1e9;

  /** Time after which an unchanged picture is a frame: much less than that of silent cameras. */
  private static final Duration UNCHANGED = Duration.ofSeconds(2);

  private final Request request;
  private final long periodNanos;
  private final long openedNanos = System.nanoTime();
  private long dueNanos;
  private @Nullable FrameSource answer;
  private boolean answered;
  private byte[] last = {};
  private long passedNanos;
  private long damagedBefore;

  /** Asks the camera for its picture. */
  interface Request {
    FrameSource send() throws CameraException;
  }

  /**
   * A source of pictures.
   *
   * @param first the answer to the first request
   * @param fps highest number of requests per second
   */
  SnapshotSource(FrameSource first, Request request, double fps) {
    this.answer = first;
    this.request = request;
    this.periodNanos = (long) (NANOS / fps);
    this.dueNanos = openedNanos + periodNanos;
  }

  @Override
  public Grab grab() {
    long now = System.nanoTime();
    if (answer == null) {
      if (now < dueNanos) {
        return new Grab.Later(Duration.ofNanos(dueNanos - now));
      }
      dueNanos = Math.max(dueNanos + periodNanos, now);
      try {
        answer = request.send();
        answered = false;
      } catch (CameraException e) {
        return new Grab.Failed(e);
      }
    }
    Grab grab = answer.grab();
    if (!(grab instanceof Grab.Frame frame)) {
      close();
      return answered ? new Grab.Later(Duration.ZERO) : grab;
    }
    answered = true;
    Picture picture = frame.picture().get();
    boolean recent = System.nanoTime() - passedNanos < UNCHANGED.toNanos();
    if (recent && Arrays.equals(picture.rgb(), last)) {
      return new Grab.Later(Duration.ZERO);
    }
    last = picture.rgb();
    passedNanos = System.nanoTime();
    return new Grab.Frame(() -> picture, frame.size(), micros(), 0);
  }

  private long micros() {
    return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - openedNanos);
  }

  @Override
  public boolean live() {
    return true;
  }

  @Override
  public double fps() {
    return NANOS / periodNanos;
  }

  @Override
  public long damaged() {
    return damagedBefore + (answer == null ? 0 : answer.damaged());
  }

  @Override
  public void close() {
    if (answer != null) {
      damagedBefore += answer.damaged();
      answer.close();
      answer = null;
    }
  }
}
