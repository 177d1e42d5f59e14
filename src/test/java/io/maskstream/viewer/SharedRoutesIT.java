package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.Javalin;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cameras and models over HTTP cost no read of Kafka each, and say why there is none. */
class SharedRoutesIT {
  private static final int REQUESTS = 20;

  private final List<String> changes = new CopyOnWriteArrayList<>();
  private final AtomicInteger reads = new AtomicInteger();
  private Javalin server;

  /** Lists the changes that have been made. */
  private final class Cameras implements CameraControl {
    private final RecordedControl recorded = new RecordedControl(changes);

    @Override
    public Map<String, ?> list() {
      reads.incrementAndGet();
      if (changes.contains("remove unreadable")) {
        throw new IllegalStateException("the record of camera unreadable is not readable");
      }
      return Map.of("changes", List.copyOf(changes));
    }

    @Override
    public void add(String id, Map<String, Object> settings) {
      recorded.add(id, settings);
    }

    @Override
    public void set(String id, Map<String, Object> settings) {
      recorded.set(id, settings);
    }

    @Override
    public void pause(String id, boolean paused) {
      recorded.pause(id, paused);
    }

    @Override
    public void remove(String id) {
      recorded.remove(id);
    }
  }

  /** Kafka is away after the first order. */
  private final class Models implements ModelControl {
    @Override
    public List<?> list() throws IOException {
      reads.incrementAndGet();
      if (!changes.isEmpty()) {
        throw new IOException("cannot reach Kafka at nowhere:1");
      }
      return List.of("slot");
    }

    @Override
    public void swap(String slot, Swap swap) {
      changes.add("swap " + slot);
    }

    @Override
    public void rollback(String slot) throws IOException {
      changes.add("rollback " + slot);
      throw new IOException("interrupted"); // the order may have been given
    }
  }

  @BeforeEach
  void start() {
    server =
        Javalin.create(
                javalin -> {
                  CameraRoutes.add(javalin.routes, new Cameras());
                  ModelRoutes.add(javalin.routes, new Models());
                })
            .start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private String get(String path) throws Exception {
    return send("GET", path).body();
  }

  @Test
  void requests_withinASecond_areOneRead_andAChangeIsSeenAtOnce() throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(get("/api/registry")).isEqualTo("{\"changes\":[]}");
      assertThat(get("/api/models")).isEqualTo("[\"slot\"]");
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(reads.get()).isBetween(2, 2 + (int) (2 * seconds)).isLessThan(2 * REQUESTS);
    for (String change :
        List.of(
            "PUT /api/registry/gate",
            "PATCH /api/registry/gate",
            "DELETE /api/registry/gate",
            "POST /api/registry/gate/pause",
            "POST /api/registry/gate/resume")) {
      String[] parts = change.split(" ");
      assertThat(send(parts[0], parts[1]).statusCode()).as(change).isEqualTo(204);
      String verb = changes.get(changes.size() - 1);
      assertThat(get("/api/registry")).as(change).contains("\"" + verb + "\"");
    }
  }

  @Test
  void whatCannotBeRead_isUnavailableWithTheReason() throws Exception {
    assertThat(get("/api/models")).isEqualTo("[\"slot\"]");
    assertThat(send("POST", "/api/models/gate/rollback").statusCode()).isEqualTo(503);
    HttpResponse<String> models = send("GET", "/api/models");
    assertThat(models.statusCode()).isEqualTo(503);
    assertThat(models.body()).isEqualTo("cannot reach Kafka at nowhere:1");
    assertThat(send("DELETE", "/api/registry/unreadable").statusCode()).isEqualTo(204);
    HttpResponse<String> registry = send("GET", "/api/registry");
    assertThat(registry.statusCode()).isEqualTo(503);
    assertThat(registry.body()).isEqualTo("the record of camera unreadable is not readable");
  }
}
