package io.maskstream.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.SimpleCollector;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * Every metric of the program. Labels are camera ids, class names and fixed words, so their number
 * is bounded by the configuration. Times are seconds, sizes bytes.
 */
public final class Metrics {

  /** Seconds; from a fast stage on a GPU to a stuck one. */
  private static final double[] LATENCY_BUCKETS = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5
  };

  /** Stages of reading a camera; all others are a worker's. */
  private static final Set<String> READING = Set.of("ingest", "capture", "encode");

  private final CollectorRegistry registry = new CollectorRegistry();
  private final KafkaMetrics kafka = new KafkaMetrics().register(registry);

  private final Counter framesSegmented =
      counter("maskstream_frames_segmented_total", "Frames segmented", "camera");
  private final Counter framesPropagated =
      counter(
          "maskstream_frames_propagated_total",
          "Frames whose mask is an earlier one, moved along the optical flow",
          "camera",
          "cause");
  private final Counter framesDropped =
      counter(
          "maskstream_frames_dropped_total",
          "Frames read and not segmented",
          "camera",
          "stage",
          "reason");
  private final Counter framesExpired =
      counter(
          "maskstream_frames_expired_total",
          "Frames that retention took away before a worker read them, of unknown cameras");
  private final Counter deadLetters =
      counter("maskstream_dead_letters_total", "Records that could not be processed");
  private final Counter recordsRefused =
      counter("maskstream_records_refused_total", "Records that a reading loop skipped", "topic");
  private final Counter readerRestarts =
      counter(
          "maskstream_reader_restarts_total", "Times that a reading loop began again", "reader");
  private final Counter spansLost =
      counter("maskstream_spans_lost_total", "Spans that the collector of traces did not take");
  private final Counter punctuationFailures =
      counter("maskstream_punctuation_failures_total", "Scheduled work of a task that failed");
  private final Gauge clockOffset =
      gauge(
          "maskstream_camera_clock_offset_seconds",
          "How far the clock of the camera's host is behind the broker's, transport included",
          "camera");
  private final Counter resets =
      counter("maskstream_bank_resets_total", "Resets of camera memories", "camera", "reason");
  private final Gauge agreement =
      gauge(
          "maskstream_reuse_agreement_ratio",
          "Share of pixels on which remembered and fresh prototypes agree",
          "camera");
  private final Gauge bankAge =
      gauge("maskstream_bank_frames", "Frames since the bank was last reset", "camera");
  private final Gauge flipRate =
      gauge(
          "maskstream_label_flip_ratio",
          "Share of pixels whose label differs from the frame before",
          "camera");
  private final Gauge brokerReachable =
      gauge("maskstream_broker_reachable", "1 while a broker of the cluster answers");
  private final Gauge modelInfo =
      gauge("maskstream_model_info", "Always 1; the model in use", "model", "version", "engine");
  private final Counter swaps =
      counter("maskstream_model_swaps_total", "Trials of new models", "slot", "outcome");
  private final Gauge deviceMemory =
      gauge("maskstream_device_memory_bytes", "Memory in use on the device", "device");
  private final Histogram batchSize =
      Histogram.build("maskstream_batch_size", "Frames of a forward pass")
          .labelNames("model")
          .buckets(1, 2, 4, 8, 16, 32, 64)
          .register(registry);
  private final Histogram inference =
      Histogram.build("maskstream_inference_seconds", "Time of a forward pass with its copies")
          .labelNames("model")
          .buckets(LATENCY_BUCKETS)
          .register(registry);
  private final Gauge classShare =
      gauge("maskstream_class_share_ratio", "Share of the frame", "camera", "class");
  private final CameraMetrics cameras = new CameraMetrics(registry);
  private final PictureMetrics pictures = new PictureMetrics(registry);
  private final EventMetrics events = new EventMetrics(registry);
  private final Histogram stage =
      Histogram.build("maskstream_stage_seconds", "Time a stage takes for a frame")
          .labelNames("camera", "stage")
          .buckets(LATENCY_BUCKETS)
          .register(registry);
  private final Histogram latency =
      Histogram.build(
              "maskstream_latency_seconds", "From capture to the making of the segmented record")
          .labelNames("camera")
          .buckets(LATENCY_BUCKETS)
          .register(registry);

  private Counter counter(String name, String help, String... labels) {
    return Counter.build(name, help).labelNames(labels).register(registry);
  }

  private Gauge gauge(String name, String help, String... labels) {
    return Gauge.build(name, help).labelNames(labels).register(registry);
  }

  /** Adds the Java process's own metrics. */
  public Metrics withJvm() {
    DefaultExports.register(registry);
    return this;
  }

  /** Forgets what reading a camera has counted. */
  public void forgetReading(String camera) {
    cameras.ofCamera().forEach(metric -> forget(metric, camera, label -> true));
    forget(framesDropped, camera, READING::contains);
    forget(stage, camera, READING::contains);
  }

  /** Forgets what segmenting a camera's frames has counted. */
  public void forgetSegmentation(String camera) {
    handOver(camera);
    Stream.concat(
            Stream.of(framesSegmented, framesPropagated, resets, latency, pictures.ofCamera()),
            events.countsOfCamera())
        .forEach(metric -> forget(metric, camera, label -> true));
    forget(framesDropped, camera, label -> !READING.contains(label));
    forget(stage, camera, label -> !READING.contains(label));
  }

  /** Another worker has the camera: what it is like is not for this one to say, but its counts. */
  public void handOver(String camera) {
    Stream.concat(
            Stream.of(clockOffset, agreement, bankAge, flipRate, classShare),
            events.sharesOfCamera())
        .forEach(metric -> forget(metric, camera, label -> true));
  }

  /** Removes the series of a camera, the first label, whose second label, if any, is wanted. */
  static void forget(SimpleCollector<?> metric, String camera, Predicate<String> wanted) {
    metric.collect().stream()
        .flatMap(family -> family.samples.stream())
        .filter(sample -> !sample.labelNames.contains("le")) // buckets repeat the others
        .map(sample -> sample.labelValues)
        .filter(labels -> labels.get(0).equals(camera))
        .filter(labels -> labels.size() == 1 || wanted.test(labels.get(1)))
        .distinct()
        .toList()
        .forEach(labels -> metric.remove(labels.toArray(String[]::new)));
  }

  /** A frame was dropped; see {@code DropRecord} for the words. */
  public void dropped(String camera, String where, String why) {
    framesDropped.labels(camera, where, why).inc();
  }

  /** Retention took frames away before they were read; whose is not known any more. */
  public void expired(long count) {
    framesExpired.inc((double) count);
  }

  /** A record went to the dead letters. */
  public void deadLetter() {
    deadLetters.inc();
  }

  /** A reading loop skipped a record that it could not use. */
  public void recordRefused(String topic) {
    recordsRefused.labels(topic).inc();
  }

  /** A reading loop failed and begins again. */
  public void readerRestarted(String reader) {
    readerRestarts.labels(reader).inc();
  }

  /** Scheduled work of a task failed. */
  public void punctuationFailed() {
    punctuationFailures.inc();
  }

  /** The collector of traces did not take some spans. */
  void spansLost(int count) {
    spansLost.inc(count);
  }

  /** How far the clock of a camera's host is behind the broker's, by estimate. */
  public void clockOffset(String camera, double seconds) {
    clockOffset.labels(camera).set(seconds);
  }

  public void reset(String camera, String reason) {
    resets.labels(camera, reason).inc();
  }

  /** A frame was segmented, this long after its capture. */
  public void segmented(String camera, double latencySeconds) {
    framesSegmented.labels(camera).inc();
    latency.labels(camera).observe(latencySeconds);
  }

  /** A segmented frame had no forward pass. */
  public void propagated(String camera, String cause) {
    framesPropagated.labels(camera, cause).inc();
  }

  /** How the camera's memory took part. */
  public void reuse(String camera, long framesSinceReset, double share) {
    bankAge.labels(camera).set((double) framesSinceReset);
    agreement.labels(camera).set(share);
  }

  public void classShare(String camera, String name, double share) {
    classShare.labels(camera, name).set(share);
  }

  /** What is counted of reading cameras. */
  public CameraMetrics cameras() {
    return cameras;
  }

  /** What is counted of pictures: redacted ones, and those that are held in the process. */
  public PictureMetrics pictures() {
    return pictures;
  }

  /** What is counted of zones and events. */
  public EventMetrics events() {
    return events;
  }

  /** Time of one stage: capture, encode, queue, decode, batch-wait, inference or produce. */
  public void stage(String camera, String name, long nanos) {
    stage.labels(camera, name).observe(nanos / 1e9);
  }

  /** Share of pixels whose label differs from the camera's frame before, 0 to 1. */
  public void flips(String camera, double share) {
    flipRate.labels(camera).set(share);
  }

  /** Whether Kafka answers. */
  public void brokerReachable(boolean is) {
    brokerReachable.set(is ? 1 : 0);
  }

  /** A model is in use. */
  public void model(String id, String version, String engine) {
    modelInfo.labels(id, version, engine).set(1);
  }

  /** A model is not in use any more. */
  public void modelGone(String id, String version, String engine) {
    modelInfo.remove(id, version, engine);
  }

  /** A model may be changed: its counters start at 0, so that their first increase is seen. */
  public void slot(String slot, String outcome) {
    swaps.labels(slot, outcome);
  }

  /** A model's trial ended; the outcome is one of three words. */
  public void swapped(String slot, String outcome) {
    swaps.labels(slot, outcome).inc();
  }

  /** How the memory in use on a device is found when somebody asks. */
  public void deviceMemory(String device, DoubleSupplier bytes) {
    deviceMemory.setChild(
        new Gauge.Child() {
          @Override
          public double get() {
            try {
              return bytes.getAsDouble();
            } catch (RuntimeException e) { // a lost device must not cost all other metrics
              return Double.NaN;
            }
          }
        },
        device);
  }

  /** A forward pass. */
  public void forward(String model, int frames, long nanos) {
    batchSize.labels(model).observe(frames);
    inference.labels(model).observe(nanos / 1e9);
  }

  /** Adds what a Kafka client or Kafka Streams says of itself; see {@link KafkaMetrics}. */
  public void kafka(String client, Supplier<? extends Map<MetricName, ? extends Metric>> metrics) {
    kafka.add(client, metrics);
  }

  /** Sum of a counter's samples that have a label value. */
  public double count(String name, String label, String value) {
    double sum = 0;
    for (var family : java.util.Collections.list(registry.metricFamilySamples())) {
      for (var sample : family.samples) {
        int at = sample.labelNames.indexOf(label);
        if (sample.name.equals(name) && at >= 0 && sample.labelValues.get(at).equals(value)) {
          sum += sample.value;
        }
      }
    }
    return sum;
  }

  /** All metrics in Prometheus's text format. */
  public String text() {
    StringWriter out = new StringWriter();
    try {
      TextFormat.write004(out, registry.metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }
}
