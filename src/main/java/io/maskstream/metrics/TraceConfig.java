package io.maskstream.metrics;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.Secret;
import java.net.URI;
import java.util.Optional;

/** Where the traces of frames go. */
public record TraceConfig(
    @Key("Address that takes OTLP over HTTP, such as http://collector:4318/v1/traces.")
        String endpoint,
    @Key(
            value =
                "Share of frames that are traced, 0 to 1; processes with the same share choose the"
                    + " same frames.",
            defaultValue = "0.01")
        double sample,
    @Key("Value of the header Authorization.") Optional<Secret> authorization) {

  public TraceConfig {
    Checks.require(
        isHttp(endpoint), "endpoint must be an http or https URL with a host, is " + endpoint);
    Checks.require(sample >= 0 && sample <= 1, "sample must be 0 to 1, is " + sample);
  }

  private static boolean isHttp(String endpoint) {
    try {
      URI uri = URI.create(endpoint);
      return uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
