package io.maskstream.viewer;

import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import io.javalin.util.JavalinBindException;
import io.maskstream.event.Event;
import io.maskstream.frame.ClassTable;
import io.maskstream.topic.CameraReport;
import io.maskstream.topic.Json;
import io.maskstream.topic.RecordLoop;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ObjLongConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The web page: a wall of cameras with their masks, fed by the topics as any consumer would be.
 *
 * <p>A browser takes the newest picture and mask when it has drawn the ones before, so a slow one
 * skips frames and holds nobody up; colours, opacity and which classes are drawn are its own
 * matter.
 */
public final class ViewServer implements AutoCloseable {
  /** Records may name any camera; each takes memory. */
  private static final int MOST_CAMERAS = PictureConditions.MOST_CAMERAS;

  /** An event's id is camera, rule or condition, epoch and sequence, with slashes. */
  private static final List<String> EVENT = List.of("camera", "rule", "epoch", "sequence");

  private static final String SNAPSHOT =
      "/api/events/{" + String.join("}/{", EVENT) + "}/snapshot.jpg";

  private static final List<String> SCRIPTS =
      List.of(
          "basics.js",
          "chart.js",
          "happened.js",
          "zones.js",
          "card.js",
          "cameras.js",
          "models.js",
          "rules.js",
          "rule-form.js",
          "feed.js",
          "viewer.js");

  private final Map<String, CameraState> cameras = new ConcurrentSkipListMap<>();

  /** Cameras that an operator has removed: what is still on its way does not bring them back. */
  private final Set<String> removed = ConcurrentHashMap.newKeySet();

  private final RecentEvents happened = new RecentEvents();
  private final PictureConditions conditions = new PictureConditions();
  private final EventStream events = new EventStream(cameras, happened);
  private final EventPictures pictures;
  private final MaskedFrameFeed feed;
  private final EventFeed eventFeed;
  private final Javalin server;
  private final ViewConfig config;
  private final Access access;

  /**
   * The deployment that the page is of.
   *
   * @param cameras lists and changes them
   * @param models lists and changes them
   * @param rules lists and changes them
   * @param redacted whether it takes classes out of its pictures and the page has the raw ones, of
   *     which it must keep none
   */
  public record Deployed(
      CameraControl cameras, ModelControl models, RuleControl rules, boolean redacted) {}

  private ViewServer(ViewConfig config, FeedSource source, Deployed deployed) throws IOException {
    this.config = config;
    this.access = new Access(config, users(config), Clock.systemUTC());
    this.pictures =
        new EventPictures(
            deployed.redacted(),
            (id, jpeg) -> events.change(number -> happened.picture(id, jpeg, number)));
    this.feed = new MaskedFrameFeed(source, new Listener());
    this.eventFeed = eventFeed(source);
    this.server =
        Javalin.create(
            javalin -> {
              javalin.startup.showJavalinBanner = false;
              javalin.http.prefer405over404 = true;
              config.tls().ifPresent(tls -> tls.install(javalin, config.bind(), config.port()));
              javalin.jetty.modifyServletContextHandler(HeadRequests::install);
              javalin.routes.before(this::secure);
              ChangeLimit.install(javalin.routes);
              javalin.routes.after(Access::record);
              javalin.routes.get("/", file("index.html", ContentType.TEXT_HTML));
              for (String script : SCRIPTS) {
                javalin.routes.get("/" + script, file(script, ContentType.TEXT_JS));
              }
              javalin.routes.get("/viewer.css", file("viewer.css", ContentType.TEXT_CSS));
              javalin.routes.get("/favicon.svg", file("favicon.svg", ContentType.IMAGE_SVG));
              javalin.routes.get("/api/openapi.yaml", this::describe);
              javalin.routes.get("/api/role", context -> json(context, Access.roleOf(context)));
              javalin.routes.get("/api/cameras", this::list);
              javalin.routes.sse(EventStream.PATH, events::open);
              javalin.routes.get("/api/events/recent", this::recent);
              javalin.routes.get(SNAPSHOT, this::snapshot);
              javalin.routes.get("/api/tables/{table}", this::table);
              javalin.routes.get("/api/cameras/{camera}/history", this::history);
              javalin.routes.get("/api/cameras/{camera}/picture", this::picture);
              javalin.routes.get("/api/cameras/{camera}/mask", this::mask);
              javalin.routes.get("/api/cameras/{camera}/zones", this::zones);
              MaskRoutes.add(javalin.routes, this::state);
              SchemaRoutes.add(javalin.routes);
              CameraRoutes.add(javalin.routes, deployed.cameras());
              ModelRoutes.add(javalin.routes, deployed.models());
              RuleRoutes.add(javalin.routes, deployed.rules());
            });
  }

  /**
   * Starts the page and its feed.
   *
   * @param deployed what is not in the topics, or is changed for operators
   * @throws IOException where the port is taken
   */
  public static ViewServer start(ViewConfig config, FeedSource source, Deployed deployed)
      throws IOException {
    ViewServer made = new ViewServer(config, source, deployed);
    try {
      made.server.start(config.bind(), config.port());
      return made;
    } catch (JavalinBindException e) {
      made.close();
      throw new IOException(
          "view: cannot listen on %s port %d, is another process there?"
              .formatted(config.bind(), config.port()),
          e);
    } catch (RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private EventFeed eventFeed(FeedSource source) {
    try {
      return new EventFeed(source, this::take);
    } catch (RuntimeException e) {
      feed.close();
      throw e;
    }
  }

  /** Whether the topics are read. */
  public RecordLoop.Status feed() {
    return feed.status();
  }

  /** Whether the topic of events is read. */
  public RecordLoop.Status eventFeed() {
    return eventFeed.status();
  }

  private static Optional<Users> users(ViewConfig config) throws IOException {
    if (config.users().isPresent()) {
      return Optional.of(Users.read(config.users().get()));
    }
    return config.user().isPresent()
        ? Optional.of(
            Users.single(
                config.user().get(), PasswordHash.of(config.password().orElseThrow().value())))
        : Optional.empty();
  }

  /** An event belongs to the list; one of camera health to its camera as well. */
  private void take(Event event) {
    events.change(
        number -> {
          happened.add(event, number);
          CameraState state = cameras.get(event.data().camera());
          if (conditions.take(event) && state != null) {
            state.touch(number);
          }
        });
    pictures.notice(event);
  }

  private final class Listener implements MaskedFrameFeed.Listener {
    @Override
    public void masked(MaskedFrame frame) {
      change(
          frame.record().getCamera(),
          (state, number) -> state.add(frame, System.currentTimeMillis(), number));
      pictures.frame(frame);
    }

    @Override
    public void dropped(String camera) {
      if (!removed.contains(camera)) {
        state(camera).addDrop(); // is shown with the next frame
      }
    }

    @Override
    public void reported(CameraReport report) {
      change(report.camera(), (state, number) -> state.report(report, number));
    }

    @Override
    public void registered(String camera, boolean paused, List<ZoneOutline> zones) {
      removed.remove(camera);
      change(camera, (state, number) -> state.register(paused, zones, number));
    }

    @Override
    public void removed(String camera) {
      removed.add(camera);
      cameras.remove(camera);
      conditions.forget(camera);
    }

    private void change(String camera, ObjLongConsumer<CameraState> change) {
      if (!removed.contains(camera)) {
        CameraState state = state(camera);
        events.change(number -> change.accept(state, number));
      }
    }

    private CameraState state(String camera) {
      if (cameras.size() >= MOST_CAMERAS && !cameras.containsKey(camera)) {
        throw new IllegalStateException("more than %d cameras".formatted(MOST_CAMERAS));
      }
      return cameras.computeIfAbsent(
          camera, name -> new CameraState(name, () -> conditions.of(name)));
    }
  }

  private void secure(Context context) {
    context.header("X-Content-Type-Options", "nosniff");
    context.header("X-Frame-Options", "DENY");
    context.header(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    access.check(context);
  }

  private static Handler file(String name, ContentType type) {
    return context ->
        context
            .contentType(type)
            .result(
                Objects.requireNonNull(ViewServer.class.getResourceAsStream("/viewer/" + name)));
  }

  private void describe(Context context) throws Exception {
    file("openapi.yaml", ContentType.TEXT_PLAIN).handle(context);
    context.contentType("application/yaml");
  }

  private static void json(Context context, Object value) {
    context.contentType(ContentType.APPLICATION_JSON).result(Json.write(value));
  }

  private void list(Context context) {
    long now = System.currentTimeMillis();
    List<CameraState.View> views = cameras.values().stream().map(state -> state.view(now)).toList();
    json(context, views);
  }

  private record ClassEntry(String name, String color, String group) {}

  private void table(Context context) {
    String id = context.pathParam("table");
    ClassTable table =
        cameras.values().stream()
            .map(CameraState::latest)
            .filter(Objects::nonNull)
            .map(MaskedFrame::table)
            .filter(candidate -> candidate.id().equals(id))
            .findFirst()
            .orElseThrow(() -> new NotFoundResponse("no class table " + id));
    json(
        context,
        table.classes().stream()
            .map(c -> new ClassEntry(c.name(), c.hexColor(), c.group()))
            .toList());
  }

  private CameraState state(Context context) {
    CameraState state = cameras.get(context.pathParam("camera"));
    if (state == null) {
      throw new NotFoundResponse("no frame of camera " + context.pathParam("camera"));
    }
    return state;
  }

  private void history(Context context) {
    json(context, state(context).history());
  }

  private void zones(Context context) {
    json(context, state(context).zones());
  }

  /** For pages that poll; the newest is the last one. */
  private void recent(Context context) {
    EventQuery query = EventQuery.of(context);
    json(context, happened.since(-1).stream().filter(query::matches).toList());
  }

  private void snapshot(Context context) {
    String id = EVENT.stream().map(context::pathParam).collect(Collectors.joining("/"));
    byte[] jpeg = happened.picture(id);
    if (jpeg == null) {
      throw new NotFoundResponse("no picture of the event " + id);
    }
    context.contentType(ContentType.IMAGE_JPEG).result(jpeg);
  }

  private void picture(Context context) {
    image(context, ContentType.IMAGE_JPEG, state(context).jpeg());
  }

  private void mask(Context context) {
    image(context, ContentType.IMAGE_PNG, state(context).png());
  }

  private static void image(Context context, ContentType type, byte @Nullable [] bytes) {
    if (bytes == null) {
      throw new NotFoundResponse("no frame of camera " + context.pathParam("camera"));
    }
    context.contentType(type).result(bytes);
  }

  /** Method and path of everything that it answers, such as "GET /api/cameras". */
  List<String> routes() {
    return server.unsafe.internalRouter.allHttpHandlers().stream()
        .filter(route -> route.endpoint.method.isHttpMethod())
        .map(route -> route.endpoint.method + " " + route.endpoint.path)
        .toList();
  }

  /** Where the page is. */
  public String address() {
    String scheme = config.tls().isPresent() ? "https://" : "http://";
    return scheme + config.bind() + ":" + server.port();
  }

  @Override
  public void close() {
    events.close();
    server.stop();
    feed.close();
    eventFeed.close();
  }
}
