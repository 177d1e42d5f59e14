package io.maskstream.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.app.replay.RecordedFrames.Source;
import io.maskstream.deployment.TestBroker;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedFramesIT {
  private static final TopicSettings TOPICS = TopicSettings.defaults("kept");
  private static final String FRAMES = TOPICS.names().frames();
  private final Instant start = Instant.now().minusSeconds(60);

  private void publish(KafkaProducer<byte[], byte[]> producer, String camera, int second)
      throws Exception {
    Instant captured = start.plusSeconds(second);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            FRAMES,
            0,
            captured.toEpochMilli(),
            camera.getBytes(StandardCharsets.UTF_8),
            new byte[] {(byte) second});
    new FrameMetadata(new FrameId(camera, 1, second, Micros.of(captured)), 2, 2, ContentType.JPEG)
        .writeTo(record.headers());
    var unused = producer.send(record).get();
  }

  private RecordedFrames read(TestBroker broker, Spool spool, int from, int to, Set<String> cameras)
      throws Exception {
    KafkaConnection kafka =
        KafkaConnection.plain(String.valueOf(broker.connection().get("bootstrap.servers")));
    return RecordedFrames.read(
        new Source(kafka, TOPICS),
        new TimeRange(start.plusSeconds(from), start.plusSeconds(to)),
        cameras,
        spool,
        Clock.systemUTC());
  }

  @Test
  void read_aRange_hasItsFramesByCamera_andNamesRetention(@TempDir Path folder) throws Exception {
    try (TestBroker broker = TestBroker.start(TOPICS.names());
        Admin admin = Admin.create(broker.connection());
        KafkaProducer<byte[], byte[]> producer = ByteClients.producer(broker.connection());
        Spool spool = Spool.in(folder)) {
      for (int second = 0; second < 4; second++) {
        publish(producer, "b", second);
        publish(producer, "a", second);
      }
      RecordedFrames frames = read(broker, spool, 1, 3, Set.of());
      assertThat(frames.frames().stream().map(frame -> frame.id().text()))
          .containsExactly("a/1/1", "a/1/2", "b/1/1", "b/1/2");
      assertThat(spool.read(frames.frames().get(3).value())).containsExactly(2);
      assertThat(frames.expired()).isEmpty();
      assertThat(read(broker, spool, 0, 9, Set.of("b")).frames()).hasSize(4);

      assertThatThrownBy(() -> read(broker, spool, 20, 30, Set.of("b")))
          .hasMessageContaining("no frame of b captured from " + start.plusSeconds(20))
          .hasMessageContaining("lies in kept.frames: its records are of ")
          .hasMessageContaining("kept for 300 s (topics.framesRetention)");

      admin
          .deleteRecords(Map.of(new TopicPartition(FRAMES, 0), RecordsToDelete.beforeOffset(4)))
          .all()
          .get();
      RecordedFrames rest = read(broker, spool, 0, 9, Set.of());
      assertThat(rest.frames()).hasSize(4);
      assertThat(rest.expired().orElseThrow())
          .contains("kept.frames")
          .contains("frames before " + Instant.ofEpochMilli(start.plusSeconds(2).toEpochMilli()))
          .contains("300 s (topics.framesRetention)");
      assertThat(read(broker, spool, 3, 9, Set.of()).expired()).isEmpty();
    }
  }
}
