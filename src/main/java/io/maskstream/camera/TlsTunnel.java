package io.maskstream.camera;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypted connections to one camera, which are plain at a port of the loopback. FFmpeg's own TLS
 * does not check that a certificate is for the host that was asked for, so whoever has any
 * certificate of a trusted authority could answer in the place of the camera; Java's does.
 *
 * <p>Whoever connects to the port gets what a connection to the camera would give: the login is in
 * what FFmpeg sends, and not in the tunnel.
 */
final class TlsTunnel implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TlsTunnel.class);

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int BACKLOG = 8;
  private static final long POLL_MILLIS = 20;
  private static final long ACCEPT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final String host;
  private final int port;
  private final String authority;
  private final SSLContext context;
  private final int timeoutMillis;
  private final ServerSocket server;
  private final ExecutorService threads;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicReference<SSLSocket> first = new AtomicReference<>();
  private volatile boolean closed;

  private TlsTunnel(CameraUrl url, SSLContext context, Duration timeout) throws IOException {
    this.host = url.host();
    this.port = url.encryptedPort();
    this.authority = url.authority();
    this.context = context;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    this.server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "tls-" + host);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Opens the first connection and the port.
   *
   * @param timeout bound on a connection and on each read of its handshake
   * @param deadline bounds all of it; it was started
   * @throws IOException where the camera is away or shows no certificate that is trusted
   */
  static TlsTunnel open(CameraUrl url, SSLContext context, Duration timeout, CallDeadline deadline)
      throws IOException {
    TlsTunnel tunnel = new TlsTunnel(url, context, timeout);
    try {
      tunnel.first.set(tunnel.connect(deadline));
      tunnel.threads.execute(tunnel::accept);
      return tunnel;
    } catch (IOException | RuntimeException e) {
      tunnel.close();
      throw e;
    }
  }

  private SSLSocket connect(CallDeadline deadline) throws IOException {
    Future<SSLSocket> connection = threads.submit(this::handshake);
    try {
      while (!deadline.expired()) {
        try {
          return connection.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          log.trace("{} has not answered yet", host);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    }
    throw new IOException("it did not answer in time");
  }

  private SSLSocket handshake() throws IOException {
    Socket plain = new Socket();
    try {
      keep(plain);
      plain.connect(new InetSocketAddress(host, port), timeoutMillis);
      plain.setSoTimeout(timeoutMillis);
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      socket.setSoTimeout(0); // FFmpeg has its own timeouts
      keep(socket);
      sockets.remove(plain); // closed with the other
      return socket;
    } catch (IOException | RuntimeException e) {
      drop(plain);
      throw e;
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = server.accept();
        keep(client);
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        log.trace("no connection to the port for {}", host, e);
        LockSupport.parkNanos(ACCEPT_PAUSE_NANOS); // no file handles are left, or it is closed
      }
    }
  }

  private void serve(Socket client) {
    try {
      SSLSocket waiting = first.getAndSet(null);
      SSLSocket camera = waiting == null ? handshake() : waiting;
      threads.execute(() -> copyRequests(client, camera));
      copy(camera, client);
    } catch (IOException | RuntimeException e) {
      log.debug("a further connection to {} failed", host, e);
      drop(client);
    }
  }

  private void copy(Socket from, Socket to) {
    copy(from, to, (bytes, length, out) -> out.write(bytes, 0, length));
  }

  /**
   * From FFmpeg, which takes the port for the camera: the header {@code Host} of an HTTP request is
   * the camera's on its way.
   */
  private void copyRequests(Socket from, Socket to) {
    String local = server.getInetAddress().getHostAddress() + ":" + localPort();
    copy(from, to, new HostRewriter("Host: " + local, "Host: " + authority)::write);
  }

  /** Writes what was read. */
  private interface Writer {
    void write(byte[] bytes, int length, OutputStream out) throws IOException;
  }

  /** Copies until one of them ends; then neither is of use. */
  private void copy(Socket from, Socket to, Writer writer) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        writer.write(buffer, n, out);
      }
    } catch (IOException e) {
      log.trace("a connection to {} ended", host, e);
    } finally {
      drop(from);
      drop(to);
    }
  }

  private void keep(Socket socket) throws IOException {
    sockets.add(socket);
    if (closed) {
      drop(socket);
      throw new IOException("closed");
    }
  }

  private void drop(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      log.trace("a connection to {} cannot be closed", host, e);
    }
  }

  /** Where FFmpeg connects to. */
  int localPort() {
    return server.getLocalPort();
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
    } catch (IOException e) {
      log.debug("the port for {} cannot be closed", host, e);
    }
    Set.copyOf(sockets).forEach(this::drop);
    threads.shutdownNow();
  }
}
