package io.maskstream.viewer;

import io.javalin.config.RoutesConfig;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.maskstream.config.ConfigException;
import io.maskstream.topic.Json;
import java.io.IOException;

/**
 * The cameras over HTTP: what {@code ./maskstream cameras} does. {@link Access} lets operators
 * alone change anything.
 */
final class CameraRoutes {
  private static final String ALL = "/api/registry";
  private static final String ONE = ALL + "/{camera}";

  private final CameraControl cameras;

  private CameraRoutes(CameraControl cameras) {
    this.cameras = cameras;
  }

  static void add(RoutesConfig routes, CameraControl cameras) {
    CameraRoutes handlers = new CameraRoutes(cameras);
    routes.get(ALL, handlers::list);
    routes.put(ONE, changing((context, id) -> cameras.add(id, Changes.object(context))));
    routes.patch(ONE, changing((context, id) -> cameras.set(id, Changes.object(context))));
    routes.delete(ONE, changing((context, id) -> cameras.remove(id)));
    routes.post(ONE + "/pause", changing((context, id) -> cameras.pause(id, true)));
    routes.post(ONE + "/resume", changing((context, id) -> cameras.pause(id, false)));
  }

  private void list(Context context) {
    context.contentType(ContentType.APPLICATION_JSON).result(Json.write(cameras.list()));
  }

  /** A change of a camera. */
  private interface Change {
    void apply(Context context, String id) throws IOException, ConfigException;
  }

  private static Handler changing(Change change) {
    return Changes.handler(context -> change.apply(context, context.pathParam("camera")));
  }
}
