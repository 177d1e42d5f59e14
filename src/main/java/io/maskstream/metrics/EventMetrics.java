package io.maskstream.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.SimpleCollector;
import java.util.stream.Stream;

/** What is counted of events and of the webhook that they are sent to. */
final class EventMetrics {
  private final Counter notices;
  private final Gauge noticeTime;
  private final Counter webhookCalls;

  EventMetrics(CollectorRegistry registry) {
    String[] labels = {"camera", "rule", "notice"};
    notices =
        Counter.build("maskstream_events_total", "Notices of events")
            .labelNames(labels)
            .register(registry);
    noticeTime =
        Gauge.build("maskstream_event_timestamp_seconds", "Unix time of the last notice")
            .labelNames(labels)
            .register(registry);
    webhookCalls =
        Counter.build("maskstream_webhook_calls_total", "Calls of the webhook for events")
            .labelNames("outcome")
            .register(registry);
  }

  void notice(String camera, String rule, String notice) {
    notices.labels(camera, rule, notice).inc();
    noticeTime.labels(camera, rule, notice).setToCurrentTime();
  }

  void webhookCall(String outcome) {
    webhookCalls.labels(outcome).inc();
  }

  /** Those whose first label is a camera. */
  Stream<SimpleCollector<?>> ofCamera() {
    return Stream.of(notices, noticeTime);
  }
}
