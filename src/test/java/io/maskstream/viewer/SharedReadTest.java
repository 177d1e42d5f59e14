package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SharedReadTest {
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();

  private <T> SharedRead<T> shared(SharedRead.Source<T> source, Duration wait) {
    return new SharedRead<>("models", source, nanos::get, wait);
  }

  @Test
  void get_withinTheLifetime_readsOnce() throws Exception {
    SharedRead<Integer> shared = shared(reads::incrementAndGet, SharedRead.WAIT);
    assertThat(shared.get()).isEqualTo(1);
    nanos.addAndGet(SharedRead.LIFETIME.toNanos() - 1);
    assertThat(shared.get()).isEqualTo(1);
    nanos.addAndGet(1);
    assertThat(shared.get()).isEqualTo(2);
  }

  @Test
  void failure_isEverybodysAnswerForTheLifetime() throws Exception {
    SharedRead<Integer> shared =
        shared(
            () -> {
              if (reads.incrementAndGet() == 1) {
                throw new KafkaException("no broker");
              }
              return reads.get();
            },
            SharedRead.WAIT);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(shared::get).isInstanceOf(IOException.class).hasMessage("no broker");
    }
    assertThat(reads).hasValue(1);
    nanos.addAndGet(SharedRead.LIFETIME.toNanos());
    assertThat(shared.get()).isEqualTo(2);
  }

  @Test
  @Timeout(60)
  void manyAtATime_shareOneRead_andWaitNoLongerThanTheyMay() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    SharedRead<Integer> shared =
        shared(
            () -> {
              int number = reads.incrementAndGet();
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return number;
            },
            Duration.ofSeconds(2));
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      Future<Integer> first = threads.submit(shared::get);
      await().until(() -> reads.get() == 1);
      assertThatThrownBy(shared::get)
          .hasMessage("cannot read the models: Kafka has not answered for 2 s");
      List<Future<Integer>> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        waiting.add(threads.submit(shared::get));
      }
      end.countDown();
      assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(1);
      for (Future<Integer> each : waiting) {
        assertThat(each.get(10, TimeUnit.SECONDS)).isEqualTo(1);
      }
      assertThat(reads).hasValue(1);
    } finally {
      threads.shutdownNow();
    }
  }
}
