package io.maskstream.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.SimpleCollector;
import java.util.List;
import java.util.stream.Stream;

/** What is counted of zones, of the unknown, of events and of the webhook that they are sent to. */
public final class EventMetrics {
  private final Gauge zoneShare;
  private final Gauge unknownShare;
  private final Counter notices;
  private final Gauge noticeTime;
  private final Gauge condition;
  private final Counter webhookCalls;
  private final Gauge webhookFailing;

  EventMetrics(CollectorRegistry registry) {
    zoneShare =
        Gauge.build("maskstream_zone_share_ratio", "Share of the zone")
            .labelNames("camera", "zone", "class")
            .register(registry);
    unknownShare =
        Gauge.build(
                "maskstream_unknown_share_ratio",
                "Share of the frame of whose class the model is not sure")
            .labelNames("camera")
            .register(registry);
    String[] labels = {"camera", "rule", "notice"};
    notices =
        Counter.build("maskstream_events_total", "Notices of events")
            .labelNames(labels)
            .register(registry);
    noticeTime =
        Gauge.build("maskstream_event_timestamp_seconds", "Unix time of the last notice")
            .labelNames(labels)
            .register(registry);
    condition =
        Gauge.build(
                "maskstream_camera_condition",
                "1 while a condition of the camera's picture is reported")
            .labelNames("camera", "condition")
            .register(registry);
    webhookCalls =
        Counter.build("maskstream_webhook_calls_total", "Calls of the webhook for events")
            .labelNames("outcome")
            .register(registry);
    webhookFailing =
        Gauge.build(
                "maskstream_webhook_failing_timestamp_seconds",
                "Unix time at which the call that is being repeated failed first; 0 where none is")
            .register(registry);
  }

  /** Share of a zone that a class has. */
  public void zoneShare(String camera, String zone, String name, double share) {
    zoneShare.labels(camera, zone, name).set(share);
  }

  /** Share of a frame of whose class the model is not sure. */
  public void unknownShare(String camera, double share) {
    unknownShare.labels(camera).set(share);
  }

  /** A notice of an event: started, ongoing or ended. */
  public void notice(String camera, String rule, String notice) {
    notices.labels(camera, rule, notice).inc();
    noticeTime.labels(camera, rule, notice).setToCurrentTime();
  }

  /** Whether a condition of a camera's picture is reported and not over. */
  public void condition(String camera, String name, boolean is) {
    condition.labels(camera, name).set(is ? 1 : 0);
  }

  /** A camera's picture is judged by this process no more. */
  public void forgetConditions(String camera) {
    Metrics.forget(condition, camera, label -> true);
  }

  /** A call of the webhook: delivered, failed (is repeated), refused or expired (is not). */
  public void webhookCall(String outcome) {
    webhookCalls.labels(outcome).inc();
  }

  /** A webhook is configured: its counters start at 0, so that their first increase is seen. */
  public void webhook(List<String> outcomes) {
    outcomes.forEach(webhookCalls::labels);
  }

  /** Since when the call of an event fails, seconds since 1970; 0 where none does. */
  public void webhookFailing(double sinceSeconds) {
    webhookFailing.set(sinceSeconds);
  }

  /** What a camera's picture shows; the first label is the camera. */
  Stream<SimpleCollector<?>> sharesOfCamera() {
    return Stream.of(zoneShare, unknownShare);
  }

  /** What has been reported of a camera, the first label. */
  Stream<SimpleCollector<?>> countsOfCamera() {
    return Stream.of(notices, noticeTime);
  }
}
