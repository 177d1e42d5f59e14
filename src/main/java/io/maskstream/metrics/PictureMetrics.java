package io.maskstream.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.SimpleCollector;
import java.util.function.LongSupplier;

/** What is counted of pictures: redacted ones, and those that are held in the process. */
public final class PictureMetrics {
  private final Counter redacted;
  private final Gauge held;

  PictureMetrics(CollectorRegistry registry) {
    redacted =
        Counter.build(
                "maskstream_frames_redacted_total",
                "Frames published without some classes, or withheld as too little was known")
            .labelNames("camera", "outcome")
            .register(registry);
    held =
        Gauge.build(
                "maskstream_held_picture_bytes",
                "Bytes of pictures that wait in this process for its worker")
            .register(registry);
  }

  /** A redacted frame goes to its topic, or is withheld. */
  public void redacted(String camera, boolean published) {
    redacted.labels(camera, published ? "published" : "withheld").inc();
  }

  /** How the bytes of pictures that wait are found when somebody asks. */
  public void held(LongSupplier bytes) {
    held.setChild(
        new Gauge.Child() {
          @Override
          public double get() {
            return (double) bytes.getAsLong();
          }
        });
  }

  /** The metric whose first label is a camera. */
  SimpleCollector<?> ofCamera() {
    return redacted;
  }
}
