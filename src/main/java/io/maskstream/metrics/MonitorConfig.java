package io.maskstream.metrics;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import java.util.Map;
import java.util.Optional;

/** Where metrics and health are served, what the log looks like, and where traces go. */
public record MonitorConfig(
    @Key(value = "Address to listen on; 0.0.0.0 in a container.", defaultValue = "127.0.0.1")
        String bind,
    @Key(value = "Port of /metrics, /healthz and /readyz; 0 for any.", defaultValue = "9464")
        int port,
    @Key(
            value = "Format of the log: text, or json with an object per line for collectors.",
            defaultValue = "text")
        LogFormat log,
    @Key("Certificate, for https.") Optional<ServerTls> tls,
    @Key("Traces of frames from capture to mask, by OpenTelemetry; none where it is left out.")
        Optional<TraceConfig> traces) {

  public MonitorConfig {
    Checks.require(port >= 0 && port <= 65_535, "port must be 0 to 65535, is " + port);
  }

  /** This machine alone. */
  public static MonitorConfig local(int port) {
    return YamlReader.defaults(MonitorConfig.class, Map.of("port", port));
  }
}
