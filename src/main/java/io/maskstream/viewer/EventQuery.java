package io.maskstream.viewer;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which events somebody asks for.
 *
 * @param camera name of the camera
 * @param rule name of the rule or of the condition
 * @param name of a class of the rule
 * @param from events that were not over before this time
 * @param to events that began at this time or before
 */
record EventQuery(
    Optional<String> camera,
    Optional<String> rule,
    Optional<String> name,
    Optional<Instant> from,
    Optional<Instant> to) {

  private static final String CAMERA = "camera";
  private static final String RULE = "rule";
  private static final String CLASS = "class";
  private static final String FROM = "from";
  private static final String TO = "to";

  EventQuery {
    if (from.isPresent() && to.isPresent() && from.get().isAfter(to.get())) {
      throw new IllegalArgumentException(
          "from must not be after to, is %s after %s".formatted(from.get(), to.get()));
    }
  }

  /**
   * The query of a request; a parameter that is missing or empty lets all events pass.
   *
   * @throws BadRequestResponse where a parameter is unknown or no time
   */
  static EventQuery of(Context context) {
    TreeSet<String> unknown = new TreeSet<>(context.queryParamMap().keySet());
    for (String known : new String[] {CAMERA, RULE, CLASS, FROM, TO}) {
      unknown.remove(known);
    }
    if (!unknown.isEmpty()) {
      throw new BadRequestResponse(
          "events are chosen by camera, rule, class, from and to, not by %s".formatted(unknown));
    }
    try {
      return new EventQuery(
          text(context, CAMERA),
          text(context, RULE),
          text(context, CLASS),
          text(context, FROM).map(time -> time(FROM, time)),
          text(context, TO).map(time -> time(TO, time)));
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(String.valueOf(e.getMessage()));
    }
  }

  private static Optional<String> text(Context context, String name) {
    @Nullable String value = context.queryParam(name);
    return Optional.ofNullable(value).filter(text -> !text.isEmpty());
  }

  private static Instant time(String name, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "%s must be a time such as 2026-03-01T08:00:00Z, is '%s'".formatted(name, text), e);
    }
  }

  /** Whether an event is asked for; one that goes on is not over. */
  boolean matches(RecentEvents.View event) {
    return camera.map(event.camera()::equals).orElse(true)
        && rule.map(event.rule()::equals).orElse(true)
        && name.map(event.classes()::contains).orElse(true)
        && from.map(time -> event.ongoing() || event.lastMillis() >= time.toEpochMilli())
            .orElse(true)
        && to.map(time -> event.startMillis() <= time.toEpochMilli()).orElse(true);
  }
}
