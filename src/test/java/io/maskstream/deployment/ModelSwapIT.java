package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.TestBundles;
import io.maskstream.rollout.ModelOrders;
import io.maskstream.rollout.RolloutCommand;
import io.maskstream.rollout.ShadowRule;
import io.maskstream.topic.TopicNames;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models changed over the page's HTTP interface while a camera runs over a real broker. */
class ModelSwapIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir private Path folder;

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String url, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static JsonNode slot(String page) throws Exception {
    String body = send(HttpRequest.newBuilder(URI.create(page + "/api/models"))).body();
    return new ObjectMapper().readTree(body).get(0);
  }

  private static String order(Path bundle, double seconds, double agreement) {
    return "{\"folder\": \"%s\", \"shadowSeconds\": %s, \"agreement\": %s}"
        .formatted(bundle, seconds, agreement);
  }

  private DeploymentConfig config(EmbeddedBroker broker, Path model) throws Exception {
    String yaml =
        """
        name: swap
        kafka: {bootstrap: '%s'}
        topics: {prefix: swap, partitions: 1}
        cameras: [{id: a, url: 'synthetic:street?seed=1', fps: 30, width: 96, height: 64}]
        segment: {model: '%s', maxAge: 2s}
        view: {port: 0}
        monitor: {port: 0}
        """
            .formatted(broker.bootstrap(), model);
    return YamlReader.parse("swap.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  @Test
  void page_swapsTriesAndRollsBack() throws Exception {
    Path one = TestBundles.write(folder.resolve("one"), "street", "1", 1);
    Path two = TestBundles.write(folder.resolve("two"), "street", "2", 1);
    Path bad = TestBundles.write(folder.resolve("bad"), "street", "3", 99);
    Path other =
        TestBundles.write(folder.resolve("other"), "street", "4", 1, TestBundles.otherTable());
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0);
        Deployment deployment = Deployment.start(config(broker, one), EnumSet.allOf(Role.class))) {
      String page = deployment.page().orElseThrow();
      String street = page + "/api/models/street";
      await().atMost(TIMEOUT).until(() -> slot(page).path("workers").asInt() == 1);
      JsonNode first = slot(page);
      assertThat(first.path("serving").asText()).isEqualTo(one.toString());
      assertThat(first.path("model").asText()).isEqualTo("street@1");
      assertThat(first.path("order").isNull()).isTrue();
      wrongOrdersAreRefused(page, two);

      assertThat(post(street + "/swap", order(two, 1, 0.5)).statusCode()).isEqualTo(204);
      await().atMost(TIMEOUT).until(() -> slot(page).path("answered").asInt() == 1);
      JsonNode taken = slot(page);
      assertThat(taken.path("serving").asText()).isEqualTo(two.toString());
      JsonNode report = taken.at("/reports/0/report");
      assertThat(report.path("outcome").asText()).isEqualTo("taken-over");
      assertThat(report.path("agreement").asDouble()).isGreaterThan(0.5);
      assertThat(taken.at("/reports/0/millis").asLong()).isPositive();
      await().atMost(TIMEOUT).until(() -> served(page).equals("street 2"));

      assertThat(post(street + "/swap", order(bad, 1, 0.99)).statusCode()).isEqualTo(204);
      await().atMost(TIMEOUT).until(() -> slot(page).path("reports").size() == 3);
      JsonNode undone = slot(page); // the trial and what undoes it
      assertThat(undone.at("/reports/1/report/outcome").asText()).isEqualTo("rolled-back");
      assertThat(undone.at("/order/undoing").asBoolean()).isTrue();
      assertThat(undone.path("serving").asText()).isEqualTo(two.toString());
      HttpResponse<String> again = post(street + "/rollback", "");
      assertThat(again.statusCode()).isEqualTo(400);
      assertThat(again.body())
          .startsWith("the last change of street was undone already (")
          .endsWith(two + " serves");

      // Its masks name a class table that was not there before.
      assertThat(post(street + "/swap", order(other, 0, 0)).statusCode()).isEqualTo(204);
      await().atMost(TIMEOUT).until(() -> served(page).equals("street 4"));

      assertThat(post(street + "/swap", order(one, 0, 0)).statusCode()).isEqualTo(204);
      await().atMost(TIMEOUT).until(() -> served(page).equals("street 1"));
      assertThat(post(street + "/rollback", "").statusCode()).isEqualTo(204);
      await().atMost(TIMEOUT).until(() -> served(page).equals("street 4"));
    }
  }

  private static String served(String page) throws Exception {
    String body = send(HttpRequest.newBuilder(URI.create(page + "/api/cameras"))).body();
    return new ObjectMapper().readTree(body).get(0).path("model").asText();
  }

  private void wrongOrdersAreRefused(String page, Path two) throws Exception {
    Path none = folder.resolve("none");
    HttpResponse<String> answer = post(page + "/api/models/street/swap", order(none, 1, 0.5));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo("a model is a folder with bundle.yaml; no such folder: " + none);
    answer = post(page + "/api/models/yard/swap", order(two, 1, 0.5));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("there is no model 'yard' to replace, there are [street]");
    answer = post(page + "/api/models/street/rollback", "");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("the model of street was never changed");
    assertThat(slot(page).path("order").isNull()).isTrue();
  }

  /** What is undone is the model that served, not one that was on trial. */
  @Test
  void swap_duringATrial_replacesTheOneThatServes() throws Exception {
    Path one = TestBundles.write(folder.resolve("one"), "street", "1", 1);
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0);
        Deployment view = Deployment.start(config(broker, one), Set.of(Role.VIEW))) {
      ModelOrders orders =
          new ModelOrders(view.kafka(), new TopicNames("swap"), "swap", Clock.systemUTC());
      assertThat(orders.workers()).isZero(); // no group yet
      ModelOrders.Slot slot = ModelOrders.Slot.of(ModelBundle.read(one));
      ShadowRule rule = new ShadowRule(Duration.ofMinutes(5), 0.9);
      assertThat(orders.swap(slot, Path.of("/two"), rule).previous()).isEqualTo(one.toString());
      RolloutCommand second = orders.swap(slot, Path.of("/three"), ShadowRule.AT_ONCE);
      assertThat(second.previous()).isEqualTo(one.toString());
      assertThat(orders.swap(slot, Path.of("/four"), ShadowRule.AT_ONCE).previous())
          .isEqualTo("/three");
      assertThat(orders.rollback(slot).folder()).isEqualTo("/three");
      assertThat(orders.read().orders()).hasSize(4);
      assertThat(slot(view.page().orElseThrow()).path("problem").asText())
          .contains("no such folder: /three");
    }
  }
}
