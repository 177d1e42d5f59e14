package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DispatcherTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Arrivals arrivals = Arrivals.tracked();
  private final List<String> served = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore permits = new Semaphore(0);
  private Dispatcher dispatcher = new Dispatcher(1, arrivals);

  @AfterEach
  void tearDown() {
    permits.release(1_000);
    dispatcher.close();
  }

  private Dispatcher.Camera camera(String id) {
    return register(
        () -> {
          permits.acquireUninterruptibly();
          served.add(id);
          return false;
        },
        () -> false);
  }

  /** Turns with or without a pass, by what each says of itself. */
  private Dispatcher.Camera register(BooleanSupplier turn, BooleanSupplier isBriefNext) {
    return dispatcher.register(new Turns(isBriefNext, isBriefNext, turn));
  }

  /** Work whose turns end as they say: brief or not. */
  private record Turns(
      BooleanSupplier isNext, BooleanSupplier canBe, Function<Dispatcher.Turn, Dispatcher.End> turn)
      implements Dispatcher.Work {

    Turns(BooleanSupplier isNext, BooleanSupplier canBe, BooleanSupplier turn) {
      this(isNext, canBe, lane -> turn.getAsBoolean() ? Dispatcher.End.BRIEF : Dispatcher.End.FULL);
    }

    @Override
    public boolean isBriefNext() {
      return isNext.getAsBoolean();
    }

    @Override
    public boolean canBeBrief() {
      return canBe.getAsBoolean();
    }

    @Override
    public Dispatcher.End run(Dispatcher.Turn lane) {
      return turn.apply(lane);
    }
  }

  /** A camera has all lanes but the brief one until it is allowed to go on. */
  private void takeTheLane() {
    int others = dispatcher.waiting();
    camera("first").ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == others + 1);
  }

  /** A camera has the brief lane, beside the one that has the others. */
  private void takeTheBriefLane(CountDownLatch end) {
    register(
            () -> {
              awaitAll(end);
              return true;
            },
            () -> true)
        .ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 2);
  }

  private static void awaitSoon(Callable<Boolean> condition) {
    await().pollInterval(Duration.ofMillis(1)).atMost(TIMEOUT).until(condition);
  }

  private void allow(int turns) {
    int before = served.size();
    permits.release(turns);
    await().atMost(TIMEOUT).until(() -> served.size() == before + turns);
  }

  @Test
  void leastRecentlyServedCamera_comesFirst_whateverTheOrderOfItsFrames() {
    Dispatcher.Camera first = camera("first");
    Dispatcher.Camera fast = camera("fast");
    Dispatcher.Camera slow = camera("slow");
    first.ready(); // takes the lane
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1);
    fast.ready();
    slow.ready();
    allow(3);
    assertThat(served).containsExactly("first", "fast", "slow");
    fast.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1); // in the lane
    slow.ready();
    first.ready();
    allow(3);
    assertThat(served).containsExactly("first", "fast", "slow", "fast", "first", "slow");
  }

  @Test
  void briefTurns_comeFirst_andCountAsNone() {
    CountDownLatch end = new CountDownLatch(1);
    AtomicBoolean brief = new AtomicBoolean();
    takeTheLane();
    takeTheBriefLane(end);
    Dispatcher.Camera second = camera("second");
    Dispatcher.Camera quick =
        register(
            () -> {
              permits.acquireUninterruptibly();
              served.add("quick");
              return brief.get();
            },
            brief::get);
    second.ready();
    quick.ready();
    brief.set(true); // while it waits: now it goes before the second
    allow(3);
    assertThat(served).containsExactly("first", "quick", "second");
    brief.set(false);
    takeTheLane();
    second.ready();
    quick.ready(); // has had no turn that counts
    allow(3);
    end.countDown();
    assertThat(served).containsExactly("first", "quick", "second", "first", "quick", "second");
  }

  @Test
  void briefTurns_holdUpNoOtherForLong() {
    CountDownLatch end = new CountDownLatch(1);
    takeTheLane();
    takeTheBriefLane(end);
    AtomicReference<Dispatcher.Camera> again = new AtomicReference<>();
    again.set(
        register(
            () -> {
              permits.acquireUninterruptibly();
              served.add("quick");
              again.get().ready();
              return true;
            },
            () -> true));
    again.get().ready();
    camera("other").ready();
    int brief = Dispatcher.MOST_BRIEF;
    allow(2 * brief + 2);
    end.countDown();
    assertThat(served.get(0)).isEqualTo("first");
    assertThat(served.subList(1, brief + 1)).containsOnly("quick");
    assertThat(served.get(brief + 1)).isEqualTo("other");
    assertThat(served.subList(brief + 2, 2 * brief + 2)).containsOnly("quick");
  }

  @Test
  void briefTurns_doNotWaitForPasses() {
    AtomicBoolean brief = new AtomicBoolean();
    CountDownLatch quick = new CountDownLatch(1);
    takeTheLane();
    register(
            () -> {
              quick.countDown();
              return true;
            },
            brief::get)
        .ready();
    await().during(Duration.ofMillis(50)).atMost(TIMEOUT).until(() -> quick.getCount() == 1);
    brief.set(true); // nobody says so
    await().atMost(TIMEOUT).until(() -> quick.getCount() == 0);
    assertThat(served).isEmpty();
  }

  @Test
  void turnThatCanBeBrief_isSoOnlyWhereNoLaneIsFree() {
    List<Boolean> brief = Collections.synchronizedList(new ArrayList<>());
    Dispatcher.Camera either =
        dispatcher.register(
            new Turns(
                () -> false,
                () -> true,
                lane -> {
                  brief.add(lane.mustBeBrief());
                  return Dispatcher.End.FULL;
                }));
    for (int i = 0; i < 100; i++) {
      either.ready();
      int turns = i + 1;
      awaitSoon(() -> dispatcher.finished() == turns);
    }
    assertThat(brief).containsOnly(false);
    takeTheLane();
    either.ready();
    await().atMost(TIMEOUT).until(() -> brief.size() == 101);
    assertThat(brief.get(100)).isTrue();
  }

  @Test
  void openTurn_letsBriefTurnsOfItsCameraRunBesideIt_andNoOthers() {
    dispatcher.close();
    dispatcher = new Dispatcher(3, arrivals);
    AtomicBoolean canBeBrief = new AtomicBoolean(true);
    CountDownLatch open = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Dispatcher.Camera camera =
        dispatcher.register(
            new Turns(
                () -> false,
                canBeBrief::get,
                lane -> {
                  served.add(lane.mustBeBrief() ? "brief" : "full");
                  if (lane.mustBeBrief()) {
                    return Dispatcher.End.BRIEF;
                  }
                  awaitAll(open);
                  lane.open();
                  awaitAll(end);
                  return Dispatcher.End.FULL;
                }));
    camera.ready();
    await().atMost(TIMEOUT).until(() -> served.size() == 1);
    camera.ready(); // before the turn is open
    open.countDown();
    awaitSoon(() -> dispatcher.finished() == 1);
    for (int turns = 2; turns < 100; turns++) {
      camera.ready();
      int brief = turns;
      awaitSoon(() -> dispatcher.finished() == brief);
    }
    assertThat(served.subList(1, 100)).containsOnly("brief");
    canBeBrief.set(false);
    camera.ready(); // waits for the open turn
    await().during(Duration.ofMillis(50)).atMost(TIMEOUT).until(() -> served.size() == 100);
    end.countDown();
    await().atMost(TIMEOUT).until(() -> served.size() == 101);
    assertThat(served.get(100)).isEqualTo("full");
  }

  @Test
  void frameThatIsPutBack_hasAFullTurn() {
    AtomicBoolean canBeBrief = new AtomicBoolean(true);
    takeTheLane();
    dispatcher
        .register(
            new Turns(
                () -> false,
                canBeBrief::get,
                lane -> {
                  served.add(lane.mustBeBrief() ? "brief" : "full");
                  canBeBrief.set(false);
                  return lane.mustBeBrief() ? Dispatcher.End.PUT_BACK : Dispatcher.End.FULL;
                }))
        .ready();
    await().atMost(TIMEOUT).until(() -> served.equals(List.of("brief")));
    permits.release();
    await().atMost(TIMEOUT).until(() -> served.size() == 3);
    assertThat(served).containsExactly("brief", "first", "full");
  }

  @Test
  void turnThatEndsWithAnError_costsNoLane() {
    register(
            () -> {
              throw new StackOverflowError("of this turn");
            },
            () -> false)
        .ready();
    awaitSoon(() -> dispatcher.finished() == 1);
    camera("next").ready();
    allow(1);
    assertThat(served).containsExactly("next");
  }

  @Test
  void frameIsOnItsWayToTheDevice_onlyWhereItsTurnHasAPass() {
    for (boolean brief : new boolean[] {true, false}) {
      dispatcher.close();
      dispatcher = new Dispatcher(2, arrivals);
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      register(
              () -> {
                begun.countDown();
                awaitAll(end);
                return brief;
              },
              () -> brief)
          .ready();
      awaitAll(begun);
      assertThat(arrivals.moreToCome()).isEqualTo(!brief);
      end.countDown();
    }
  }

  @Test
  void camerasThatAreAlwaysReady_getTheSameNumberOfTurns() {
    int cameras = 9;
    CountDownLatch allReady = new CountDownLatch(1);
    AtomicInteger[] turns = new AtomicInteger[cameras];
    List<Dispatcher.Camera> all = new ArrayList<>();
    for (int i = 0; i < cameras; i++) {
      AtomicInteger mine = new AtomicInteger();
      turns[i] = mine;
      int id = i;
      all.add(
          register(
              () -> {
                awaitAll(allReady);
                mine.incrementAndGet();
                all.get(id).ready(); // as fast as it can
                return false;
              },
              () -> false));
    }
    all.forEach(Dispatcher.Camera::ready);
    allReady.countDown(); // or the first would have turns while the others are not in the line
    await().atMost(TIMEOUT).until(() -> dispatcher.finished() > 10_000);
    dispatcher.suspend();
    int min = java.util.Arrays.stream(turns).mapToInt(AtomicInteger::get).min().orElse(0);
    int max = java.util.Arrays.stream(turns).mapToInt(AtomicInteger::get).max().orElse(0);
    assertThat(max - min).isLessThanOrEqualTo(2);
  }

  private static void awaitAll(CountDownLatch ready) {
    try {
      ready.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void camera_neverHasTwoTurnsAtATime_andNoFrameIsForgotten() throws Exception {
    dispatcher.close();
    dispatcher = new Dispatcher(4, arrivals);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger mailbox = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    Dispatcher.Camera camera =
        register(
            () -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              taken.addAndGet(mailbox.getAndSet(0));
              running.decrementAndGet();
              return false;
            },
            () -> false);
    int frames = 20_000;
    for (int i = 0; i < frames; i++) {
      mailbox.incrementAndGet();
      camera.ready();
    }
    await().atMost(TIMEOUT).until(() -> taken.get() == frames);
    assertThat(most.get()).isEqualTo(1);
  }

  @Test
  void turnThatFails_endsNeitherLaneNorCamera() {
    AtomicInteger turns = new AtomicInteger();
    Dispatcher.Camera camera =
        register(
            () -> {
              if (turns.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
              }
              return false;
            },
            () -> false);
    camera.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.finished() == 1);
    camera.ready();
    await().atMost(TIMEOUT).until(() -> turns.get() == 2);
  }

  @Test
  void cameraThatLeft_getsNoTurn() {
    Dispatcher.Camera first = camera("first");
    Dispatcher.Camera gone = camera("gone");
    first.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1);
    gone.ready();
    List<String> ended = Collections.synchronizedList(new ArrayList<>());
    gone.leave(() -> ended.add("gone"));
    assertThat(ended).containsExactly("gone");
    gone.ready();
    allow(1);
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 0);
    assertThat(served).containsExactly("first");
    assertThat(ended).hasSize(1);
  }

  @Test
  void cameraThatLeavesInItsTurn_isCalledAfterIt() {
    Dispatcher.Camera camera = camera("first");
    camera.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1);
    camera.leave(() -> served.add("left"));
    assertThat(served).isEmpty();
    permits.release();
    await().atMost(TIMEOUT).until(() -> served.size() == 2);
    assertThat(served).containsExactly("first", "left");
  }

  @Test
  void drain_waitsForTurnsThatRun_andBeginsNone() throws Exception {
    Dispatcher.Camera first = camera("first");
    Dispatcher.Camera second = camera("second");
    first.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1);
    second.ready();
    assertThat(dispatcher.drain(Duration.ofMillis(20))).isFalse();
    permits.release(2);
    assertThat(dispatcher.drain(TIMEOUT)).isTrue();
    assertThat(served).containsExactly("first");
  }

  @Test
  void arrivals_knowWhetherAFrameIsOnItsWay() throws Exception {
    assertThat(arrivals.moreToCome()).isFalse();
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch submit = new CountDownLatch(1);
    CountDownLatch submitted = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Dispatcher.Camera camera =
        register(
            () -> {
              started.countDown();
              awaitLatch(submit);
              arrivals.arrived();
              submitted.countDown();
              awaitLatch(end);
              return false;
            },
            () -> false);
    camera.ready();
    started.await();
    assertThat(arrivals.moreToCome()).isTrue();
    submit.countDown();
    submitted.await();
    assertThat(arrivals.moreToCome()).isFalse(); // with the batcher, waiting for its result
    camera.ready();
    assertThat(arrivals.moreToCome()).isFalse(); // no lane is free for it
    end.countDown();
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void dispatcher_needsALane() {
    assertThatThrownBy(() -> new Dispatcher(0, arrivals)).hasMessageContaining("at least 1 lane");
  }
}
