package io.maskstream.app.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A camera that sends a clip as motion JPEG over HTTP, over and over, and can fail. */
final class ClipServer implements AutoCloseable {
  private static final String BOUNDARY = "frame";

  private final List<byte[]> clip;
  private final Duration interval;
  private final int port;
  private final ExecutorService connections = Executors.newCachedThreadPool();
  private HttpServer server;
  private volatile int hung;
  private int opened;

  /**
   * Starts it on a free port.
   *
   * @param clip JPEG pictures
   */
  ClipServer(List<byte[]> clip, Duration interval) throws IOException {
    this.clip = List.copyOf(clip);
    this.interval = interval;
    server = listen(0);
    port = server.getAddress().getPort();
  }

  private HttpServer listen(int at) throws IOException {
    HttpServer made =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
    made.setExecutor(connections);
    made.createContext("/", this::serve);
    made.start();
    return made;
  }

  String url() {
    return "http://127.0.0.1:" + port + "/clip.mjpeg";
  }

  /** Ends all connections and refuses new ones. */
  void stop() {
    server.stop(0);
  }

  /** Is there again. */
  void startAgain() throws IOException {
    server = listen(port);
  }

  /** Sends nothing more over the connections that are there; new ones are served. */
  synchronized void hang() {
    hung = opened;
  }

  private synchronized int open() {
    return ++opened;
  }

  private void serve(HttpExchange exchange) throws IOException {
    int connection = open();
    exchange
        .getResponseHeaders()
        .set("Content-Type", "multipart/x-mixed-replace;boundary=" + BOUNDARY);
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      for (int i = 0; ; i++) {
        if (connection > hung) {
          send(out, clip.get(i % clip.size()));
        }
        TimeUnit.NANOSECONDS.sleep(interval.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(OutputStream out, byte[] jpeg) throws IOException {
    String head =
        "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
            .formatted(BOUNDARY, jpeg.length);
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(jpeg);
    out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Override
  public void close() {
    connections.shutdownNow();
    server.stop(0);
  }
}
