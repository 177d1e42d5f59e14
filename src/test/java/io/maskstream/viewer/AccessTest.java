package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javalin.Javalin;
import io.maskstream.CaughtLog;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  @TempDir private static Path folder;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private int iterations = PasswordHash.MIN_ITERATIONS;
  private Javalin server;

  @AfterEach
  void tearDown() {
    if (server != null) {
      server.stop();
    }
  }

  private void serve(String yaml) throws Exception {
    ViewConfig config = YamlReader.parse("view", yaml, ViewConfig.class, Map.of());
    Optional<Users> users =
        config.users().isPresent()
            ? Optional.of(Users.read(config.users().get()))
            : config
                .user()
                .map(
                    name ->
                        Users.single(
                            name, PasswordHash.of(config.password().get().value(), iterations)));
    Access access = new Access(config, users, () -> now);
    server =
        Javalin.create(
            javalin -> {
              javalin.startup.showJavalinBanner = false;
              javalin.routes.before(access::check);
              javalin.routes.after(Access::record);
              javalin.routes.get("/", context -> context.result("page"));
              javalin.routes.post("/", context -> context.result("changed"));
            });
    server.start("127.0.0.1", 0);
  }

  /** The status of a request that is written by hand. */
  private int status(String method, String... headers) throws IOException {
    StringBuilder request = new StringBuilder(method + " / HTTP/1.1\r\nConnection: close\r\n");
    boolean host = false;
    for (String header : headers) {
      request.append(header).append("\r\n");
      host |= header.startsWith("Host:");
    }
    if (!host) {
      request.append("Host: localhost:").append(server.port()).append("\r\n");
    }
    request.append("Content-Length: 0\r\n\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(request.toString().getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.substring(9, 12));
    }
  }

  private static String basic(String login) {
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Bearer x",
        "basic\t",
        "Digest a=b"
      })
  void malformedAuthorization_is401(String value) throws Exception {
    serve("{user: guard, password: secret}");
    assertThat(status("GET", "Authorization: " + value)).isEqualTo(401);
  }

  @Test
  void password_opensAndIsRemembered() throws Exception {
    iterations = PasswordHash.ITERATIONS;
    serve("{user: guard, password: 'let: me see'}");
    assertThat(status("GET")).isEqualTo(401);
    assertThat(status("GET", basic("guard:wrong"))).isEqualTo(401);
    assertThat(status("GET", basic("other:let: me see"))).isEqualTo(401);
    assertThat(status("GET", basic("guard:let: me see"))).isEqualTo(200);
    long start = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      assertThat(status("GET", basic("guard:let: me see"))).isEqualTo(200);
    }
    long hashing = System.nanoTime();
    PasswordHash.of("x");
    assertThat((hashing - start) / 20).isLessThan(System.nanoTime() - hashing);
  }

  @Test
  void failures_areThrottledAndForgottenAfterTheWait() throws Exception {
    serve("{user: guard, password: secret}");
    for (int i = 0; i < 6; i++) {
      assertThat(status("GET", basic("guard:" + i))).isEqualTo(401);
    }
    assertThat(status("GET", basic("guard:secret"))).isEqualTo(429);
    now = now.plus(Duration.ofSeconds(3));
    assertThat(status("GET", basic("guard:secret"))).isEqualTo(200);
  }

  @Test
  void roles_viewersLookAndOperatorsChange() throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(
        users,
        "# the guards\n\neva viewer %s\nolaf operator %s\n"
            .formatted(PasswordHash.of("e"), PasswordHash.of("o")));
    serve("{users: '" + users + "'}");
    assertThat(status("GET", basic("eva:e"))).isEqualTo(200);
    assertThat(status("POST", basic("eva:e"))).isEqualTo(403);
    assertThat(status("POST", basic("olaf:o"))).isEqualTo(200);
    assertThat(status("POST", basic("olaf:e"))).isEqualTo(401);
  }

  @Test
  void changes_areWrittenDownWithTheirUser_alsoWhereRefused() throws Exception {
    Path users = folder.resolve("audited");
    Files.writeString(
        users,
        "eva viewer %s\nolaf operator %s\n".formatted(PasswordHash.of("e"), PasswordHash.of("o")));
    serve("{users: '" + users + "', proxy: {addresses: ['127.0.0.1'], operators: [pia]}}");
    try (CaughtLog log = new CaughtLog(Access.class)) {
      status("GET", basic("olaf:o"));
      status("POST", basic("eva:e"));
      status("POST", basic("olaf:o"));
      status("POST", "X-Forwarded-User: pia");
      assertThat(log.texts())
          .containsExactly(
              "POST / by 'eva' from 127.0.0.1: 403",
              "POST / by 'olaf' from 127.0.0.1: 200",
              "POST / by 'pia' from 127.0.0.1: 200");
    }
  }

  @Test
  void pagesOfOtherSites_changeNothing() throws Exception {
    serve("{user: guard, password: secret}");
    String right = basic("guard:secret");
    assertThat(status("POST", right, "Origin: http://evil.example")).isEqualTo(403);
    assertThat(status("POST", right, "Origin: null")).isEqualTo(403);
    assertThat(status("POST", right, "Origin: http://localhost:" + server.port())).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://",
        "http:///",
        "://",
        "http://a b",
        "http://[::1",
        "http://%zz/",
        "http://localhost:99999999999",
        "file:///etc/passwd",
        "mailto:a@b",
        "javascript://%0a",
        "",
        "\u00e9://\u00e9"
      })
  void originThatIsNoSite_is403(String origin) throws Exception {
    serve("{user: guard, password: secret}");
    assertThat(status("POST", basic("guard:secret"), "Origin: " + origin)).isEqualTo(403);
  }

  /** Whatever a header holds, a request is refused by its own rule and nothing fails inside. */
  @Test
  void headersAtRandom_areRefusedWithoutAFailure() throws Exception {
    serve("{user: guard, password: secret}");
    Random random = new Random(14);
    String[] parts = {
      "http",
      "://",
      "[",
      "]",
      ":",
      "%",
      "%zz",
      "@",
      "localhost",
      " ",
      "\t",
      ",",
      ";",
      "/",
      "\\",
      "?",
      "#",
      "\u0000",
      "\u00ff",
      "\ud83d\ude00",
      "null",
      "Basic ",
      "====",
      "bm9j",
      "-1",
      "99999999999"
    };
    for (int i = 0; i < 600; i++) {
      StringBuilder value = new StringBuilder();
      for (int n = random.nextInt(7); n >= 0; n--) {
        value.append(parts[random.nextInt(parts.length)]);
      }
      String name = List.of("Host", "Origin", "Authorization").get(i % 3);
      String header = name + ": " + value;
      int status =
          name.equals("Origin")
              ? status("POST", basic("guard:secret"), header)
              : status("POST", header);
      assertThat(status).as(header).isIn(400, 401, 403, 421, 429);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "127.0.0.1:80, 200",
    "'[::1]:80', 200",
    "evil.example, 421",
    "localhost.evil.example, 421"
  })
  void host_boundToLoopback_mustBeThisMachine(String host, int expected) throws Exception {
    serve("{}");
    assertThat(status("GET", "Host: " + host)).isEqualTo(expected);
  }

  @Test
  void host_namedInTheConfiguration_isTaken() throws Exception {
    serve("{hosts: [Cams.example]}");
    assertThat(status("GET", "Host: cams.example:8080")).isEqualTo(200);
  }

  @Test
  void proxy_namesTheUser_nobodyElseMay() throws Exception {
    serve("{proxy: {addresses: ['127.0.0.1'], operators: [olaf]}}");
    assertThat(status("GET")).isEqualTo(401);
    assertThat(status("GET", "X-Forwarded-User: eva")).isEqualTo(200);
    assertThat(status("POST", "X-Forwarded-User: eva")).isEqualTo(403);
    assertThat(status("POST", "X-Forwarded-User: olaf")).isEqualTo(200);
    assertThat(status("POST", "X-Forwarded-User: olaf", "X-Forwarded-User: eva")).isEqualTo(401);
    server.stop();
    serve("{proxy: {addresses: ['10.0.0.1'], operators: [olaf]}}");
    assertThat(status("GET", "X-Forwarded-User: olaf")).isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{user: '', password: x} | user must not be empty",
        "{user: a, password: ''} | password must not be empty",
        "{user: a} | given together",
        "{bind: 0.0.0.0} | user and password, users or proxy",
        "{user: a, password: b, users: f} | either",
        "{proxy: {addresses: []}} | name the proxy",
        "{tls: {certificate: a}} | either certificate and key"
      })
  void config_thatLeavesADoorOpen_isRefused(String yaml, String rule) {
    assertThatThrownBy(() -> YamlReader.parse("view", yaml, ViewConfig.class, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(rule);
  }

  @Test
  void usersFile_allMistakesAreNamedWithoutTheHash() throws Exception {
    Path users = folder.resolve("bad");
    Files.writeString(
        users, "eva viewer secret\nolaf king " + PasswordHash.of("x") + "\nonly two\n");
    assertThatThrownBy(() -> Users.read(users))
        .hasMessageContaining("line 1: a password must be")
        .hasMessageContaining("line 2: the role")
        .hasMessageContaining("line 3: a user is")
        .hasMessageNotContaining("secret");
  }

  @Test
  void passwordHash_textForm_isReadBack() {
    PasswordHash hash = PasswordHash.parse(PasswordHash.of("pässword").toString());
    assertThat(hash.matches("pässword")).isTrue();
    assertThat(hash.matches("passwort")).isFalse();
  }
}
