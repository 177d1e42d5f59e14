package io.maskstream.viewer;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;

/** The rules over HTTP. {@link Access} lets operators alone change anything. */
final class RuleRoutes {
  private static final String ALL = "/api/rules";
  private static final String ONE = ALL + "/{rule}";

  private RuleRoutes() {}

  static void add(RoutesConfig routes, RuleControl rules) {
    SharedRead<List<RuleView>> views =
        new SharedRead<>("rules", () -> rules.list().stream().map(RuleView::of).toList());
    routes.get(ALL, views.handler());
    routes.put(ONE, views.changing(context -> rules.put(name(context), Changes.object(context))));
    routes.delete(ONE, views.changing(context -> rules.remove(name(context))));
  }

  private static String name(Context context) {
    return context.pathParam("rule");
  }
}
