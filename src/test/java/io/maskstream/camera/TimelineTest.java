package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private static final double FPS = 25;
  private static final long FRAME = 40_000;
  private static final long HOUR = 3_600_000_000L;
  private static final long UNKNOWN = 0;

  private final Timeline timeline = new Timeline(2, Duration.ofSeconds(30));

  private static Grab.Frame frame(long micros, long duration) {
    return new Grab.Frame(() -> Picture.black(16, 16), new FrameSize(16, 16), micros, duration);
  }

  private long[] play(double fps, long... micros) {
    timeline.begin(fps);
    return LongStream.of(micros).map(time -> timeline.next(frame(time, UNKNOWN))).toArray();
  }

  @Test
  void next_firstFrameLate_beginsAtZero() {
    assertThat(play(FPS, HOUR, HOUR + FRAME, HOUR + 2 * FRAME))
        .containsExactly(0, FRAME, 2 * FRAME);
  }

  @Test
  void next_jumpEitherWay_takesAsLongAsTheFrameBefore() {
    assertThat(play(FPS, 0, FRAME, HOUR, HOUR + FRAME, 0, FRAME))
        .containsExactly(0, FRAME, 2 * FRAME, 3 * FRAME, 4 * FRAME, 5 * FRAME);
  }

  @Test
  void next_timeLapse_keepsItsSpeed() {
    long ten = 10_000_000;
    assertThat(play(FPS, 0, ten, 2 * ten)).containsExactly(0, ten, 2 * ten);
    long minute = 60_000_000;
    long from = timeline.end();
    assertThat(play(1 / 60.0, 0, minute, 2 * minute, 2 * minute + HOUR))
        .containsExactly(from, from + minute, from + 2 * minute, from + 3 * minute);
  }

  @Test
  void end_lastFrame_isShownForItsDuration() {
    play(FPS, 0, FRAME);
    assertThat(timeline.end()).isEqualTo(2 * FRAME);
    assertThat(play(FPS, 0, FRAME)).containsExactly(2 * FRAME, 3 * FRAME);
    timeline.next(frame(2 * FRAME, 3_000_000));
    assertThat(timeline.end()).isEqualTo(4 * FRAME + 3_000_000);
  }

  @Test
  void end_singlePicture_lastsForAFrameOfTheWantedRate() {
    play(FPS, 0);
    assertThat(timeline.end()).isEqualTo(500_000);
    timeline.begin(FPS);
    timeline.next(frame(0, 3_000_000));
    assertThat(timeline.end()).isEqualTo(3_500_000);
  }
}
