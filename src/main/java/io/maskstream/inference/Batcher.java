package io.maskstream.inference;

import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers the frames of many cameras into batches for one device.
 *
 * <p>Frames are taken in the order they came, so a slow camera waits no longer than a fast one. A
 * batch closes when it is full, when no further frame is on its way, or when its oldest frame has
 * waited long enough. A caller waits for its own result, so frames of one camera cannot overtake
 * each other, and a camera's bank travels with its frame in the request. A batch that fails is run
 * again frame by frame, and only the frame that fails alone fails. A pass that does not come back,
 * or a device that fails a black picture after such a frame (a CUDA error that stays), takes the
 * device out of service: its callers and all later ones fail at once, long before Kafka would take
 * their partitions away.
 */
final class Batcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Batcher.class);

  /** A frame that was on its way may end without a pass; so often an open batch looks. */
  private static final long LOOK_AGAIN_NANOS = 500_000;

  /**
   * When batches close.
   *
   * @param maxBatchSize frames of a batch
   * @param maxWait longest wait of a frame for company
   * @param timeout longest wait of a caller for its result
   */
  record Settings(int maxBatchSize, Duration maxWait, Duration timeout) {

    /** For a GPU: 32 frames, 3 ms, a tenth of Kafka's five minutes. */
    static final Settings GPU = new Settings(32, Duration.ofMillis(3), Duration.ofSeconds(30));

    /** The same for a model whose graph is fixed to a number of frames; 0 for any number. */
    Settings fixedTo(int frames) {
      return frames == 0 ? this : new Settings(frames, maxWait, timeout);
    }

    public Settings {
      if (maxBatchSize < 1) {
        throw new IllegalArgumentException("a batch needs at least 1 frame, is " + maxBatchSize);
      }
      if (maxWait.isNegative() || timeout.compareTo(maxWait) <= 0) {
        throw new IllegalArgumentException(
            "maxWait must not be negative and timeout longer than it, are %s and %s"
                .formatted(maxWait, timeout));
      }
    }
  }

  /** Runs a batch; results are in the order of the requests. */
  interface Forward extends AutoCloseable {
    List<ModelOutput> run(List<SegmentationRequest> requests);

    /** Runs a black picture; throws where the device fails that, too. */
    default void probe() {}

    @Override
    default void close() {}
  }

  private static final class Waiting {
    final SegmentationRequest request;
    final long since = System.nanoTime();
    final CompletableFuture<FrameSegmenter.Inference> result = new CompletableFuture<>();

    Waiting(SegmentationRequest request) {
      this.request = request;
    }
  }

  private final Settings settings;
  private final Supplier<? extends Forward> forwards;
  private final Arrivals arrivals;
  private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private volatile boolean closed;
  private final AtomicReference<DeviceLostException> lost = new AtomicReference<>();

  /**
   * Starts a batcher.
   *
   * @param arrivals what may still come while a batch is open
   * @param forwards makes what runs the batches; called and used by the batcher's thread alone
   */
  Batcher(Settings settings, Arrivals arrivals, Supplier<? extends Forward> forwards) {
    this.settings = settings;
    this.arrivals = arrivals;
    this.forwards = forwards;
    this.thread = new Thread(this::run, "batcher");
    thread.setDaemon(true); // a thread that hangs in a native call must not keep the process
    thread.start();
  }

  /** A batcher for a model; its passes are reported. */
  static Batcher of(LoadedModel model, Settings settings, Arrivals arrivals, Metrics metrics) {
    return new Batcher(
        settings,
        arrivals,
        () -> {
          Segmenter segmenter = model.newSegmenter();
          return new Forward() {
            @Override
            public List<ModelOutput> run(List<SegmentationRequest> requests) {
              long start = System.nanoTime();
              List<ModelOutput> results = segmenter.segment(requests);
              metrics.forward(model.card().id(), requests.size(), System.nanoTime() - start);
              return results;
            }

            @Override
            public void probe() {
              var unused = segmenter.segment(model.blank());
            }

            @Override
            public void close() {
              segmenter.close();
            }
          };
        });
  }

  /** A caller's end. */
  FrameSegmenter newSegmenter() {
    return new FrameSegmenter() {
      @Override
      public Inference segment(SegmentationRequest request) {
        return await(request);
      }

      @Override
      public void close() {
        // the batcher is shared
      }
    };
  }

  /** Why the device is out of service, where it is. */
  Optional<String> lost() {
    return Optional.ofNullable(lost.get()).map(Throwable::getMessage);
  }

  private FrameSegmenter.Inference await(SegmentationRequest request) {
    requireService();
    Waiting waiting = new Waiting(request);
    queue.add(waiting);
    arrivals.arrived();
    requireService(); // or it came after the last one was taken
    try {
      return waiting.result.get(settings.timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw lose(DeviceLostException.hung(settings.timeout));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("inference failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a frame was segmented", e);
    }
  }

  private void requireService() {
    DeviceLostException reason = lost.get();
    if (reason != null) {
      throw reason;
    }
    if (closed) {
      throw new IllegalStateException("the batcher is closed");
    }
  }

  /** Takes the device out of service; gives the first reason. */
  private DeviceLostException lose(DeviceLostException reason) {
    if (lost.compareAndSet(null, reason)) {
      log.error(reason.getMessage());
    }
    DeviceLostException first = Objects.requireNonNull(lost.get());
    failWaiting(first);
    return first;
  }

  private void failWaiting(RuntimeException reason) {
    for (Waiting other = queue.poll(); other != null; other = queue.poll()) {
      other.result.completeExceptionally(reason);
    }
  }

  private void run() {
    try (Forward forward = forwards.get()) {
      while (!closed && lost.get() == null) {
        List<Waiting> batch = gather();
        if (!batch.isEmpty()) {
          run(forward, batch);
        }
      }
    } catch (InterruptedException e) {
      log.debug("batcher stopped", e);
    } catch (RuntimeException | Error e) {
      var unused = lose(DeviceLostException.failing(e));
    } finally {
      closed = true;
      DeviceLostException reason = lost.get();
      failWaiting(reason != null ? reason : new IllegalStateException("the batcher is closed"));
    }
  }

  /** Waits for a first frame, then for company until the batch closes. */
  private List<Waiting> gather() throws InterruptedException {
    List<Waiting> batch = new ArrayList<>();
    Waiting first = queue.take();
    batch.add(first);
    queue.drainTo(batch, settings.maxBatchSize - 1);
    long end = first.since + settings.maxWait.toNanos();
    while (batch.size() < settings.maxBatchSize
        && System.nanoTime() < end
        && arrivals.moreToCome()) {
      long left = Math.min(end - System.nanoTime(), LOOK_AGAIN_NANOS);
      Waiting next = queue.poll(left, TimeUnit.NANOSECONDS);
      if (next != null) {
        batch.add(next);
      }
    }
    queue.drainTo(batch, settings.maxBatchSize - batch.size());
    return batch;
  }

  private void run(Forward forward, List<Waiting> batch) {
    try {
      long start = System.nanoTime();
      List<ModelOutput> results =
          forward.run(batch.stream().map(waiting -> waiting.request).toList());
      for (int i = 0; i < batch.size(); i++) {
        Waiting waiting = batch.get(i);
        waiting.result.complete(
            new FrameSegmenter.Inference(results.get(i), start - waiting.since));
      }
    } catch (RuntimeException | Error e) {
      if (batch.size() == 1) {
        batch.get(0).result.completeExceptionally(ofTheFrame(forward, e));
      } else {
        batch.forEach(waiting -> run(forward, List.of(waiting)));
      }
    }
  }

  /** The failure of a frame, or the device's where that fails without the frame. */
  private Throwable ofTheFrame(Forward forward, Throwable failure) {
    DeviceLostException known = lost.get();
    if (known != null) {
      return known;
    }
    try {
      forward.probe();
      return failure;
    } catch (RuntimeException | Error e) {
      return lose(DeviceLostException.failing(e));
    }
  }

  /** Lets the batch in hand end, unless it hangs; waiting callers fail. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
