package io.maskstream.inference;

import io.maskstream.metrics.Metrics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model at work: loaded once, used by the stream threads, let go when it is retired and the last
 * of them has closed its segmenter.
 *
 * <p>A GPU is shared through batches. Processor threads do better with a pass each: there, a batch
 * of frames costs as much as the frames one by one.
 */
public final class ServedModel {
  private static final Logger log = LoggerFactory.getLogger(ServedModel.class);

  private final LoadedModel model;
  private final @Nullable Batcher batcher;
  private final Metrics metrics;
  private int users;
  private boolean retired;

  private ServedModel(LoadedModel model, @Nullable Batcher batcher, Metrics metrics) {
    this.model = model;
    this.batcher = batcher;
    this.metrics = metrics;
  }

  /** Takes a model over; it is closed by {@link #retire}. */
  public static ServedModel of(LoadedModel model, Metrics metrics) {
    boolean shared = !model.engine().equals(LoadedModel.ONNX_RUNTIME);
    return new ServedModel(
        model, shared ? Batcher.of(model, Batcher.Settings.GPU, metrics) : null, metrics);
  }

  public ModelCard card() {
    return model.card();
  }

  /** Name of the engine that runs it. */
  public String engine() {
    return model.engine();
  }

  /** Whether a forward pass did not come back. */
  public boolean hung() {
    return batcher != null && batcher.hung();
  }

  /** A segmenter for one thread; the model stays loaded until it is closed. */
  synchronized FrameSegmenter newSegmenter() {
    if (retired && users == 0) {
      throw new IllegalStateException(card().name() + " is retired");
    }
    users++;
    FrameSegmenter inner = batcher == null ? model.newSegmenter() : batcher.newSegmenter();
    return new FrameSegmenter() {
      @Override
      public Pass segment(SegmentationRequest request) {
        long start = System.nanoTime();
        Pass pass = inner.segment(request);
        if (batcher == null) {
          metrics.forward(card().id(), 1, System.nanoTime() - start);
        }
        return pass;
      }

      @Override
      public void close() {
        inner.close();
        left();
      }
    };
  }

  private synchronized void left() {
    users--;
    closeIfDone();
  }

  /** Unloads the model as soon as no thread uses it any more. */
  synchronized void retire() {
    retired = true;
    closeIfDone();
  }

  private void closeIfDone() {
    if (!retired || users > 0) {
      return;
    }
    if (batcher != null) {
      batcher.close();
    }
    model.close();
    log.info("model {} is unloaded", card().name());
  }
}
