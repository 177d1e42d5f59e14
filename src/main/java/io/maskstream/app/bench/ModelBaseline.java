package io.maskstream.app.bench;

import io.maskstream.frame.Picture;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** The model alone in a loop, in as many threads as the pipeline has. */
final class ModelBaseline {
  private final LoadedModel model;
  private final List<Picture> pictures;
  private final int threads;

  ModelBaseline(LoadedModel model, List<Picture> pictures, int threads) {
    this.model = model;
    this.pictures = pictures;
    this.threads = threads;
  }

  /** Frames a second over a time. */
  double measure(Duration time) throws InterruptedException {
    AtomicLong frames = new AtomicLong();
    long start = System.nanoTime();
    long end = start + time.toNanos();
    List<Thread> workers = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      Thread worker = new Thread(() -> loop(end, frames), "bare-model-" + t);
      worker.start();
      workers.add(worker);
    }
    for (Thread worker : workers) {
      worker.join();
    }
    return frames.get() / ((System.nanoTime() - start) / 1e9);
  }

  private void loop(long end, AtomicLong frames) {
    ModelCard card = model.card();
    float[] prior = new float[card.prototypes() * card.features()];
    float[] trust = new float[card.prototypes()];
    try (Segmenter segmenter = model.newSegmenter()) {
      for (int i = 0; System.nanoTime() < end; i++) {
        segmenter.segment(new SegmentationRequest(pictures.get(i % pictures.size()), prior, trust));
        frames.incrementAndGet();
      }
    }
  }
}
