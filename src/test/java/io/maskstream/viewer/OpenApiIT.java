package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.maskstream.deployment.TestBroker;
import io.maskstream.event.Rule;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The OpenAPI document against the page that serves it. */
class OpenApiIT {
  private static final Set<String> METHODS = Set.of("get", "put", "post", "patch", "delete");
  private static final TopicNames TOPICS = new TopicNames("api");

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> components(Class<?> type) {
    return Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  @Test
  void document_hasEveryRouteAndField_andNoOther() throws Exception {
    JsonNode document;
    Set<String> routes = new TreeSet<>();
    try (TestBroker broker = TestBroker.start(TOPICS);
        ViewServer server =
            ViewServer.start(
                ViewConfig.local(0),
                FeedSource.raw(broker.connection(), TOPICS, RecordLoop.Observer.none()),
                RecordedControl.deployed(new ArrayList<>()))) {
      try (InputStream text =
          URI.create(server.address() + "/api/openapi.yaml").toURL().openStream()) {
        document = new YAMLMapper().readTree(text);
      }
      server.routes().stream().filter(route -> route.contains(" /api/")).forEach(routes::add);
    }
    Set<String> described = new TreeSet<>();
    for (String path : names(document.path("paths"))) {
      for (String method : names(document.path("paths").path(path))) {
        if (METHODS.contains(method)) {
          described.add(method.toUpperCase(Locale.ROOT) + " " + path);
        }
      }
    }
    assertThat(described).isEqualTo(routes).hasSizeGreaterThan(10);
    JsonNode schemas = document.at("/components/schemas");
    assertThat(names(schemas.at("/camera/properties")))
        .containsExactlyElementsOf(components(CameraState.View.class));
    assertThat(names(schemas.at("/event/properties")))
        .containsExactlyElementsOf(components(RecentEvents.View.class));
    assertThat(names(schemas.at("/watch/properties")))
        .containsExactlyElementsOf(components(RuleView.class));
    List<String> keys = new ArrayList<>(components(Rule.class));
    keys.remove("name");
    assertThat(names(schemas.at("/rule/properties"))).containsExactlyElementsOf(keys);
    assertThat(names(schemas.at("/swap/properties")))
        .containsExactlyElementsOf(components(ModelControl.Swap.class));
    assertThat(names(schemas.at("/zone/properties")))
        .containsExactlyElementsOf(components(ZoneOutline.class));
    assertThat(names(schemas.at("/second/properties")))
        .containsExactlyElementsOf(components(CameraState.Second.class));
  }
}
