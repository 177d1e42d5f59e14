package io.maskstream.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;

/** Prometheus as a process, with our rules; alerts wait as long as evaluation takes. */
record PrometheusProcess(Process process, String address) implements AutoCloseable {
  static final Path RULES = Path.of("deploy/prometheus/maskstream-rules.yml");

  private static final ObjectMapper JSON = new ObjectMapper();

  static PrometheusProcess start(Path folder, String... targets) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String rules =
        Files.readString(RULES)
            .replaceAll("(?m)^( +)for: .*$", "$1for: 0s")
            .replace("failing_timestamp_seconds > 0) > 300", "failing_timestamp_seconds > 0) > 2");
    Files.writeString(folder.resolve("rules.yml"), rules);
    Files.writeString(
        folder.resolve("prometheus.yml"),
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: [rules.yml]
        scrape_configs:
          - job_name: maskstream
            static_configs: [{targets: ['%s']}]
        """
            .formatted(String.join("', '", targets)));
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + folder.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    return new PrometheusProcess(process, "http://127.0.0.1:" + port);
  }

  private JsonNode get(String path) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(address + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    return JSON.readTree(response.body());
  }

  /** Number of series that a query returns with a value; -1 where the query is wrong. */
  int series(String query) throws Exception {
    JsonNode answer =
        get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
    return answer.path("status").asText().equals("success")
        ? answer.path("data").path("result").size()
        : -1;
  }

  TreeSet<String> firing() throws Exception {
    TreeSet<String> names = new TreeSet<>();
    for (JsonNode alert : get("/api/v1/alerts").path("data").path("alerts")) {
      if (alert.path("state").asText().equals("firing")) {
        names.add(alert.path("labels").path("alertname").asText());
      }
    }
    return names;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
