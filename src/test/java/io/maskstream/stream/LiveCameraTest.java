package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.PrototypeBank;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.SceneSignature;
import io.maskstream.stream.Overload.Demand;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.v1.SegmentedFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class LiveCameraTest {
  private static final Duration MAX_AGE = Duration.ofMillis(500);
  private static final long SECOND = 1_000_000;
  private static final long START = 1_700_000_000 * SECOND;
  private static final CameraMemory MEMORY =
      new CameraMemory(PrototypeBank.cold(2, 2), facts(START));

  private final AtomicLong nanos = new AtomicLong();
  private final LiveCamera camera =
      new LiveCamera(null, new Overload(2, Propagation.Limits.NEVER, MAX_AGE, System::nanoTime));

  private static CameraMemory.FrameFacts facts(long captured) {
    return new CameraMemory.FrameFacts(
        1, captured, 0, 4, 4, "m@1", SceneSignature.of(4, 4, new byte[3 * 4 * 4]));
  }

  /** A frame that is captured at a time and in the topic at another, microseconds. */
  private static FrameRecord frame(long captured, long arrived) {
    FrameId id = new FrameId("a", 1, 0, captured);
    return new FrameRecord(
        new FrameMetadata(id, 4, 4, ContentType.JPEG),
        new byte[0],
        new RecordHeaders(),
        arrived / 1_000,
        captured,
        new FrameRecord.Origin("frames", 0, 0));
  }

  private static Outcome.Segmented segmented(long captured, Optional<ResetReason> reset) {
    return segmented(captured, MEMORY, reset);
  }

  private static Outcome.Segmented segmented(
      long captured, CameraMemory memory, Optional<ResetReason> reset) {
    return segmented(captured, memory, reset, 0);
  }

  private static Outcome.Segmented segmented(
      long captured, CameraMemory memory, Optional<ResetReason> reset, long propagatedMicros) {
    FrameRecord frame = frame(captured, captured);
    return new Outcome.Segmented(
        frame,
        SegmentedFrame.getDefaultInstance(),
        new ClassStats(frame.id(), "m", Map.of(), Map.of(), Map.of(), null, propagatedMicros),
        Optional.empty(),
        Optional.empty(),
        memory,
        reset);
  }

  private boolean storeIsDue(long captured) {
    return camera.storeIsDue(segmented(captured, Optional.empty()), SECOND);
  }

  @Test
  void store_isDueFirst_thenAfterTheInterval_inEitherDirection() {
    assertThat(storeIsDue(START)).isTrue();
    assertThat(storeIsDue(START)).isFalse();
    assertThat(storeIsDue(START + SECOND - 1)).isFalse();
    assertThat(storeIsDue(START + SECOND)).isTrue();
    assertThat(storeIsDue(START + SECOND + 1)).isFalse();
    assertThat(storeIsDue(START)).isTrue(); // the clock was set back
    assertThat(storeIsDue(START + 1)).isFalse();
  }

  @Test
  void store_isDueAfterAReset() {
    assertThat(storeIsDue(START)).isTrue();
    Outcome.Segmented reset = segmented(START + 1, Optional.of(ResetReason.SCENE_CUT));
    assertThat(camera.storeIsDue(reset, SECOND)).isTrue();
    assertThat(storeIsDue(START + SECOND)).isFalse(); // from the reset on
    assertThat(storeIsDue(START + SECOND + 1)).isTrue();
  }

  @Test
  void frame_isPlacedByWhatItTookLongerThanOthers() {
    for (int i = 0; i < ClockOffset.FRAMES; i++) { // half a second behind, always
      long captured = START + i * SECOND;
      FrameRecord placed = camera.place(frame(captured, captured + SECOND / 2));
      assertThat(placed.bornMicros()).isEqualTo(captured + SECOND / 2);
    }
    long captured = START + ClockOffset.FRAMES * SECOND;
    FrameRecord late = camera.place(frame(captured, captured + SECOND / 2 + 200_000));
    assertThat(late.bornMicros()).isEqualTo(captured + SECOND / 2);
    FrameRecord early = camera.place(frame(captured, captured));
    assertThat(early.bornMicros()).isEqualTo(captured); // not in the future
  }

  private static CameraMemory dense(long captured) {
    Luma luma = new Luma(2, 2, new byte[4]);
    return new CameraMemory(
        MEMORY.bank(),
        facts(captured),
        Optional.of(new DenseMemory(2, 1, 1, new byte[] {0, -1}, luma)));
  }

  private Overload overload(Duration interval) {
    Propagation.Limits limits = Propagation.Limits.of(interval, Duration.ofSeconds(1));
    Overload overload = new Overload(2, limits, MAX_AGE, nanos::get);
    overload.served(Duration.ofMillis(50).toNanos(), false);
    return overload;
  }

  private LiveCamera propagating(Duration interval) {
    return new LiveCamera(null, overload(interval));
  }

  private static Optional<Propagation> take(LiveCamera camera) {
    return camera.take(false).orElseThrow().propagation();
  }

  @Test
  void cameraThatWaits_doesWithoutAPass() {
    LiveCamera waiting = propagating(Duration.ZERO);
    waiting.put(frame(START, START));
    nanos.addAndGet(MAX_AGE.toNanos());
    assertThat(waiting.propagatesNext()).isFalse(); // nothing to propagate
    assertThat(take(waiting)).isEmpty();
    waiting.remember(segmented(START, dense(START), Optional.empty()));
    long next = START + SECOND / 5;
    waiting.put(frame(next - SECOND / 10, next));
    assertThat(waiting.propagatesNext()).isFalse();
    nanos.addAndGet(MAX_AGE.toNanos() / 10);
    assertThat(waiting.put(frame(next, next))).isPresent(); // the camera waits on
    nanos.addAndGet(MAX_AGE.toNanos() / 10);
    assertThat(waiting.propagatesNext()).isTrue();
    assertThat(take(waiting))
        .contains(new Propagation(SECOND / 5, Propagation.Cause.OVERLOAD, false));
    waiting.put(frame(next + SECOND / 5, next + SECOND / 5));
    assertThat(waiting.propagatesNext()).isFalse();
  }

  @Test
  void frameWithinTheInterval_doesWithoutAPass() {
    Overload calm = overload(Duration.ofMillis(100));
    IntStream.range(0, 100).forEach(i -> calm.served(Duration.ofMillis(30).toNanos(), false));
    LiveCamera camera = new LiveCamera(null, calm);
    List<Long> passes = new ArrayList<>();
    for (int i = 0; i < 9; i++) { // 25 per second
      long captured = START + i * SECOND / 25;
      camera.put(frame(captured, captured));
      Optional<Propagation> propagation = take(camera);
      if (propagation.isEmpty()) {
        camera.remember(segmented(captured, dense(captured), Optional.empty()));
        passes.add(captured - START);
      } else {
        assertThat(propagation.get().cause()).isEqualTo(Propagation.Cause.INTERVAL);
        assertThat(propagation.get().sincePassMicros()).isEqualTo(i % 3 * SECOND / 25);
      }
    }
    assertThat(passes).containsExactly(0L, 120_000L, 240_000L);
  }

  @Test
  void framesWithinTheInterval_areNoLoad() {
    assertThat(overloadedByThree(Duration.ZERO)).isTrue();
    assertThat(overloadedByThree(Duration.ofMillis(90))).isFalse();
  }

  /** Whether three cameras of 20 frames per second, of 50 ms each on two lanes, are too many. */
  private boolean overloadedByThree(Duration interval) {
    Overload overload = overload(interval);
    List<LiveCamera> cameras =
        Stream.generate(() -> new LiveCamera(null, overload)).limit(3).toList();
    boolean overloaded = false;
    for (int i = 0; i < 200; i++) {
      nanos.addAndGet(Duration.ofMillis(50).toNanos());
      long captured = START + i * SECOND / 20;
      for (LiveCamera camera : cameras) {
        camera.put(frame(captured, captured));
        Optional<Propagation> propagation = take(camera);
        overloaded |=
            propagation.map(Propagation::cause).equals(Optional.of(Propagation.Cause.OVERLOAD));
        if (propagation.isEmpty()) {
          camera.remember(segmented(captured, dense(captured), Optional.empty()));
        }
      }
    }
    return overloaded;
  }

  @Test
  void overload_propagates_alsoWherePassesTakeLongerThanTheInterval() {
    assertThat(propagatedUnderOverload(Duration.ZERO)).isGreaterThan(0.7);
    assertThat(propagatedUnderOverload(Duration.ofMillis(100))).isGreaterThan(0.7);
  }

  /** Share of a camera's turns: 25 frames per second beside 75 others, 240 ms for a pass. */
  private double propagatedUnderOverload(Duration interval) {
    Overload overload = overload(interval);
    LiveCamera camera = new LiveCamera(null, overload);
    int turns = 0;
    int propagated = 0;
    int busy = 0; // frames that still come while the camera's turn goes on
    for (int i = 0; i < 1_000; i++) {
      nanos.addAndGet(Duration.ofMillis(40).toNanos());
      for (int other = 0; other < 3; other++) {
        overload.arrived(Demand.MASK);
      }
      long captured = START + i * SECOND / 25;
      camera.put(frame(captured, captured));
      if (busy > 0) {
        busy--;
        continue;
      }
      boolean passes = take(camera).isEmpty();
      turns++;
      propagated += passes ? 0 : 1;
      busy = passes ? 6 : 1;
      if (passes) {
        overload.served(Duration.ofMillis(240).toNanos(), false);
        camera.remember(segmented(captured, dense(captured), Optional.empty()));
      }
    }
    return (double) propagated / turns;
  }

  /** A camera of 25 frames per second whose passes take 50 ms, with its first pass done. */
  private LiveCamera fast() {
    return fast(overload(Duration.ZERO));
  }

  private LiveCamera fast(Overload overload) {
    LiveCamera camera = new LiveCamera(null, overload);
    camera.put(frame(START, START));
    assertThat(take(camera)).isEmpty();
    camera.remember(segmented(START, dense(START), Optional.empty()));
    return camera;
  }

  private static long time(int frame) {
    return START + frame * SECOND / 25;
  }

  private static LiveCamera.Turn turn(LiveCamera camera, int frame, boolean brief) {
    camera.put(frame(time(frame), time(frame)));
    assertThat(camera.propagatesNext()).isFalse();
    return camera.take(brief).orElseThrow();
  }

  private static Propagation atRate(int framesSincePass, boolean pass) {
    return new Propagation(framesSincePass * SECOND / 25, Propagation.Cause.RATE, pass);
  }

  @Test
  void fastCamera_isPropagatedAtOnce_andItsPassesRefreshTheMemory() {
    LiveCamera camera = fast();
    LiveCamera.Turn passing = turn(camera, 1, false);
    assertThat(passing.propagation()).contains(atRate(1, true));
    camera.remember(segmented(time(1), dense(time(1)), Optional.empty(), 40_000));
    LiveCamera.Turn beside = turn(camera, 2, true);
    assertThat(beside.propagation()).contains(atRate(2, false));
    assertThat(beside.memory())
        .isNotNull()
        .returns(time(1), memory -> memory.last().captureMicros());
    CameraMemory fresh = dense(time(1));
    camera.refresh(passing.frame(), Optional.of(fresh)); // while the other turn goes on
    camera.remember(segmented(time(2), dense(time(2)), Optional.empty(), 80_000));
    LiveCamera.Turn next = turn(camera, 3, true);
    assertThat(next.propagation()).contains(atRate(2, false));
    assertThat(next.memory()).isSameAs(fresh);
  }

  @Test
  void passBesideMasks_hasTheMotionSinceItsFrame() {
    LiveCamera camera = fast();
    turn(camera, 1, false);
    camera.remember(segmented(time(1), dense(time(1)), Optional.empty(), 40_000));
    camera.passBegins();
    assertThat(camera.memory())
        .isNotNull()
        .returns(
            Optional.of(time(1)), memory -> memory.motion().map(CameraMemory.Motion::sinceMicros));
  }

  @Test
  void gapBetweenFrames_isLongerOnlyWherePassesAre() {
    Overload slow = overload(Duration.ZERO);
    IntStream.range(0, 100).forEach(i -> slow.served(Duration.ofMillis(450).toNanos(), false));
    assertThat(propagatesAfter(fast(), 500_000)).isTrue();
    assertThat(propagatesAfter(fast(), 500_001)).isFalse();
    assertThat(propagatesAfter(fast(slow), 890_000)).isTrue();
    assertThat(propagatesAfter(fast(slow), 910_000)).isFalse();
  }

  /** Whether a camera's first frame after a pause can do without a pass. */
  private boolean propagatesAfter(LiveCamera camera, long pauseMicros) {
    turn(camera, 1, false);
    long last = time(1);
    camera.remember(segmented(last, dense(last), Optional.empty()));
    camera.put(frame(last + pauseMicros, last + pauseMicros));
    nanos.addAndGet(MAX_AGE.toNanos()); // it waits
    return camera.canPropagate();
  }

  @Test
  void cameraWhosePassesAreInTime_waitsForThem() {
    LiveCamera camera = fast();
    camera.put(frame(START + 60_000, START + 60_000));
    assertThat(camera.canPropagate()).isFalse();
    assertThat(camera.take(true)).isEmpty();
    assertThat(take(camera)).isEmpty();
  }

  @Test
  void frameThatCannotBePropagated_waitsForItsPass() {
    LiveCamera camera = fast();
    FrameRecord frame = turn(camera, 1, true).frame();
    assertThat(camera.putBack(frame)).isTrue();
    assertThat(camera.canPropagate()).isFalse();
    assertThat(camera.take(true)).isEmpty();
    LiveCamera.Turn pass = camera.take(false).orElseThrow();
    assertThat(pass.frame()).isEqualTo(frame);
    assertThat(pass.propagation()).isEmpty();
    camera.remember(segmented(time(1), dense(time(1)), Optional.empty()));
    FrameRecord older = turn(camera, 2, true).frame();
    camera.put(frame(time(3), time(3)));
    assertThat(camera.putBack(older)).isFalse(); // there is a newer one
  }

  @Test
  void passThatFailsBesideItsMasks_isFollowedByOneThatSaysSo() {
    LiveCamera camera = fast();
    camera.refresh(turn(camera, 1, false).frame(), Optional.empty());
    assertThat(turn(camera, 2, false).propagation()).isEmpty();
  }

  @Test
  void resetRequest_isNotPropagatedAway() {
    LiveCamera camera = fast();
    camera.requestReset();
    assertThat(turn(camera, 1, false).propagation()).isEmpty();
  }

  @Test
  void resetRequest_thatIsReadAgainBeforeItIsSettled_isDoneOnce() {
    camera.requestReset();
    assertThat(camera.requestedReset()).contains(ResetReason.OPERATOR);
    camera.remember(segmented(START, Optional.of(ResetReason.OPERATOR)));
    camera.requestReset();
    assertThat(camera.requestedReset()).isEmpty();
    camera.resetIsSettled();
    camera.requestReset();
    assertThat(camera.requestedReset()).contains(ResetReason.OPERATOR);
  }
}
