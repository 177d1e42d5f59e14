package io.maskstream.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/**
 * The few figures of Kafka's clients and of Kafka Streams that tell an operator something, under
 * Prometheus's conventions. Threads and tasks of one client are folded into one value, so that the
 * number of series does not grow with partitions.
 */
final class KafkaMetrics extends Collector {

  /** How values of several threads or tasks become one. */
  private enum Fold {
    SUM,
    MAX
  }

  /**
   * A figure.
   *
   * @param group Kafka's group
   * @param name Kafka's name
   * @param exported name for Prometheus
   * @param scale to base units
   */
  private record Figure(
      String group, String name, String exported, double scale, Fold fold, String help) {}

  private static final double MILLIS = 1e-3;

  private static final List<Figure> FIGURES =
      List.of(
          new Figure(
              "consumer-fetch-manager-metrics",
              "records-lag-max",
              "maskstream_kafka_consumer_lag_records",
              1,
              Fold.MAX,
              "Largest lag of a partition, records"),
          new Figure(
              "consumer-coordinator-metrics",
              "rebalance-total",
              "maskstream_kafka_consumer_rebalances",
              1,
              Fold.SUM,
              "Rebalances since the start"),
          new Figure(
              "consumer-coordinator-metrics",
              "rebalance-latency-max",
              "maskstream_kafka_consumer_rebalance_latency_max_seconds",
              MILLIS,
              Fold.MAX,
              "Longest rebalance"),
          new Figure(
              "consumer-coordinator-metrics",
              "commit-latency-avg",
              "maskstream_kafka_commit_latency_seconds",
              MILLIS,
              Fold.MAX,
              "Mean time of an offset commit"),
          new Figure(
              "producer-metrics",
              "record-error-total",
              "maskstream_kafka_producer_errors",
              1,
              Fold.SUM,
              "Records that could not be sent"),
          new Figure(
              "producer-metrics",
              "record-retry-total",
              "maskstream_kafka_producer_retries",
              1,
              Fold.SUM,
              "Sends that were tried again"),
          new Figure(
              "producer-metrics",
              "request-latency-avg",
              "maskstream_kafka_producer_request_latency_seconds",
              MILLIS,
              Fold.MAX,
              "Mean time of a produce request"),
          new Figure(
              "producer-metrics",
              "outgoing-byte-rate",
              "maskstream_kafka_producer_bytes_per_second",
              1,
              Fold.SUM,
              "Bytes sent a second"),
          new Figure(
              "stream-thread-metrics",
              "commit-latency-max",
              "maskstream_streams_commit_latency_max_seconds",
              MILLIS,
              Fold.MAX,
              "Longest commit of a stream thread"),
          new Figure(
              "stream-thread-metrics",
              "process-latency-avg",
              "maskstream_streams_process_latency_seconds",
              MILLIS,
              Fold.MAX,
              "Mean time a stream thread takes for a record"),
          new Figure(
              "stream-thread-metrics",
              "process-rate",
              "maskstream_streams_processed_records_per_second",
              1,
              Fold.SUM,
              "Records processed a second"),
          new Figure(
              "stream-metrics",
              "alive-stream-threads",
              "maskstream_stream_threads_alive",
              1,
              Fold.SUM,
              "Stream threads that are alive"),
          new Figure(
              "stream-metrics",
              "failed-stream-threads",
              "maskstream_stream_threads_failed",
              1,
              Fold.SUM,
              "Stream threads that have failed and were replaced, since the start"),
          new Figure(
              "stream-task-metrics",
              "restore-remaining-records-total",
              "maskstream_streams_restore_remaining_records",
              1,
              Fold.SUM,
              "Records of stores still to be restored"));

  private final Map<String, Supplier<? extends Map<MetricName, ? extends Metric>>> clients =
      new ConcurrentHashMap<>();

  void add(String client, Supplier<? extends Map<MetricName, ? extends Metric>> metrics) {
    clients.put(client, metrics);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Map<String, GaugeMetricFamily> families = new LinkedHashMap<>();
    for (Figure figure : FIGURES) {
      families.put(
          figure.exported, new GaugeMetricFamily(figure.exported, figure.help, List.of("client")));
    }
    clients.forEach(
        (client, metrics) -> {
          Map<MetricName, ? extends Metric> values = metrics.get();
          for (Figure figure : FIGURES) {
            Double value = folded(figure, values);
            GaugeMetricFamily family = families.get(figure.exported);
            if (value != null && family != null) {
              family.addMetric(List.of(client), value * figure.scale);
            }
          }
        });
    return new ArrayList<>(families.values());
  }

  private static @org.jspecify.annotations.Nullable Double folded(
      Figure figure, Map<MetricName, ? extends Metric> values) {
    Double result = null;
    for (Map.Entry<MetricName, ? extends Metric> entry : values.entrySet()) {
      boolean wanted =
          entry.getKey().name().equals(figure.name) && entry.getKey().group().equals(figure.group);
      if (wanted
          && entry.getValue().metricValue() instanceof Number number
          && Double.isFinite(number.doubleValue())) {
        double value = number.doubleValue();
        if (result == null) {
          result = value;
        } else {
          result = figure.fold == Fold.SUM ? result + value : Math.max(result, value);
        }
      }
    }
    return result;
  }
}
