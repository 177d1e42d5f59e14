package io.maskstream.viewer;

import io.maskstream.config.Key;

/** The web page. */
public record ViewConfig(
    @Key(value = "Address to listen on; 127.0.0.1 is this machine alone.", otherwise = "127.0.0.1")
        String bind,
    @Key(value = "Port; 0 for any.", otherwise = "8080") int port) {

  public ViewConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, is " + port);
    }
  }
}
