package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.client.FrameAccount;
import io.maskstream.client.ReceivedFrame;
import io.maskstream.client.SegmentedFrameConsumer;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ClassTableRecords;
import io.maskstream.topic.MaskEncoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.Producer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The Java client against records of ours. */
class JavaClientIT {
  @Test
  void frames_ofAllEncodings_areReadOnce_andAccountedFor() throws Exception {
    List<ReceivedFrame> frames = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    FrameAccount account;
    try (TestBroker broker = TestBroker.start(ClientRecords.TOPICS)) {
      ClientRecords.send(broker);
      Map<String, Object> settings = new HashMap<>(broker.connection());
      settings.put("group.id", "java-test");
      settings.put("auto.offset.reset", "earliest");
      try (SegmentedFrameConsumer consumer =
          new SegmentedFrameConsumer(
              ClientRecords.TOPICS.prefix(),
              settings,
              SegmentedFrameConsumer.Scope.MASKS_AND_DROPS)) {
        account = consumer.account();
        Awaitility.await()
            .pollInSameThread()
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> {
                  SegmentedFrameConsumer.Batch batch = consumer.poll(Duration.ofMillis(200));
                  frames.addAll(batch.frames());
                  unreadable.addAll(batch.unreadable());
                  return frames.size() == 3 && account.counts().get("gate").dropped() == 1;
                });
      }
    }
    for (ReceivedFrame frame : frames) {
      long sequence = frame.id().sequence();
      assertThat(frame.id()).isEqualTo(ClientRecords.id(sequence));
      assertThat(frame.mask().labels()).isEqualTo(ClientRecords.mask(sequence).labels());
      assertThat(frame.table()).isEqualTo(ClientRecords.TABLE);
      assertThat(frame.shares().values().stream().mapToDouble(share -> share).sum())
          .isBetween(0.999, 1.001);
      assertThat(frame.shares()).containsKey("sky").doesNotContainValue(0.0);
    }
    assertThat(unreadable)
        .containsExactly("record 2 of clients.segmented-frames-0: it is not a segmented frame");
    assertThat(account.counts()).isEqualTo(Map.of("gate", new FrameAccount.Counts(3, 1, 1, 1)));
  }

  @Test
  void tableThatComesAfterItsFrames_isFoundWhileTheyCome() throws Exception {
    try (TestBroker broker = TestBroker.start(ClientRecords.TOPICS)) {
      Map<String, Object> settings = new HashMap<>(broker.connection());
      settings.put("group.id", "late");
      settings.put("auto.offset.reset", "earliest");
      try (SegmentedFrameConsumer consumer =
              new SegmentedFrameConsumer(
                  ClientRecords.TOPICS.prefix(), settings, SegmentedFrameConsumer.Scope.MASKS);
          Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
        AtomicLong sequence = new AtomicLong();
        List<String> unreadable = new ArrayList<>();
        Awaitility.await()
            .pollInSameThread()
            .until(
                () -> {
                  producer
                      .send(ClientRecords.frame(sequence.incrementAndGet(), MaskEncoding.ZSTD))
                      .get();
                  unreadable.addAll(consumer.poll(Duration.ofMillis(200)).unreadable());
                  return unreadable.stream().anyMatch(text -> text.contains("no class table"));
                });
        producer.send(ClassTableRecords.record(ClientRecords.TOPICS, ClientRecords.TABLE)).get();
        Awaitility.await()
            .pollInSameThread()
            .pollInterval(Duration.ofMillis(100))
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> {
                  producer
                      .send(ClientRecords.frame(sequence.incrementAndGet(), MaskEncoding.ZSTD))
                      .get();
                  return !consumer.poll(Duration.ofMillis(200)).frames().isEmpty();
                });
      }
    }
  }
}
