package io.maskstream.viewer;

import static io.maskstream.config.Checks.require;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The models over HTTP: what {@code ./maskstream swap} does. {@link Access} lets operators alone
 * change anything.
 */
final class ModelRoutes {
  private static final String ALL = "/api/models";
  private static final String SLOT = "slot";
  private static final String ONE = ALL + "/{" + SLOT + "}";
  private static final String FOLDER = "folder";
  private static final String SHADOW = "shadowSeconds";
  private static final String AGREEMENT = "agreement";

  private ModelRoutes() {}

  static void add(RoutesConfig routes, ModelControl models) {
    SharedRead<List<?>> slots = new SharedRead<>("models", models::list);
    routes.get(ALL, slots.handler());
    routes.post(
        ONE + "/swap",
        slots.changing(context -> models.swap(context.pathParam(SLOT), swap(context))));
    routes.post(
        ONE + "/rollback", slots.changing(context -> models.rollback(context.pathParam(SLOT))));
  }

  private static ModelControl.Swap swap(Context context) {
    Map<String, @Nullable Object> given = Changes.object(context);
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(Set.of(FOLDER, SHADOW, AGREEMENT));
    require(
        unknown.isEmpty(),
        "a change of a model has folder, shadowSeconds and agreement, not %s".formatted(unknown));
    require(given.get(FOLDER) instanceof String, "folder must be a text, is " + given.get(FOLDER));
    return new ModelControl.Swap(
        String.valueOf(given.get(FOLDER)), number(given, SHADOW), number(given, AGREEMENT));
  }

  private static @Nullable Double number(Map<String, @Nullable Object> given, String key) {
    @Nullable Object value = given.get(key);
    require(value == null || value instanceof Number, key + " must be a number, is " + value);
    return value instanceof Number number ? number.doubleValue() : null;
  }
}
