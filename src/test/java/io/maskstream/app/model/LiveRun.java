package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.app.Maskstream;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The command {@code run} with one camera and an embedded broker, until it has published some
 * masks.
 *
 * @param folder for the topology
 * @param model folder of the bundle
 * @param camera its URL, and more keys of a camera
 * @param frames masks to wait for
 */
record LiveRun(Path folder, Path model, String camera, int frames) {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final TopicNames TOPICS = new TopicNames("live");

  /**
   * What was published.
   *
   * @param masks records of the topic of masks
   * @param tail what {@code tail} shows of the statistics
   */
  record Published(List<SegmentedFrame> masks, String tail) {}

  /** The topology's file, with an embedded broker at a port. */
  Path topology(int port) throws IOException {
    return Files.writeString(
        folder.resolve("live.yaml"),
        """
        name: live
        kafka: {bootstrap: embedded}
        broker: {port: %d}
        topics: {prefix: live, partitions: 1}
        cameras: [{id: one, partition: 0, fps: 10, url: %s}]
        segment: {model: '%s', maxAge: none}
        view: {port: 0}
        monitor: {port: 0}
        """
            .formatted(port, camera, model));
  }

  Published published() throws Exception {
    int port = freePort();
    Path file = topology(port);
    Thread running =
        new Thread(() -> Maskstream.commandLine().execute("run", file.toString()), "run");
    running.start();
    try {
      KafkaConnection kafka = KafkaConnection.plain("localhost:" + port);
      await().atMost(TIMEOUT).until(() -> hasFrames(kafka));
      List<SegmentedFrame> masks = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record :
          TopicReader.readAll(kafka, TOPICS.segmentedFrames())) {
        masks.add(SegmentedFrame.parseFrom(record.value()));
      }
      return new Published(masks, tail(port));
    } finally {
      running.interrupt();
      running.join();
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private boolean hasFrames(KafkaConnection kafka) {
    try {
      return TopicReader.readAll(kafka, TOPICS.segmentedFrames()).size() >= frames;
    } catch (RuntimeException e) {
      return false; // the topic is not there yet
    }
  }

  private static String tail(int port) {
    PrintStream console = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      String broker = "localhost:" + port;
      int code =
          Maskstream.commandLine()
              .execute(
                  "tail",
                  "class-stats",
                  "--bootstrap",
                  broker,
                  "--prefix",
                  "live",
                  "--from-beginning",
                  "--max",
                  "1");
      assertThat(code).isZero();
    } finally {
      System.setOut(console);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
