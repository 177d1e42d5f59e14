package io.maskstream.app.bench;

import io.maskstream.camera.CameraConfig;
import io.maskstream.camera.DropLedger;
import io.maskstream.camera.FramePublisher;
import io.maskstream.camera.FrameSink;
import io.maskstream.deployment.Closer;
import io.maskstream.deployment.Deployment;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import io.maskstream.frame.Picture;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicSettings;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;

/** Cameras that publish as fast as their masks come back, and the consumer of the masks. */
final class LoadGenerator implements AutoCloseable {
  /** Frames that a camera has under way: one in work, one waiting. */
  private static final int IN_FLIGHT = 2;

  private static final long MAX_MICROS = 60_000_000;
  private static final int MAX_RECORD_BYTES =
      TopicSettings.defaults(TopicNames.DEFAULT_PREFIX).maxRecordBytes();

  private final Closer closer = new Closer();
  private final TopicNames topics = new TopicNames(TopicNames.DEFAULT_PREFIX);
  private final Deployment deployment;
  private final List<Picture> pictures;
  private final FramePublisher publisher;
  private final List<CameraConfig> cameras;
  private final Map<String, Semaphore> permits = new ConcurrentHashMap<>();
  private final AtomicLong received = new AtomicLong();
  private final ConcurrentHistogram latency = new ConcurrentHistogram(MAX_MICROS, 3);
  private final long epoch = System.currentTimeMillis();
  private final Map<String, AtomicLong> sequences = new ConcurrentHashMap<>();

  LoadGenerator(Deployment deployment, List<CameraConfig> cameras, List<Picture> pictures)
      throws IOException, InterruptedException {
    this.deployment = deployment;
    this.cameras = cameras;
    this.pictures = pictures;
    deployment.awaitReady();
    Map<String, Object> settings = deployment.kafka().producer(MAX_RECORD_BYTES);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    KafkaProducer<byte[], byte[]> producer = closer.add(ByteClients.producer(settings));
    DropLedger drops = closer.add(new DropLedger(producer, topics, deployment.metrics()));
    this.publisher =
        closer.add(
            new FramePublisher(
                new FramePublisher.Parts(
                    producer,
                    topics,
                    drops,
                    Optional.empty(),
                    deployment.metrics(),
                    FrameTraces.none(),
                    Clock.systemUTC())));
    cameras.forEach(publisher::add);
    cameras.forEach(camera -> permits.put(camera.id(), new Semaphore(IN_FLIGHT)));
    cameras.forEach(camera -> sequences.put(camera.id(), new AtomicLong()));
    RecordLoop.Subject masks =
        new RecordLoop.Subject("bench-reader", Set.of(topics.segmentedFrames()), Set.of());
    closer
        .add(
            new RecordLoop(
                masks,
                deployment.kafka().consumer(MAX_RECORD_BYTES),
                this::take,
                RecordLoop.Observer.none()))
        .start();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    SegmentedFrame frame = SegmentedFrames.parse(record.value());
    long now = nowMicros();
    latency.recordValue(Math.max(0, Math.min(MAX_MICROS, now - frame.getCaptureMicros())));
    received.incrementAndGet();
    Semaphore permit = permits.get(frame.getCamera());
    if (permit != null) {
      permit.release();
    }
  }

  private static long nowMicros() {
    return Micros.of(Instant.now());
  }

  /** Frames a second that came back over a time. */
  double measure(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    long before = received.get();
    long start = System.nanoTime();
    List<Thread> threads = new ArrayList<>();
    for (CameraConfig camera : cameras) {
      Thread thread = new Thread(() -> publish(camera.id(), end), "bench-" + camera.id());
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double fps = (received.get() - before) / ((System.nanoTime() - start) / 1e9);
    drain();
    return fps;
  }

  private void publish(String camera, long end) {
    Semaphore permit = java.util.Objects.requireNonNull(permits.get(camera));
    AtomicLong sequence = java.util.Objects.requireNonNull(sequences.get(camera));
    try {
      while (System.nanoTime() < end) {
        if (permit.tryAcquire(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
          long number = sequence.getAndIncrement();
          Picture picture = pictures.get((int) (number % pictures.size()));
          publisher.accept(
              new FrameSink.CapturedFrame(
                  new FrameId(camera, epoch, number, nowMicros()),
                  0,
                  picture.width(),
                  picture.height(),
                  picture));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until nothing is under way, so that the next measurement has the machine to itself. */
  private void drain() throws InterruptedException {
    for (Semaphore permit : permits.values()) {
      permit.acquire(IN_FLIGHT);
      permit.release(IN_FLIGHT);
    }
  }

  void resetLatency() {
    latency.reset();
  }

  /** Milliseconds from capture to the receipt of the mask. */
  double latencyMillis(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e3;
  }

  long dropped() {
    double sum = 0;
    for (CameraConfig camera : cameras) {
      sum += deployment.metrics().count("maskstream_frames_dropped_total", "camera", camera.id());
    }
    return (long) sum;
  }

  @Override
  public void close() {
    closer.close();
  }
}
