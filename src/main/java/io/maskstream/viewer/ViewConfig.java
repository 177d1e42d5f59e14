package io.maskstream.viewer;

import static io.maskstream.config.Checks.require;

import io.javalin.http.Context;
import io.maskstream.config.Key;
import io.maskstream.config.Secret;
import io.maskstream.config.YamlReader;
import io.maskstream.metrics.ServerTls;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The web page. */
public record ViewConfig(
    @Key(
            value = "Address to listen on; 127.0.0.1 is this machine alone.",
            defaultValue = "127.0.0.1")
        String bind,
    @Key(value = "Port; 0 for any.", defaultValue = "8080") int port,
    @Key(
            "The one user of the page, an operator; a user, users or a proxy are needed where the "
                + "page can be reached from other machines.")
        Optional<String> user,
    @Key("Password of the user; ${VIEW_PASSWORD} or {file: PATH} keep it out of this file.")
        Optional<Secret> password,
    @Key(
            "File of users in the place of user and password, a line each: NAME, viewer or "
                + "operator, and what ./maskstream password prints.")
        Optional<Path> users,
    @Key("A proxy that checks users itself, such as oauth2-proxy.") Optional<Proxy> proxy,
    @Key(
            value =
                "Host names that browsers may use for the page; where it is bound to loopback, "
                    + "those of this machine, otherwise any.",
            defaultValue = "[]")
        List<String> hosts,
    @Key("Certificate, for https.") Optional<ServerTls> tls) {

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

  /** A proxy in front that checks users and passes their names. */
  public record Proxy(
      @Key("Addresses that it connects from; the header of anybody else counts for nothing.")
          List<String> addresses,
      @Key(value = "Header with the name of the user.", defaultValue = "X-Forwarded-User")
          String header,
      @Key(value = "Names of operators; everybody else is a viewer.", defaultValue = "[]")
          List<String> operators) {
    public Proxy {
      addresses = List.copyOf(addresses);
      operators = List.copyOf(operators);
      require(!addresses.isEmpty(), "addresses must name the proxy");
      require(header.matches("[A-Za-z0-9-]+"), "header must be the name of an HTTP header");
    }

    /** The user that the proxy names. */
    Optional<String> user(Context context) {
      List<String> names = Collections.list(context.req().getHeaders(header));
      String name = names.size() == 1 ? names.get(0) : ""; // a second one is from somebody else
      return name.isBlank() || !addresses.contains(context.req().getRemoteAddr())
          ? Optional.empty()
          : Optional.of(name);
    }

    Users.Role role(String user) {
      return operators.contains(user) ? Users.Role.OPERATOR : Users.Role.VIEWER;
    }
  }

  public ViewConfig {
    hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    require(port >= 0 && port <= 65_535, "port must be 0 to 65535, is " + port);
    require(user.isPresent() == password.isPresent(), "user and password must be given together");
    require(user.isEmpty() || users.isEmpty(), "give either user and password, or users");
    require(
        user.map(name -> !name.isBlank() && !name.contains(":")).orElse(true),
        "user must not be empty and hold no colon");
    require(
        password.map(secret -> !secret.value().isBlank()).orElse(true),
        "password must not be empty");
    require(
        LOOPBACK.contains(bind) || user.isPresent() || users.isPresent() || proxy.isPresent(),
        "a page that other machines reach needs user and password, users or proxy; bind is "
            + bind);
  }

  /** This machine alone. */
  public static ViewConfig local(int port) {
    return YamlReader.defaults(ViewConfig.class, Map.of("port", port));
  }

  /** Whether requests must name a known host. */
  boolean checksHosts() {
    return !hosts.isEmpty() || LOOPBACK.contains(bind);
  }

  /** Whether a request for a host, in small letters and without port, is for this page. */
  boolean answersTo(String host) {
    return hosts.contains(host)
        || host.equals(bind)
        || (LOOPBACK.contains(bind) && LOOPBACK.contains(host));
  }
}
