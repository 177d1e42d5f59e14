package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LivePlayoutTest {
  private static final double FPS = 25;
  private static final long FRAME = 40_000;
  private static final long SECOND = 1_000_000;

  private final LivePlayout playout = new LivePlayout(FPS, FPS);
  private long nowMicros;

  /** When a frame is due that comes after the one before was, and not before some time. */
  private long due(long mediaMicros, long availableMicros) {
    nowMicros = Math.max(nowMicros, availableMicros);
    Grab.Frame frame =
        new Grab.Frame(() -> Picture.black(16, 16), new FrameSize(16, 16), mediaMicros, FRAME);
    nowMicros =
        TimeUnit.NANOSECONDS.toMicros(playout.due(frame, TimeUnit.MICROSECONDS.toNanos(nowMicros)));
    return nowMicros;
  }

  /** Due times of frames that are all there at some time. */
  private List<Long> play(long fromMicros, long toMicros, long availableMicros) {
    List<Long> due = new ArrayList<>();
    for (long media = fromMicros; media < toMicros; media += FRAME) {
      due.add(due(media, availableMicros));
    }
    return due;
  }

  @Test
  void segmentsThatComeAtOnce_arePlayedAtTheirSpeed() {
    assertThat(play(0, 2 * SECOND, 0)).startsWith(0L, FRAME, 2 * FRAME).endsWith(49 * FRAME);
    assertThat(play(2 * SECOND, 4 * SECOND, SECOND)).startsWith(50 * FRAME).endsWith(99 * FRAME);
  }

  @Test
  void lateFrame_delaysThoseThatFollow() {
    play(0, SECOND, 0);
    assertThat(play(SECOND, 2 * SECOND, 3 * SECOND))
        .startsWith(3 * SECOND, 3 * SECOND + FRAME)
        .endsWith(4 * SECOND - FRAME);
  }

  @Test
  void jumpEitherWay_takesAFrame() {
    play(0, SECOND, 0);
    assertThat(due(8 * SECOND, 0)).isEqualTo(SECOND);
    assertThat(due(8 * SECOND + FRAME, 0)).isEqualTo(SECOND + FRAME);
    assertThat(due(0, 0)).isEqualTo(SECOND + 2 * FRAME);
    assertThat(playout.positionMicros()).isEqualTo(SECOND + 2 * FRAME);
  }

  /** An outage of the network: the encoder went on, and its playlist has all of it. */
  @Test
  void longDelay_isMadeUpForWithoutABurst() {
    long outage = LivePlayout.MAX_DELAY.plusSeconds(2).toNanos() / 1_000;
    play(0, SECOND, 0);
    List<Long> due = play(SECOND, 120 * SECOND, SECOND + outage);
    assertThat(due.get(1) - due.get(0)).isEqualTo(FRAME * 8 / 10);
    assertThat(due.get(due.size() - 1)).isEqualTo(120 * SECOND - FRAME);
    for (int i = 1; i < due.size(); i++) {
      assertThat(due.get(i) - due.get(i - 1)).isBetween(FRAME * 8 / 10, FRAME);
    }
  }

  /**
   * Frames of 25 per second by their times, of which 20 come: there is nothing to catch up with.
   */
  @Test
  void streamSlowerThanItsTimes_isNotPlayedFasterForEver() {
    long media = 0;
    int hurried = 0;
    for (int segment = 0; segment < 100; segment++) {
      List<Long> due = play(media, media + 2 * SECOND, segment * 2_500_000L);
      media += 2 * SECOND;
      hurried += due.get(due.size() - 1) - due.get(0) < 49 * FRAME ? 1 : 0;
    }
    assertThat(hurried).isBetween(1, 10);
    assertThat(nowMicros).isLessThan(252 * SECOND);
  }

  @Test
  void slowStream_keepsItsDistances() {
    LivePlayout slow = new LivePlayout(FPS, 0.2);
    long ten = Duration.ofSeconds(10).toNanos();
    for (int i = 0; i < 3; i++) {
      Grab.Frame frame =
          new Grab.Frame(
              () -> Picture.black(16, 16), new FrameSize(16, 16), 10L * i * SECOND, FRAME);
      assertThat(slow.due(frame, 0)).isEqualTo(i * ten);
    }
  }
}
