package io.maskstream.viewer;

import io.javalin.config.RoutesConfig;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import java.util.function.Function;

/** A camera's newest mask as picture and COCO tools read it. */
final class MaskRoutes {
  private static final String MASK = "/api/cameras/{camera}/mask";

  private MaskRoutes() {}

  /**
   * Adds them.
   *
   * @param cameras the camera that a request is about
   */
  static void add(RoutesConfig routes, Function<Context, CameraState> cameras) {
    routes.get(MASK + ".png", answer(ContentType.IMAGE_PNG, cameras, MaskExports::png));
    routes.get(MASK + ".rle.json", answer(ContentType.APPLICATION_JSON, cameras, MaskExports::rle));
    routes.get(
        MASK + ".polygons.json",
        answer(ContentType.APPLICATION_JSON, cameras, MaskExports::polygons));
  }

  private static Handler answer(
      ContentType type,
      Function<Context, CameraState> cameras,
      Function<MaskExports, byte[]> form) {
    return context -> {
      MaskExports exports = cameras.apply(context).exports();
      if (exports == null) {
        throw new NotFoundResponse("no frame of camera " + context.pathParam("camera"));
      }
      context.contentType(type).result(form.apply(exports));
    };
  }
}
