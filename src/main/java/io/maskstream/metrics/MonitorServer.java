package io.maskstream.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.util.JavalinBindException;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;

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
  private final String address;

  private MonitorServer(MonitorConfig config, Metrics metrics, Health health) {
    this.address = (config.tls().isPresent() ? "https://" : "http://") + config.bind();
    this.server =
        Javalin.create(
            javalin -> {
              javalin.startup.showJavalinBanner = false;
              config.tls().ifPresent(tls -> tls.install(javalin, config.bind(), config.port()));
              javalin.routes.get(
                  "/metrics",
                  context ->
                      context.contentType(TextFormat.CONTENT_TYPE_004).result(metrics.text()));
              javalin.routes.get(
                  "/healthz", context -> answer(context, health.report(), health.report().alive()));
              javalin.routes.get(
                  "/readyz", context -> answer(context, health.report(), health.report().ready()));
            });
  }

  /**
   * Starts the endpoint.
   *
   * @throws IOException where the port is taken
   */
  public static MonitorServer start(MonitorConfig config, Metrics metrics, Health health)
      throws IOException {
    MonitorServer made = new MonitorServer(config, metrics, health);
    try {
      made.server.start(config.bind(), config.port());
      return made;
    } catch (JavalinBindException e) {
      throw new IOException(
          "monitor: cannot listen on %s port %d, is another process there?"
              .formatted(config.bind(), config.port()),
          e);
    }
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
    return address + ":" + server.port();
  }

  @Override
  public void close() {
    server.stop();
  }
}
