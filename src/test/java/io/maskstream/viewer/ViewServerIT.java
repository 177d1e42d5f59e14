package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.TestBroker;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.Json;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
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
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
    start();
  }

  private void start() throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(
        users,
        "eva viewer %s\nolaf operator %s\n".formatted(PasswordHash.of("e"), PasswordHash.of("o")));
    server =
        ViewServer.start(
            YamlReader.parse(
                "view", "{port: 0, users: '%s'}".formatted(users), ViewConfig.class, Map.of()),
            FeedSource.raw(broker.connection(), TOPICS, RecordLoop.Observer.none()),
            RecordedControl.deployed(changes));
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
            .method(parts[0], HttpRequest.BodyPublishers.ofString("{\"folder\": \"/models/new\"}"));
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
    assertThat(changing).hasSize(9);
    for (String route : changing) {
      assertThat(status(route, "eva:e")).as(route).isEqualTo(403);
    }
    assertThat(changes).isEmpty();
    for (String route : changing) {
      assertThat(status(route, "olaf:o")).as(route).isEqualTo(204);
    }
    assertThat(changes)
        .containsExactlyInAnyOrder(
            "add gate",
            "set gate",
            "remove gate",
            "pause gate",
            "resume gate",
            "gate to /models/new",
            "gate rolled back",
            "rule gate {folder=/models/new}",
            "no rule gate");
  }

  @Test
  void methodThatARouteHasNot_isSaidSo() throws Exception {
    assertThat(status("DELETE /api/role", "olaf:o")).isEqualTo(405);
    assertThat(status("DELETE /api/none", "olaf:o")).isEqualTo(404);
  }

  @Test
  void head_answersAsGetDoes() throws Exception {
    for (String path : List.of("/", "/api/cameras", "/api/cameras/none/picture", "/api/none")) {
      assertThat(status("HEAD " + path, "eva:e"))
          .as(path)
          .isEqualTo(status("GET " + path, "eva:e"));
    }
    assertThat(status("HEAD /api/cameras", "")).isEqualTo(401);
    assertThat(status("HEAD /api/events", "eva:e")).isEqualTo(200);
  }

  /** More than the server has threads. */
  @Test
  void bodiesThatDoNotCome_leaveThePageToOthers() throws Exception {
    String login = Base64.getEncoder().encodeToString("olaf:o".getBytes(StandardCharsets.US_ASCII));
    URI page = URI.create(server.address());
    String part =
        """
        PUT /api/rules/r HTTP/1.1\r
        Host: %s\r
        Authorization: Basic %s\r
        Content-Length: 9\r
        \r
        {"""
            .formatted(page.getAuthority(), login);
    List<Socket> open = new ArrayList<>();
    try {
      for (int at = 0; at < 260; at++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), page.getPort());
        open.add(socket);
        socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(status("GET /api/cameras", "eva:e")).isEqualTo(200);
      await().until(() -> status("PUT /api/rules/r", "olaf:o") == 503);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    await().until(() -> status("PUT /api/rules/r", "olaf:o") == 204);
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    String login = Base64.getEncoder().encodeToString("olaf:o".getBytes(StandardCharsets.US_ASCII));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Authorization", "Basic " + login)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> swap(String order) throws Exception {
    return post("/api/models/gate/swap", order);
  }

  @Test
  void changes_withoutKafka_areUnavailableWithTheReason() throws Exception {
    HttpResponse<String> answer = post("/api/models/" + RecordedControl.AWAY + "/rollback", "");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEqualTo("cannot reach Kafka at nowhere:1");
  }

  @Test
  void swaps_thatBreakARule_areRefusedWithIt() throws Exception {
    assertThat(swap("{\"folder\": \"m\", \"shadowSeconds\": 0.5, \"agreement\": 1}").statusCode())
        .isEqualTo(204);
    for (String wrong :
        List.of(
            "null|the body must be a JSON object",
            "[]|the body must be a JSON object",
            "{}|folder must be a text, is null",
            "{\"folder\": \" \"}|folder must name the new model's bundle",
            "{\"folder\": \"m\", \"shadow\": 5}|not [shadow]",
            "{\"folder\": \"m\", \"shadowSeconds\": \"5\"}|shadowSeconds must be a number, is 5",
            "{\"folder\": \"m\", \"shadowSeconds\": -1}|shadowSeconds must be 0 to 86400, is -1.0",
            "{\"folder\": \"m\", \"shadowSeconds\": 1e9}|shadowSeconds must be 0 to 86400",
            "{\"folder\": \"m\", \"agreement\": 1.1}|agreement must be 0 to 1, is 1.1")) {
      HttpResponse<String> answer = swap(wrong.split("\\|")[0]);
      assertThat(answer.statusCode()).as(wrong).isEqualTo(400);
      assertThat(answer.body()).as(wrong).contains(wrong.split("\\|")[1]);
    }
    assertThat(changes).containsExactly("gate to m");
  }

  private static void send(String topic, String key, String value) throws Exception {
    try (Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
      producer
          .send(
              new ProducerRecord<>(
                  topic,
                  key.getBytes(StandardCharsets.UTF_8),
                  value.getBytes(StandardCharsets.UTF_8)))
          .get();
    }
  }

  private HttpResponse<java.io.InputStream> get(String path) throws Exception {
    String login = Base64.getEncoder().encodeToString("eva:e".getBytes(StandardCharsets.US_ASCII));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .header("Authorization", "Basic " + login)
            .header("Accept", path.equals("/api/events") ? "text/event-stream" : "*/*")
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
  }

  private String text(String path) throws Exception {
    return new String(get(path).body().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void zonesAndEvents_ofBeforeTheStart_areThere() throws Exception {
    send(TOPICS.cameras(), "@owner", "{\"owner\": \"host/1\"}");
    send(
        TOPICS.cameras(),
        "gate",
        "{\"settings\": {\"url\": \"x\", \"zones\": [{\"name\": \"door\","
            + " \"polygon\": [[0, 0], [1, 0], [1, 1]]}]}, \"paused\": false}");
    for (String notice : List.of("started", "ended")) {
      byte[] event = Json.write(RecentEventsTest.event("gate/crowd/1/1", "gate", notice, 5));
      send(TOPICS.events(), "gate", new String(event, StandardCharsets.UTF_8));
    }
    server.close();
    start();
    await().until(() -> text("/api/events/recent").contains("\"ongoing\":false"));
    assertThat(text("/api/events/recent"))
        .contains("\"rule\":\"crowd\"", "\"classes\":[\"pedestrian\"]", "\"camera\":\"gate\"");
    await().until(() -> get("/api/cameras/gate/zones").statusCode() == 200);
    assertThat(text("/api/cameras/gate/zones"))
        .isEqualTo(
            "[{\"name\":\"door\",\"polygon\":[[0.0,0.0],[1.0,0.0],[1.0,1.0]],\"regions\":[]}]");
    assertThat(text("/api/cameras")).contains("\"camera\":\"gate\"").doesNotContain("@owner");
    try (java.io.InputStream stream = get("/api/events").body()) {
      String first = new String(stream.readNBytes(1_000), StandardCharsets.UTF_8);
      assertThat(first).contains("event: all").contains("event: happened").contains("crowd");
    }
  }

  @Test
  void conditions_ofBeforeTheStart_areThere_andMakeNoCameraKnown() throws Exception {
    for (String camera : List.of("yard", "unknown")) {
      byte[] event = Json.write(RecentEventsTest.condition("covered", camera, "started"));
      send(TOPICS.events(), camera, new String(event, StandardCharsets.UTF_8));
    }
    send(TOPICS.cameras(), "yard", "{\"settings\": {\"url\": \"x\"}, \"paused\": false}");
    server.close();
    start();
    await().until(() -> text("/api/cameras").contains("\"conditions\":[\"covered\"]"));
    assertThat(text("/api/events/recent")).contains("\"camera\":\"unknown\"");
    assertThat(text("/api/cameras")).contains("\"camera\":\"yard\"").doesNotContain("unknown");
    byte[] over = Json.write(RecentEventsTest.condition("covered", "yard", "ended"));
    send(TOPICS.events(), "yard", new String(over, StandardCharsets.UTF_8));
    await().until(() -> !text("/api/cameras").contains("covered"));
  }

  @Test
  void recentEvents_areChosenByTheQuery() throws Exception {
    String query = "/api/events/recent?camera=shed&rule=crowd&class=pedestrian";
    for (String notice : List.of("started", "ended")) { // 00:00:01 to 00:00:06 on 1970-01-01
      byte[] event = Json.write(RecentEventsTest.event("shed/crowd/1/1", "shed", notice, 5));
      send(TOPICS.events(), "shed", new String(event, StandardCharsets.UTF_8));
    }
    await().until(() -> text(query).contains("\"ongoing\":false"));
    assertThat(text(query + "&from=1970-01-01T00:00:06Z&to=1970-01-01T00:00:01Z"))
        .contains("from must not be after to");
    assertThat(text(query + "&from=1970-01-01T00:00:06Z")).contains("shed");
    assertThat(text(query + "&from=1970-01-01T00:00:07Z")).isEqualTo("[]");
    assertThat(text(query + "&to=1970-01-01T00:00:01Z")).contains("shed");
    assertThat(text(query + "&to=1970-01-01T00:00:00Z")).isEqualTo("[]");
    for (String other : List.of("camera=gate", "rule=fire", "class=car")) {
      assertThat(text(query.replaceFirst(other.replaceFirst("=.*", "") + "=\\w+", other)))
          .as(other)
          .doesNotContain("shed");
    }
    assertThat(get("/api/events/recent?from=yesterday").statusCode()).isEqualTo(400);
    assertThat(text("/api/events/recent?from=yesterday"))
        .contains("from must be a time", "'yesterday'");
    assertThat(get("/api/events/recent?zone=x").statusCode()).isEqualTo(400);
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
