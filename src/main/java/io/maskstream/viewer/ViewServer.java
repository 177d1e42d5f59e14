package io.maskstream.viewer;

import io.javalin.Javalin;
import io.javalin.http.ContentType;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.Json;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** The web page: a wall of cameras with their masks, fed by the topics. */
public final class ViewServer implements AutoCloseable {
  private static final double OPACITY = 0.5;
  private static final int QUALITY = 80;

  private final Map<String, MaskedFrame> latest = new ConcurrentSkipListMap<>();
  private final MaskedFrameFeed feed;
  private final Javalin server;
  private final String bind;

  private ViewServer(
      ViewConfig config, Map<String, Object> consumer, TopicNames topics, Metrics metrics) {
    this.bind = config.bind();
    this.feed =
        new MaskedFrameFeed(
            consumer, topics, frame -> latest.put(frame.record().getCamera(), frame));
    this.server =
        Javalin.create(
            javalin -> {
              javalin.startup.showJavalinBanner = false;
              javalin.routes.before(ViewServer::secure);
              javalin.routes.get("/", ViewServer::page);
              javalin.routes.get("/api/cameras", this::cameras);
              javalin.routes.get("/api/cameras/{camera}/picture", this::picture);
              javalin.routes.get("/metrics", context -> context.result(metrics.text()));
            });
    server.start(config.bind(), config.port());
  }

  /** Starts the page and its feed. */
  public static ViewServer start(
      ViewConfig config, Map<String, Object> consumer, TopicNames topics, Metrics metrics) {
    return new ViewServer(config, consumer, topics, metrics);
  }

  private static void secure(Context context) {
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Content-Security-Policy", "default-src 'self' 'unsafe-inline'");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cache-Control", "no-store");
  }

  private static void page(Context context) {
    context
        .contentType(ContentType.TEXT_HTML)
        .result(ViewServer.class.getResourceAsStream("/viewer/index.html"));
  }

  private record CameraView(
      String camera,
      long sequence,
      double latencyMillis,
      Map<String, Double> shares,
      Map<String, String> colors,
      long framesSinceReset,
      String model) {}

  private void cameras(Context context) {
    List<CameraView> views = latest.values().stream().map(ViewServer::view).toList();
    context.contentType(ContentType.APPLICATION_JSON).result(Json.write(views));
  }

  private static CameraView view(MaskedFrame frame) {
    double total = (double) frame.mask().width() * frame.mask().height();
    Map<String, Double> shares = new LinkedHashMap<>();
    Map<String, String> colors = new LinkedHashMap<>();
    for (int k = 0; k < frame.table().size(); k++) {
      String name = frame.table().name(k);
      shares.put(name, frame.record().getClasses(k).getPixels() / total);
      colors.put(name, "#%06X".formatted(frame.table().classes().get(k).color()));
    }
    return new CameraView(
        frame.record().getCamera(),
        frame.record().getSequence(),
        frame.record().getTimings().getTotalMicros() / 1e3,
        shares,
        colors,
        frame.record().getReuse().getFramesSinceReset(),
        frame.record().getModel());
  }

  private void picture(Context context) {
    MaskedFrame frame = latest.get(context.pathParam("camera"));
    if (frame == null) {
      throw new NotFoundResponse("no frame of camera " + context.pathParam("camera"));
    }
    Picture drawn = Overlay.draw(frame.picture().get(), frame.mask(), frame.table(), OPACITY);
    context
        .contentType(ContentType.IMAGE_JPEG)
        .result(PictureCodec.encode(drawn, io.maskstream.topic.ContentType.JPEG, QUALITY));
  }

  /** Where the page is. */
  public String address() {
    return "http://" + bind + ":" + server.port();
  }

  @Override
  public void close() {
    server.stop();
    feed.close();
  }
}
