package io.maskstream.viewer;

import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.util.JavalinBindException;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.topic.Json;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import javax.imageio.ImageIO;

/**
 * The web page: a wall of cameras with their masks, fed by the topics as any consumer would be.
 *
 * <p>A browser takes the newest picture and mask when it has drawn the ones before, so a slow one
 * skips frames and holds nobody up; colours, opacity and which classes are drawn are its own
 * matter.
 */
public final class ViewServer implements AutoCloseable {
  private static final int QUALITY = 80;

  private final Map<String, CameraState> cameras = new ConcurrentSkipListMap<>();
  private final MaskedFrameFeed feed;
  private final Javalin server;
  private final ViewConfig config;
  private final Access access;

  private ViewServer(
      ViewConfig config,
      Map<String, Object> consumer,
      TopicNames topics,
      RecordLoop.Observer observer)
      throws IOException {
    this.config = config;
    this.access = new Access(config, users(config), Clock.systemUTC());
    this.feed = new MaskedFrameFeed(consumer, topics, new Listener(), observer);
    this.server =
        Javalin.create(
            javalin -> {
              javalin.startup.showJavalinBanner = false;
              config.tls().ifPresent(tls -> tls.install(javalin, config.bind(), config.port()));
              javalin.routes.before(this::secure);
              javalin.routes.get(
                  "/", context -> file(context, "index.html", ContentType.TEXT_HTML));
              javalin.routes.get(
                  "/viewer.js", context -> file(context, "viewer.js", ContentType.TEXT_JS));
              javalin.routes.get(
                  "/viewer.css", context -> file(context, "viewer.css", ContentType.TEXT_CSS));
              javalin.routes.get("/api/cameras", this::list);
              javalin.routes.get("/api/tables/{table}", this::table);
              javalin.routes.get("/api/cameras/{camera}/history", this::history);
              javalin.routes.get("/api/cameras/{camera}/picture", this::picture);
              javalin.routes.get("/api/cameras/{camera}/mask", this::mask);
            });
  }

  /**
   * Starts the page and its feed.
   *
   * @param observer counts records of the topics that are not ours
   * @throws IOException where the port is taken
   */
  public static ViewServer start(
      ViewConfig config,
      Map<String, Object> consumer,
      TopicNames topics,
      RecordLoop.Observer observer)
      throws IOException {
    ViewServer made = new ViewServer(config, consumer, topics, observer);
    try {
      made.server.start(config.bind(), config.port());
      return made;
    } catch (JavalinBindException e) {
      made.close();
      throw new IOException(
          "view: cannot listen on %s port %d, is another process there?"
              .formatted(config.bind(), config.port()),
          e);
    }
  }

  /** Whether the topics are read. */
  public RecordLoop.Status feed() {
    return feed.status();
  }

  private static Optional<Users> users(ViewConfig config) throws IOException {
    if (config.users().isPresent()) {
      return Optional.of(Users.read(config.users().get()));
    }
    return config.user().isPresent()
        ? Optional.of(Users.single(config.user().get(), config.password().orElseThrow().value()))
        : Optional.empty();
  }

  private final class Listener implements MaskedFrameFeed.Listener {
    @Override
    public void masked(MaskedFrame frame) {
      state(frame.record().getCamera()).add(frame, System.currentTimeMillis());
    }

    @Override
    public void dropped(String camera) {
      state(camera).addDrop();
    }

    private CameraState state(String camera) {
      return cameras.computeIfAbsent(camera, CameraState::new);
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

  private static void file(Context context, String name, ContentType type) {
    context
        .contentType(type)
        .result(Objects.requireNonNull(ViewServer.class.getResourceAsStream("/viewer/" + name)));
  }

  private static void json(Context context, Object value) {
    context.contentType(ContentType.APPLICATION_JSON).result(Json.write(value));
  }

  private void list(Context context) {
    long now = System.currentTimeMillis();
    List<CameraState.View> views =
        cameras.values().stream().map(state -> state.view(now)).filter(Objects::nonNull).toList();
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

  private MaskedFrame latest(Context context) {
    MaskedFrame frame = state(context).latest();
    if (frame == null) {
      throw new NotFoundResponse("no frame of camera " + context.pathParam("camera"));
    }
    return frame;
  }

  private void history(Context context) {
    json(context, state(context).history());
  }

  private void picture(Context context) {
    MaskedFrame frame = latest(context);
    context
        .contentType(ContentType.IMAGE_JPEG)
        .result(
            PictureCodec.encode(
                frame.picture().get(), io.maskstream.topic.ContentType.JPEG, QUALITY));
  }

  /** Class ids as the grey values of a PNG. */
  private void mask(Context context) throws IOException {
    Mask mask = latest(context).mask();
    BufferedImage image =
        new BufferedImage(mask.width(), mask.height(), BufferedImage.TYPE_BYTE_GRAY);
    byte[] raster = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(mask.labels(), 0, raster, 0, raster.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    context.contentType(ContentType.IMAGE_PNG).result(out.toByteArray());
  }

  /** Where the page is. */
  public String address() {
    String scheme = config.tls().isPresent() ? "https://" : "http://";
    return scheme + config.bind() + ":" + server.port();
  }

  @Override
  public void close() {
    server.stop();
    feed.close();
  }
}
