package io.maskstream.viewer;

import io.maskstream.config.Key;
import java.util.Optional;
import java.util.Set;

/** The web page. */
public record ViewConfig(
    @Key(
            value = "Address to listen on; 127.0.0.1 is this machine alone.",
            defaultValue = "127.0.0.1")
        String bind,
    @Key(value = "Port; 0 for any.", defaultValue = "8080") int port,
    @Key("User of the page; needed where it can be reached from other machines.")
        Optional<String> user,
    @Key("Password of the page; take it from the environment: ${VIEW_PASSWORD}.")
        Optional<String> password) {

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

  public ViewConfig {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, is " + port);
    }
    if (user.isPresent() != password.isPresent()) {
      throw new IllegalArgumentException("user and password must be given together");
    }
    if (!LOOPBACK.contains(bind) && password.isEmpty()) {
      throw new IllegalArgumentException(
          "a page that other machines reach needs a user and a password; bind is " + bind);
    }
  }

  /** This machine alone. */
  public static ViewConfig local(int port) {
    return new ViewConfig("127.0.0.1", port, Optional.empty(), Optional.empty());
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ViewConfig[bind=%s, port=%d, user=%s, password=%s]"
        .formatted(bind, port, user.orElse("none"), password.isPresent() ? "***" : "none");
  }
}
