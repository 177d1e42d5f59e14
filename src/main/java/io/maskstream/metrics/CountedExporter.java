package io.maskstream.metrics;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the spans that a collector did not take, and says once when it stops and starts. */
final class CountedExporter implements SpanExporter {
  private static final Logger log = LoggerFactory.getLogger(CountedExporter.class);

  private final SpanExporter exporter;
  private final String endpoint;
  private final Metrics metrics;
  private final AtomicBoolean failing = new AtomicBoolean();

  CountedExporter(SpanExporter exporter, String endpoint, Metrics metrics) {
    this.exporter = exporter;
    this.endpoint = endpoint;
    this.metrics = metrics;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    CompletableResultCode result = exporter.export(spans);
    return result.whenComplete(() -> report(count, result));
  }

  private void report(int count, CompletableResultCode result) {
    if (!result.isSuccess()) {
      metrics.spansLost(count);
    }
    if (failing.compareAndSet(result.isSuccess(), !result.isSuccess())) {
      if (result.isSuccess()) {
        log.info("the collector of traces at {} takes spans again", endpoint);
      } else {
        Throwable failure = result.getFailureThrowable();
        log.warn(
            "the collector of traces at {} takes no spans: {}",
            endpoint,
            failure == null ? "it refused them" : failure.getMessage());
      }
    }
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
