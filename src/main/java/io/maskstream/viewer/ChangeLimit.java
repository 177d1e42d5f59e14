package io.maskstream.viewer;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ServiceUnavailableResponse;
import java.util.concurrent.Semaphore;

/**
 * Bounds the requests that change something at a time. Such a request holds a thread until its body
 * has come, which may be never; without a bound some hundred of them take all threads, and the page
 * answers nobody.
 */
final class ChangeLimit {
  /** Far below the 250 threads of the server. */
  static final int AT_ONCE = 32;

  private static final String HELD = "change";

  private final Semaphore free = new Semaphore(AT_ONCE);

  /** Bounds the changes of a server; they must have passed the check of access before. */
  static void install(RoutesConfig routes) {
    ChangeLimit limit = new ChangeLimit();
    routes.before(limit::enter);
    routes.after(limit::leave);
  }

  private void enter(Context context) {
    if (Access.reads(context)) {
      return;
    }
    if (!free.tryAcquire()) {
      throw new ServiceUnavailableResponse(
          "%d changes are being made, try again".formatted(AT_ONCE));
    }
    context.attribute(HELD, true);
  }

  private void leave(Context context) {
    if (context.attribute(HELD) != null) {
      free.release();
    }
  }
}
