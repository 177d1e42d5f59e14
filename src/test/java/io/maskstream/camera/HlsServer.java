package io.maskstream.camera;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * An encoder with a live HLS playlist of the last segments, 25 frames per second. {@code
 * /live.m3u8} is the playlist, {@code /master.m3u8} has it in two bit rates.
 */
final class HlsServer implements AutoCloseable {
  private static final int FPS = 25;
  private static final int SHOWN = 3;
  private static final String MASTER =
      """
      #EXTM3U
      #EXT-X-STREAM-INF:BANDWIDTH=100000
      low/live.m3u8
      #EXT-X-STREAM-INF:BANDWIDTH=900000
      high/live.m3u8
      """;

  private final Path folder;
  private final int seconds;
  private final int prepared;
  private final HttpServer server;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile long startNanos = System.nanoTime();
  private volatile int endedAt = Integer.MAX_VALUE;

  /**
   * An encoder that has made three segments and goes on.
   *
   * @param folder for the segments
   * @param seconds of each
   * @param prepared how many there will be
   */
  HlsServer(Path folder, int seconds, int prepared) throws IOException {
    this.folder = folder;
    this.seconds = seconds;
    this.prepared = prepared;
    for (int i = 0; i < prepared; i++) {
      Clips.write(folder.resolve(i + ".ts"), Clips.steady(1_000_000L * i * seconds, seconds * FPS));
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    restart();
    server.start();
  }

  /** The encoder stops and completes its playlist. */
  void end() {
    endedAt = made();
  }

  /** The encoder begins as it did first. */
  void restart() {
    endedAt = Integer.MAX_VALUE;
    startNanos = System.nanoTime();
  }

  private int made() {
    long passed = (System.nanoTime() - startNanos) / (seconds * 1_000_000_000L);
    return (int) Math.min(Math.min(SHOWN + passed, prepared), endedAt);
  }

  private String playlist() {
    int last = made();
    List<String> lines = new ArrayList<>();
    lines.add("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:" + seconds);
    lines.add("#EXT-X-MEDIA-SEQUENCE:" + (last - SHOWN));
    for (int i = last - SHOWN; i < last; i++) {
      lines.add("#EXTINF:%d.0,\n%d.ts".formatted(seconds, i));
    }
    lines.add(endedAt == Integer.MAX_VALUE ? "" : "#EXT-X-ENDLIST\n");
    return String.join("\n", lines);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(path);
    String name = path.substring(path.lastIndexOf('/') + 1);
    byte[] body =
        name.equals("live.m3u8")
            ? playlist().getBytes(StandardCharsets.US_ASCII)
            : name.equals("master.m3u8")
                ? MASTER.getBytes(StandardCharsets.US_ASCII)
                : Files.readAllBytes(folder.resolve(name));
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Paths that were asked for. */
  List<String> requests() {
    return requests;
  }

  String url(String name) {
    return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), name);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
