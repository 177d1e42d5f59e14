package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.TestBroker;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what on the page itself. */
class ViewServerIT {
  @TempDir private static Path folder;

  private static final TopicNames TOPICS = new TopicNames("test");
  private static TestBroker broker;

  private final List<String> changes = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private ViewServer server;

  private final class Recorded implements CameraControl {
    @Override
    public Map<String, ?> list() {
      return Map.of();
    }

    @Override
    public void add(String id, Map<String, Object> settings) {
      changes.add("add " + id);
    }

    @Override
    public void set(String id, Map<String, Object> settings) {
      changes.add("set " + id);
    }

    @Override
    public void pause(String id, boolean paused) {
      changes.add((paused ? "pause " : "resume ") + id);
    }

    @Override
    public void remove(String id) {
      changes.add("remove " + id);
    }
  }

  @BeforeAll
  static void startBroker() throws Exception {
    broker = TestBroker.start(TOPICS);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void setUp() throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(
        users,
        "eva viewer %s\nolaf operator %s\n".formatted(PasswordHash.of("e"), PasswordHash.of("o")));
    server =
        ViewServer.start(
            YamlReader.parse(
                "view", "{port: 0, users: '%s'}".formatted(users), ViewConfig.class, Map.of()),
            broker.connection(),
            TOPICS,
            new Recorded(),
            RecordLoop.Observer.none());
  }

  @AfterEach
  void tearDown() {
    server.close();
  }

  private int status(String route, String login) throws IOException, InterruptedException {
    String[] parts = route.split(" ");
    String path = parts[1].replaceAll("\\{[^}]*}", "gate");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .timeout(Duration.ofSeconds(10))
            .method(parts[0], HttpRequest.BodyPublishers.ofString("{}"));
    if (!login.isEmpty()) {
      request.header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.US_ASCII)));
    }
    HttpResponse<java.io.InputStream> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    answer.body().close(); // events have no end
    return answer.statusCode();
  }

  @Test
  void routesThatChange_areForOperatorsAlone() throws Exception {
    List<String> changing = new ArrayList<>(server.routes());
    changing.removeIf(route -> route.startsWith("GET "));
    assertThat(changing).hasSize(5);
    for (String route : changing) {
      assertThat(status(route, "eva:e")).as(route).isEqualTo(403);
    }
    assertThat(changes).isEmpty();
    for (String route : changing) {
      assertThat(status(route, "olaf:o")).as(route).isEqualTo(204);
    }
    assertThat(changes)
        .containsExactlyInAnyOrder(
            "add gate", "set gate", "remove gate", "pause gate", "resume gate");
  }

  @Test
  void routes_allOfThem_needALogin() throws Exception {
    assertThat(server.routes()).hasSizeGreaterThan(10);
    for (String route : server.routes()) {
      assertThat(status(route, "")).as(route).isEqualTo(401);
    }
    for (String route : server.routes()) {
      if (route.startsWith("GET ")) {
        assertThat(status(route, "eva:e")).as(route).isIn(200, 404);
      }
    }
  }
}
