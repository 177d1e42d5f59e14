package io.maskstream.camera;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A TCP server on the loopback that treats each connection in its own, mostly bad, way. */
final class RawServer implements AutoCloseable {

  /** What to do with a connection. */
  interface Behavior {
    void serve(Socket socket, CountDownLatch stopped) throws IOException, InterruptedException;
  }

  /** The head of an answer that promises a stream. */
  static final String HEAD =
      "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n";

  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  RawServer(Behavior behavior) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(() -> accept(behavior));
  }

  /** Sends one byte each half second. */
  static RawServer dripping() throws IOException {
    return new RawServer(
        (socket, stopped) -> {
          int i = 0;
          while (!stopped.await(500, TimeUnit.MILLISECONDS)) {
            socket.getOutputStream().write(i < HEAD.length() ? HEAD.charAt(i++) : 'x');
            socket.getOutputStream().flush();
          }
        });
  }

  /** Accepts and says nothing. */
  static RawServer silent() throws IOException {
    return new RawServer((socket, stopped) -> stopped.await());
  }

  /** Sends the head, closes its sending half and keeps the other open. */
  static RawServer halfClosed() throws IOException {
    return new RawServer(
        (socket, stopped) -> {
          socket.getOutputStream().write(HEAD.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          socket.getOutputStream().flush();
          socket.shutdownOutput();
          stopped.await();
        });
  }

  /** Reads the request and answers with a text. */
  static RawServer answering(String answer) throws IOException {
    return new RawServer(
        (socket, stopped) -> {
          readHead(socket.getInputStream());
          socket
              .getOutputStream()
              .write(answer.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          socket.getOutputStream().flush();
          socket.shutdownOutput();
        });
  }

  /** Reads a request without a body. */
  static void readHead(InputStream in) throws IOException {
    int newlines = 0;
    for (int c = in.read(); c >= 0 && newlines < 2; c = newlines < 2 ? in.read() : c) {
      newlines = c == '\n' ? newlines + 1 : c == '\r' ? newlines : 0;
    }
  }

  private void accept(Behavior behavior) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        connections.incrementAndGet();
        threads.execute(() -> serve(behavior, socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Behavior behavior, Socket socket) {
    try (socket) {
      behavior.serve(socket, stopped);
    } catch (IOException e) {
      sockets.remove(socket); // the client has gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Connections accepted so far. */
  int connections() {
    return connections.get();
  }

  int port() {
    return server.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/video";
  }

  @Override
  public void close() throws IOException {
    stopped.countDown();
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
