package io.maskstream.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.prometheus.client.exporter.common.TextFormat;

/**
 * The endpoint of operators: {@code /metrics} for Prometheus; {@code /healthz}, which fails where
 * only a restart helps; {@code /readyz}, which fails while the process cannot do its work. Both
 * tell every check as JSON.
 */
public final class MonitorServer implements AutoCloseable {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Javalin server;
  private final String bind;

  private MonitorServer(MonitorConfig config, Metrics metrics, Health health) {
    this.bind = config.bind();
    this.server =
        Javalin.create(
            javalin -> {
              javalin.startup.showJavalinBanner = false;
              javalin.routes.get(
                  "/metrics",
                  context ->
                      context.contentType(TextFormat.CONTENT_TYPE_004).result(metrics.text()));
              javalin.routes.get(
                  "/healthz", context -> answer(context, health.report(), health.report().alive()));
              javalin.routes.get(
                  "/readyz", context -> answer(context, health.report(), health.report().ready()));
            });
    server.start(config.bind(), config.port());
  }

  /** Starts the endpoint. */
  public static MonitorServer start(MonitorConfig config, Metrics metrics, Health health) {
    return new MonitorServer(config, metrics, health);
  }

  private static void answer(Context context, Health.Report report, boolean good)
      throws JsonProcessingException {
    context
        .status(good ? OK : UNAVAILABLE)
        .contentType(ContentType.APPLICATION_JSON)
        .result(JSON.writeValueAsBytes(report));
  }

  /** Where it listens, without a path. */
  public String address() {
    return "http://" + bind + ":" + server.port();
  }

  @Override
  public void close() {
    server.stop();
  }
}
