package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.prototype.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatcherTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final ConcurrentLinkedQueue<List<Float>> batches = new ConcurrentLinkedQueue<>();
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void tearDown() {
    callers.shutdownNow();
  }

  /** A frame of a camera: the bank's first number says which, the second which of its frames. */
  private static SegmentationRequest request(int camera, int frame) {
    return new SegmentationRequest(
        Picture.black(1, 1), new float[] {camera, frame}, new float[] {1});
  }

  /** A model whose result is the bank it was given; it refuses the frame -1. */
  private Batcher.Forward echo() {
    return requests -> {
      batches.add(requests.stream().map(r -> r.prior()[0]).toList());
      List<ModelOutput> results = new ArrayList<>();
      for (SegmentationRequest request : requests) {
        if (request.prior()[1] < 0) {
          throw new IllegalStateException("bad frame");
        }
        results.add(
            new ModelOutput(
                Optional.of(new Labels(new Mask(1, 1, new byte[1]), new int[1], new float[1])),
                Optional.empty(),
                new Observation(request.prior().clone(), new float[1], 0)));
      }
      return results;
    };
  }

  private static Batcher.Settings settings(int most, long waitMillis) {
    return new Batcher.Settings(most, Duration.ofMillis(waitMillis), TIMEOUT);
  }

  @Test
  void frames_underRandomArrival_meetTheirOwnBankInOrderAndNoCameraStarves() throws Exception {
    int cameras = 12;
    int frames = 60;
    try (Batcher batcher = new Batcher(settings(8, 2), Arrivals.unknown(), this::echo)) {
      List<Future<Integer>> done = new ArrayList<>();
      for (int camera = 0; camera < cameras; camera++) {
        int id = camera;
        done.add(
            callers.submit(
                () -> {
                  Random random = new Random(id);
                  FrameSegmenter segmenter = batcher.newSegmenter();
                  for (int frame = 0; frame < frames; frame++) {
                    // some cameras are slow, some send at once
                    LockSupport.parkNanos(id % 3 == 0 ? random.nextInt(2_000_000) : 1);
                    float[] bank =
                        segmenter.segment(request(id, frame)).output().observation().prototypes();
                    assertThat(bank).containsExactly(id, frame);
                  }
                  return id;
                }));
      }
      for (Future<Integer> camera : done) {
        camera.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      }
    }
    assertThat(batches.stream().mapToInt(List::size).sum()).isEqualTo(cameras * frames);
    for (List<Float> batch : batches) {
      assertThat(batch).hasSizeLessThanOrEqualTo(8).doesNotHaveDuplicates(); // one of a camera
    }
    assertThat(batches.stream().mapToInt(List::size).max().orElse(0)).isGreaterThan(1);
  }

  @Test
  void batch_closesWhenFull() throws Exception {
    try (Batcher batcher = new Batcher(settings(3, 10_000), Arrivals.unknown(), this::echo)) {
      List<Future<FrameSegmenter.Inference>> results = new ArrayList<>();
      for (int camera = 0; camera < 3; camera++) {
        int id = camera;
        results.add(callers.submit(() -> batcher.newSegmenter().segment(request(id, 0))));
      }
      for (Future<FrameSegmenter.Inference> result : results) {
        result.get(5, TimeUnit.SECONDS); // long before the wait of ten seconds is over
      }
    }
    assertThat(batches).hasSize(1);
  }

  @Test
  void batch_closesWhenItsOldestFrameHasWaited() {
    try (Batcher batcher = new Batcher(settings(100, 30), Arrivals.unknown(), this::echo)) {
      long waited = batcher.newSegmenter().segment(request(1, 0)).waitNanos();
      assertThat(waited).isGreaterThanOrEqualTo(29_000_000L);
    }
    assertThat(batches).hasSize(1);
  }

  @Test
  void batch_closesWhenNoFrameIsOnItsWay() {
    try (Batcher batcher = new Batcher(settings(100, 5_000), Arrivals.tracked(), this::echo)) {
      long waited = batcher.newSegmenter().segment(request(1, 0)).waitNanos();
      assertThat(waited).isLessThan(1_000_000_000L); // long before five seconds
    }
    assertThat(batches).hasSize(1);
  }

  @Test
  void frame_thatFails_takesNoOtherWithIt() throws Exception {
    try (Batcher batcher = new Batcher(settings(3, 10_000), Arrivals.unknown(), this::echo)) {
      Future<FrameSegmenter.Inference> good =
          callers.submit(() -> batcher.newSegmenter().segment(request(1, 0)));
      Future<FrameSegmenter.Inference> bad =
          callers.submit(() -> batcher.newSegmenter().segment(request(2, -1)));
      Future<FrameSegmenter.Inference> other =
          callers.submit(() -> batcher.newSegmenter().segment(request(3, 0)));
      assertThat(good.get(5, TimeUnit.SECONDS).output().observation().prototypes()[0]).isEqualTo(1);
      assertThat(other.get(5, TimeUnit.SECONDS).output().observation().prototypes()[0])
          .isEqualTo(3);
      assertThatThrownBy(() -> bad.get(5, TimeUnit.SECONDS)).hasMessageContaining("bad frame");
    }
  }

  @Test
  void device_thatHangs_isSeenReportedAndTakenOutOfService() {
    CountDownLatch never = new CountDownLatch(1);
    Batcher.Settings settings =
        new Batcher.Settings(2, Duration.ofMillis(1), Duration.ofMillis(300));
    Batcher batcher =
        new Batcher(
            settings,
            Arrivals.unknown(),
            () ->
                requests -> {
                  try {
                    never.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return List.of();
                });
    assertThatThrownBy(() -> batcher.newSegmenter().segment(request(1, 0)))
        .isInstanceOf(DeviceLostException.class)
        .hasMessageContaining("out of service");
    assertThat(batcher.lost())
        .hasValueSatisfying(why -> assertThat(why).contains("did not come back"));
    long start = System.nanoTime();
    assertThatThrownBy(() -> batcher.newSegmenter().segment(request(2, 0)))
        .isInstanceOf(DeviceLostException.class);
    assertThat(System.nanoTime() - start).isLessThan(200_000_000L); // at once, no second wait
    batcher.close();
  }

  /** As after a CUDA error that stays: nothing works from some pass on. */
  @Test
  void device_thatFailsABlackPicture_isTakenOutOfService() {
    AtomicInteger probes = new AtomicInteger();
    Batcher.Forward echo = echo();
    Batcher.Forward lost =
        new Batcher.Forward() {
          @Override
          public List<ModelOutput> run(List<SegmentationRequest> requests) {
            return echo.run(requests);
          }

          @Override
          public void probe() {
            if (probes.incrementAndGet() == 2) {
              throw new IllegalStateException("CUDA error 700");
            }
          }
        };
    try (Batcher batcher = new Batcher(settings(1, 0), Arrivals.unknown(), () -> lost)) {
      FrameSegmenter segmenter = batcher.newSegmenter();
      assertThatThrownBy(() -> segmenter.segment(request(1, -1))).hasMessage("bad frame");
      assertThat(segmenter.segment(request(1, 1)).output()).isNotNull(); // it was the frame's fault
      assertThatThrownBy(() -> segmenter.segment(request(1, -1)))
          .isInstanceOf(DeviceLostException.class)
          .hasMessageContaining("CUDA error 700");
      assertThat(batcher.lost()).hasValueSatisfying(why -> assertThat(why).contains("700"));
      assertThatThrownBy(() -> segmenter.segment(request(1, 2)))
          .isInstanceOf(DeviceLostException.class);
    }
  }

  @Test
  void device_thatCannotStart_failsItsCallersWithTheReason() {
    Batcher batcher =
        new Batcher(
            settings(1, 0),
            Arrivals.unknown(),
            () -> {
              throw new UnsatisfiedLinkError("no library");
            });
    assertThatThrownBy(
            () -> {
              while (true) {
                batcher.newSegmenter().segment(request(1, 1));
              }
            })
        .isInstanceOf(DeviceLostException.class)
        .hasMessageContaining("no library");
    batcher.close();
  }

  @Test
  void close_tellsThoseInLine() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Batcher batcher =
        new Batcher(
            settings(1, 0),
            Arrivals.unknown(),
            () ->
                requests -> {
                  running.countDown();
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted", e);
                  }
                  return List.of();
                });
    Future<FrameSegmenter.Inference> first =
        callers.submit(() -> batcher.newSegmenter().segment(request(1, 0)));
    running.await();
    Future<FrameSegmenter.Inference> second =
        callers.submit(() -> batcher.newSegmenter().segment(request(2, 0)));
    await().atMost(TIMEOUT).until(() -> !second.isDone());
    batcher.close();
    assertThatThrownBy(() -> first.get(5, TimeUnit.SECONDS)).hasMessageContaining("interrupted");
    assertThatThrownBy(() -> second.get(5, TimeUnit.SECONDS)).hasMessageContaining("closed");
    assertThatThrownBy(() -> batcher.newSegmenter().segment(request(3, 0)))
        .hasMessageContaining("closed");
  }
}
