package io.maskstream.deployment;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A Kafka broker and controller in this process, reachable from this machine alone. */
final class EmbeddedBroker implements AutoCloseable {
  private static final int NODE = 1;
  private static final int MAX_RECORD_BYTES = 16_000_000;

  /** Kafka reserves 128 MB to compact topics; ours hold some hundred keys. */
  private static final int CLEANER_BYTES = 8_000_000;

  private final KafkaRaftServer server;
  private final String bootstrap;
  private final Optional<Path> temporary;

  private EmbeddedBroker(KafkaRaftServer server, String bootstrap, Optional<Path> temporary) {
    this.server = server;
    this.bootstrap = bootstrap;
    this.temporary = temporary;
  }

  /**
   * Starts a broker.
   *
   * @param folder of its data, kept; a temporary one, deleted at the end, where it is empty
   * @param port to listen on, 0 for any
   */
  static EmbeddedBroker start(Optional<Path> folder, int port) throws IOException {
    Path data =
        folder.isPresent()
            ? Files.createDirectories(folder.get())
            : Files.createTempDirectory("maskstream-kafka");
    Optional<Path> temporary = folder.isPresent() ? Optional.empty() : Optional.of(data);
    try {
      int clients = port == 0 ? freePort() : port;
      format(data);
      return new EmbeddedBroker(server(data, clients), "localhost:" + clients, temporary);
    } catch (IOException | RuntimeException | LinkageError e) {
      temporary.ifPresent(EmbeddedBroker::delete);
      throw e;
    }
  }

  private static KafkaRaftServer server(Path data, int port) throws IOException {
    KafkaRaftServer server =
        new KafkaRaftServer(
            KafkaConfig.fromProps(properties(data, port, freePort()), false), Time.SYSTEM);
    try {
      server.startup();
      return server;
    } catch (RuntimeException e) {
      throw new IOException(
          "the embedded broker cannot start on port %d with its data in %s: %s"
              .formatted(port, data, deepest(e)),
          e);
    }
  }

  private static String deepest(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void format(Path data) throws IOException {
    if (Files.exists(data.resolve("meta.properties"))) {
      return;
    }
    try {
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, "UTF-8"))
          .setNodeId(NODE)
          .setClusterId(Uuid.randomUuid().toString())
          .addDirectory(data.toString())
          .setMetadataLogDirectory(data.toString())
          .setControllerListenerName("CONTROLLER")
          .run();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot prepare the broker's folder " + data, e);
    }
  }

  private static Properties properties(Path data, int clients, int controller) {
    Properties all = new Properties();
    all.put("process.roles", "broker,controller");
    all.put("node.id", Integer.toString(NODE));
    all.put("controller.quorum.voters", NODE + "@localhost:" + controller);
    all.put(
        "listeners",
        "PLAINTEXT://localhost:%d,CONTROLLER://localhost:%d".formatted(clients, controller));
    all.put("advertised.listeners", "PLAINTEXT://localhost:" + clients);
    all.put("controller.listener.names", "CONTROLLER");
    all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.put("log.dirs", data.toString());
    all.put("offsets.topic.replication.factor", "1");
    all.put("offsets.topic.num.partitions", "4");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put("transaction.state.log.num.partitions", "4");
    all.put("share.coordinator.state.topic.replication.factor", "1");
    all.put("share.coordinator.state.topic.min.isr", "1");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("group.min.session.timeout.ms", "500");
    all.put("auto.create.topics.enable", "false");
    all.put("message.max.bytes", Integer.toString(MAX_RECORD_BYTES));
    all.put("replica.fetch.max.bytes", Integer.toString(MAX_RECORD_BYTES));
    all.put("log.retention.check.interval.ms", "30000");
    all.put("log.cleaner.dedupe.buffer.size", Integer.toString(CLEANER_BYTES));
    return all;
  }

  /** Address for clients. */
  String bootstrap() {
    return bootstrap;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    temporary.ifPresent(EmbeddedBroker::delete);
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
