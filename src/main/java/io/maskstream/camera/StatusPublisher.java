package io.maskstream.camera;

import io.maskstream.camera.CameraStatus.State;
import io.maskstream.config.Labels;
import io.maskstream.frame.Micros;
import io.maskstream.metrics.CameraMetrics;
import io.maskstream.topic.CameraReport;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports to topic and metrics what the cameras do, whenever it changes. */
public final class StatusPublisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StatusPublisher.class);
  private static final long INTERVAL_MILLIS = 500;

  private final Producer<byte[], byte[]> producer;
  private final TopicNames topics;
  private final CameraMetrics metrics;
  private static final long STOP_MILLIS = 1_000;
  private static final Set<State> OVER = Set.of(State.FINISHED, State.REFUSED, State.STOPPED);

  private final Supplier<Map<String, CameraStatus>> statuses;
  private final Map<String, CameraStatus> published = new ConcurrentHashMap<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "camera-status"));

  /** Starts to tell. */
  public StatusPublisher(
      Producer<byte[], byte[]> producer,
      TopicNames topics,
      CameraMetrics metrics,
      Supplier<Map<String, CameraStatus>> statuses) {
    this.producer = producer;
    this.topics = topics;
    this.metrics = metrics;
    this.statuses = statuses;
    var unused =
        thread.scheduleWithFixedDelay(this::publish, 0, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
  }

  void publish() {
    try {
      Map<String, CameraStatus> now = statuses.get();
      List<String> others = published.keySet().stream().filter(id -> !now.containsKey(id)).toList();
      others.forEach(metrics::stateUnknown);
      others.forEach(published::remove);
      now.forEach(this::publish);
    } catch (RuntimeException e) { // or the executor would never call again
      log.warn("the cameras' states cannot be reported", e);
    }
  }

  private void publish(String camera, CameraStatus status) {
    if (status.equals(published.put(camera, status))) {
      return;
    }
    String state = Labels.of(status.state());
    metrics.state(
        camera,
        state,
        status.reason(),
        status.nextTry().map(time -> time.toEpochMilli() / 1e3).orElse(0.0));
    CameraReport report =
        new CameraReport(
            camera, state, status.reason(), status.nextTry().map(Micros::of).orElse(null));
    var unused =
        producer.send(
            new ProducerRecord<>(
                topics.cameraStatus(), camera.getBytes(StandardCharsets.UTF_8), Json.write(report)),
            (metadata, failure) -> {
              if (failure != null) {
                published.remove(camera, status); // reported again
              }
            });
  }

  /** Says of the cameras that are read that they are not any more; their next owner says more. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    Set<String> own = statuses.get().keySet(); // of others their next owner has said more
    Map.copyOf(published)
        .forEach(
            (camera, status) -> {
              if (own.contains(camera) && !OVER.contains(status.state())) {
                publish(camera, CameraStatus.of(State.STOPPED));
              }
            });
  }
}
