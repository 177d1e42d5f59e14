package io.maskstream.viewer;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;

/**
 * The cameras over HTTP: what {@code ./maskstream cameras} does. {@link Access} lets operators
 * alone change anything.
 */
final class CameraRoutes {
  private static final String ALL = "/api/registry";
  private static final String ONE = ALL + "/{camera}";

  private CameraRoutes() {}

  static void add(RoutesConfig routes, CameraControl cameras) {
    SharedRead<Map<String, ?>> entries = new SharedRead<>("cameras", cameras::list);
    routes.get(ALL, entries.handler());
    routes.put(ONE, entries.changing(context -> cameras.add(id(context), Changes.object(context))));
    routes.patch(
        ONE, entries.changing(context -> cameras.set(id(context), Changes.object(context))));
    routes.delete(ONE, entries.changing(context -> cameras.remove(id(context))));
    routes.post(ONE + "/pause", entries.changing(context -> cameras.pause(id(context), true)));
    routes.post(ONE + "/resume", entries.changing(context -> cameras.pause(id(context), false)));
  }

  private static String id(Context context) {
    return context.pathParam("camera");
  }
}
