package io.maskstream.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Prepares the next batch in a thread of its own while the current one is trained on. */
public final class Prefetch implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "training-prefetch"));
  private final BatchSource batches;
  private final int end;
  private int position;
  private Future<Batch> next;

  /**
   * Starts with a step.
   *
   * @param position number of the first step, over all epochs
   * @param end number after the last step
   */
  public Prefetch(BatchSource batches, int position, int end) {
    this.batches = batches;
    this.position = position;
    this.end = end;
    this.next = prepare();
  }

  private Future<Batch> prepare() {
    int steps = batches.steps();
    int at = Math.min(position, end - 1);
    return thread.submit(() -> batches.batch(at / steps, at % steps));
  }

  public Batch next() throws IOException {
    try {
      Batch batch = next.get();
      position++;
      next = prepare();
      return batch;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException("cannot prepare a batch", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while preparing a batch", e));
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
