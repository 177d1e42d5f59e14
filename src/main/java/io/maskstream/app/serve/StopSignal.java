package io.maskstream.app.serve;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Ctrl-C or a termination signal, with time for the program to close before the process ends. */
public final class StopSignal implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(20);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Listens from now on. */
  public StopSignal() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::holdTheExit, "stop-signal"));
  }

  private void holdTheExit() {
    asked.countDown();
    try {
      var unused = closed.await(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the program is asked to stop. */
  public boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Asks the program to stop. */
  void stop() {
    asked.countDown();
  }

  /** Waits until the program is asked to stop. */
  void await() throws InterruptedException {
    asked.await();
  }

  /** Waits for some time; true when the program is asked to stop. */
  public boolean await(Duration time) throws InterruptedException {
    return asked.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Everything is closed, the process may end. */
  @Override
  public void close() {
    closed.countDown();
  }
}
