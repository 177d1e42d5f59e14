package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
    return dispatcher.register(
        () -> {
          permits.acquireUninterruptibly();
          served.add(id);
          return false;
        },
        () -> false);
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
    AtomicBoolean brief = new AtomicBoolean();
    Dispatcher.Camera first = camera("first");
    Dispatcher.Camera second = camera("second");
    Dispatcher.Camera quick =
        dispatcher.register(
            () -> {
              permits.acquireUninterruptibly();
              served.add("quick");
              return brief.get();
            },
            brief::get);
    first.ready(); // takes the lane
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1);
    second.ready();
    quick.ready();
    brief.set(true); // while it waits: now it goes before the second
    allow(3);
    assertThat(served).containsExactly("first", "quick", "second");
    brief.set(false);
    first.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1); // in the lane
    second.ready();
    quick.ready(); // has had no turn that counts
    allow(3);
    assertThat(served).containsExactly("first", "quick", "second", "first", "quick", "second");
  }

  @Test
  void briefTurns_holdUpNoOtherForLong() {
    AtomicReference<Dispatcher.Camera> again = new AtomicReference<>();
    Dispatcher.Camera busy =
        dispatcher.register(
            () -> {
              permits.acquireUninterruptibly();
              served.add("quick");
              again.get().ready();
              return true;
            },
            () -> true);
    again.set(busy);
    busy.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1); // in the lane
    camera("other").ready();
    int brief = Dispatcher.MOST_BRIEF;
    allow(2 * brief + 2);
    assertThat(served.subList(0, brief)).containsOnly("quick");
    assertThat(served.get(brief)).isEqualTo("other");
    assertThat(served.subList(brief + 1, 2 * brief + 2)).containsOnly("quick");
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
          dispatcher.register(
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
        dispatcher.register(
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
        dispatcher.register(
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
  void closedCamera_getsNoTurn() {
    Dispatcher.Camera first = camera("first");
    Dispatcher.Camera gone = camera("gone");
    first.ready();
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 1);
    gone.ready();
    gone.close();
    gone.ready();
    allow(1);
    await().atMost(TIMEOUT).until(() -> dispatcher.waiting() == 0);
    assertThat(served).containsExactly("first");
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
        dispatcher.register(
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
