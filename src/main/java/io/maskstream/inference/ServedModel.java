package io.maskstream.inference;

import io.maskstream.config.EngineNames;
import io.maskstream.metrics.Metrics;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model at work: loaded once, lent out frame by frame, unloaded when it is retired and the last
 * frame in work has given its segmenter back.
 *
 * <p>A GPU is shared through batches. Processor threads do better with a pass each: there, a batch
 * of frames costs as much as the frames one by one.
 */
public final class ServedModel {
  private static final Logger log = LoggerFactory.getLogger(ServedModel.class);

  private final LoadedModel model;
  private final @Nullable Batcher batcher;
  private final Metrics metrics;
  private final Deque<FrameSegmenter> unused = new ArrayDeque<>();
  private int users;
  private boolean retired;

  private ServedModel(LoadedModel model, @Nullable Batcher batcher, Metrics metrics) {
    this.model = model;
    this.batcher = batcher;
    this.metrics = metrics;
  }

  /** Takes a model over; it is closed by {@link #retire}. */
  public static ServedModel of(LoadedModel model, Arrivals arrivals, Metrics metrics) {
    boolean shared = model.engine().equals(EngineNames.TENSORRT);
    return new ServedModel(
        model, shared ? Batcher.of(model, settings(model), arrivals, metrics) : null, metrics);
  }

  private static Batcher.Settings settings(LoadedModel model) {
    return Batcher.Settings.GPU.fixedTo(model.card().batch());
  }

  /**
   * Frames that should be in work at a time to keep the device busy.
   *
   * @param threads forward passes that may run at a time on a processor
   */
  public int lanes(int threads) {
    return batcher == null ? threads : 2 * settings(model).maxBatchSize();
  }

  public ModelCard card() {
    return model.card();
  }

  /** Name of the engine that runs it. */
  public String engine() {
    return model.engine();
  }

  /** Why the device is out of service, where it is. */
  public Optional<String> lost() {
    return batcher == null ? Optional.empty() : batcher.lost();
  }

  /** A segmenter for one thread; the model stays loaded until it is closed, which gives it back. */
  public synchronized FrameSegmenter borrowSegmenter() {
    if (retired && users == 0) {
      throw new IllegalStateException(card().name() + " is retired");
    }
    FrameSegmenter free = unused.poll();
    FrameSegmenter inner =
        free != null ? free : batcher == null ? model.newSegmenter() : batcher.newSegmenter();
    users++;
    return new FrameSegmenter() {
      @Override
      public Inference segment(SegmentationRequest request) {
        long start = System.nanoTime();
        Inference pass = inner.segment(request);
        if (batcher == null) {
          metrics.forward(card().id(), 1, System.nanoTime() - start);
        }
        return pass;
      }

      @Override
      public void close() {
        giveBack(inner);
      }
    };
  }

  private synchronized void giveBack(FrameSegmenter segmenter) {
    users--;
    unused.push(segmenter);
    closeIfDone();
  }

  /** Unloads the model as soon as no frame is in work with it. */
  public synchronized void retire() {
    retired = true;
    closeIfDone();
  }

  private void closeIfDone() {
    if (!retired || users > 0) {
      return;
    }
    unused.forEach(FrameSegmenter::close);
    unused.clear();
    if (batcher != null) {
      batcher.close();
    }
    model.close();
    log.info("model {} is unloaded", card().name());
  }
}
