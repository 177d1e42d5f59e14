package io.maskstream.viewer;

import io.javalin.config.RoutesConfig;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.maskstream.topic.Json;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The forms of the records: a JSON Schema per topic of JSON, and the Protobuf file of masks. */
final class SchemaRoutes {

  /** Topics whose records are JSON, without the prefix. */
  static final List<String> TOPICS =
      List.of(
          "camera-status",
          "cameras",
          "class-stats",
          "class-stats-windowed",
          "class-tables",
          "drops",
          "events",
          "model-orders",
          "model-reports",
          "rules");

  private static final String JSON = ".json";
  private static final String PROTO = "segmented_frame.proto";

  private SchemaRoutes() {}

  static void add(RoutesConfig routes) {
    routes.get(
        "/api/schemas",
        context -> context.contentType(ContentType.APPLICATION_JSON).result(Json.write(names())));
    routes.get("/api/schemas/{file}", SchemaRoutes::file);
  }

  private static List<String> names() {
    return Stream.concat(TOPICS.stream().map(topic -> topic + JSON), Stream.of(PROTO)).toList();
  }

  private static void file(Context context) {
    String name = context.pathParam("file");
    if (!names().contains(name)) {
      throw new NotFoundResponse("no schema " + name + ", there are " + names());
    }
    boolean proto = name.equals(PROTO);
    context
        .result(
            Objects.requireNonNull(
                SchemaRoutes.class.getResourceAsStream((proto ? "/proto/" : "/schemas/") + name)))
        .contentType(proto ? "text/plain; charset=utf-8" : "application/schema+json");
  }
}
