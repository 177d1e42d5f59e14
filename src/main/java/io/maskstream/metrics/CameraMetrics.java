package io.maskstream.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.SimpleCollector;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** What is counted of reading cameras, and what each of them does. */
public final class CameraMetrics {
  private final Counter read;
  private final Counter published;
  private final Counter damaged;
  private final Counter reconnects;
  private final Gauge connected;
  private final Gauge state;
  private final Gauge nextTry;
  private final Gauge lastFrame;
  private final Gauge frameInterval;
  private final Map<String, String[]> states = new ConcurrentHashMap<>();

  CameraMetrics(CollectorRegistry registry) {
    read =
        Counter.build("maskstream_frames_read_total", "Frames taken from the camera")
            .labelNames("camera")
            .register(registry);
    published =
        Counter.build("maskstream_frames_published_total", "Frames acknowledged by Kafka")
            .labelNames("camera")
            .register(registry);
    damaged =
        Counter.build(
                "maskstream_frames_damaged_total",
                "Frames of the camera that could not be decoded, or only with damage")
            .labelNames("camera")
            .register(registry);
    reconnects =
        Counter.build("maskstream_camera_reconnects_total", "Connections opened after the first")
            .labelNames("camera")
            .register(registry);
    connected =
        Gauge.build("maskstream_camera_connected", "1 while the camera delivers frames")
            .labelNames("camera")
            .register(registry);
    state =
        Gauge.build(
                "maskstream_camera_state",
                "1 for what a camera does now, and why where it does not deliver")
            .labelNames("camera", "state", "reason")
            .register(registry);
    nextTry =
        Gauge.build(
                "maskstream_camera_next_try_timestamp_seconds",
                "When a camera that waits is opened again; 0 where it does not wait")
            .labelNames("camera")
            .register(registry);
    lastFrame =
        Gauge.build(
                "maskstream_camera_last_frame_timestamp_seconds", "Time of the camera's last frame")
            .labelNames("camera")
            .register(registry);
    frameInterval =
        Gauge.build(
                "maskstream_camera_frame_interval_seconds",
                "Time from the camera's last frame but one to its last")
            .labelNames("camera")
            .register(registry);
  }

  /** A camera is configured: its counters start at 0, so that their first increase is seen. */
  public void configured(String camera) {
    read.labels(camera);
    published.labels(camera);
    damaged.labels(camera);
    reconnects.labels(camera);
    connected.labels(camera).set(0);
  }

  /** A camera is read by this process no more and must not be reported as not connected. */
  public void left(String camera) {
    connected.remove(camera);
    lastFrame.remove(camera);
    frameInterval.remove(camera);
  }

  /** A frame was taken from the camera. */
  public void read(String camera, double timestampSeconds) {
    read.labels(camera).inc();
    Gauge.Child last = lastFrame.labels(camera);
    double before = last.get();
    last.set(timestampSeconds);
    frameInterval.labels(camera).set(before == 0 ? 0 : Math.max(0, timestampSeconds - before));
  }

  /** Kafka has a frame. */
  public void published(String camera) {
    published.labels(camera).inc();
  }

  /** Frames came that could not be decoded, or only with damage. */
  public void damaged(String camera, long frames) {
    damaged.labels(camera).inc((double) frames);
  }

  public void reconnected(String camera) {
    reconnects.labels(camera).inc();
  }

  public void connected(String camera, boolean is) {
    connected.labels(camera).set(is ? 1 : 0);
  }

  /** What a camera does now; a reason is one sentence, and the last one alone is kept. */
  public void state(String camera, String name, String reason, double nextTrySeconds) {
    String[] labels = {camera, name, reason};
    String[] before = states.put(camera, labels);
    if (before != null) {
      state.remove(before);
    }
    state.labels(labels).set(1);
    nextTry.labels(camera).set(nextTrySeconds);
  }

  /** What a camera does is another process's to say, or nobody's. */
  public void stateUnknown(String camera) {
    String[] before = states.remove(camera);
    if (before != null) {
      state.remove(before);
    }
    nextTry.remove(camera);
  }

  /** Time of the camera's last frame, seconds since 1970; 0 before the first. */
  public double lastFrameSeconds(String camera) {
    return lastFrame.labels(camera).get();
  }

  /** Time from the camera's last frame but one to its last, seconds; 0 before the second. */
  public double frameIntervalSeconds(String camera) {
    return frameInterval.labels(camera).get();
  }

  /** All that have a camera as their first label and are forgotten with it. */
  Stream<SimpleCollector<?>> ofCamera() {
    return Stream.of(read, published, damaged, reconnects, connected, lastFrame, frameInterval);
  }
}
