package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.CaughtLog;
import io.maskstream.frame.FrameId;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DropLedgerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MockProducer<byte[], byte[]> producer = FramePublisherTest.producer(false);
  private final DropLedger ledger = new DropLedger(producer, new TopicNames("test"), new Metrics());

  private static DropRecord drop(long sequence) {
    return new DropRecord(
        new FrameId("cam", 7, sequence, 0),
        DropRecord.Stage.INGEST,
        DropRecord.Reason.QUEUE_FULL,
        5);
  }

  private void add(long sequence) {
    ledger.add(drop(sequence));
  }

  private long sequence(int sent) {
    return Json.read(producer.history().get(sent).value(), DropRecord.class).frame().sequence();
  }

  @AfterEach
  void stop() {
    producer.sendException = null;
    FramePublisherTest.acknowledge(producer);
    ledger.close();
  }

  @Test
  void add_manyWhileNothingIsAcknowledged_fewAreInsideTheProducer() {
    LongStream.range(0, DropLedger.IN_FLIGHT + 500).forEach(this::add);
    await().atMost(PATIENCE).until(() -> producer.history().size() == DropLedger.IN_FLIGHT);
    await()
        .during(Duration.ofMillis(500))
        .atMost(PATIENCE)
        .until(() -> producer.history().size() == DropLedger.IN_FLIGHT);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              FramePublisherTest.acknowledge(producer);
              return producer.history().size() == DropLedger.IN_FLIGHT + 500;
            });
  }

  @Test
  void add_brokerAway_isSentOnceItIsBack() {
    producer.sendException = new TimeoutException("no metadata");
    add(0);
    await().during(Duration.ofMillis(500)).until(() -> producer.history().isEmpty());
    producer.sendException = null;
    await().atMost(PATIENCE).until(() -> producer.history().size() == 1);
    assertThat(sequence(0)).isZero();
  }

  @Test
  void add_refused_isSentAgain() {
    add(3);
    await().atMost(PATIENCE).until(() -> producer.history().size() == 1);
    assertThat(producer.errorNext(new NetworkException("gone"))).isTrue();
    await().atMost(PATIENCE).until(() -> producer.history().size() == 2);
    assertThat(sequence(1)).isEqualTo(3);
  }

  @Test
  void add_moreThanMemoryAllows_losesTheNewestAndSaysHowMany() {
    producer.sendException = new TimeoutException("no metadata");
    try (CaughtLog log = new CaughtLog(DropLedger.class);
        DropLedger small = new DropLedger(producer, new TopicNames("test"), new Metrics(), 2)) {
      for (int i = 0; i < 5; i++) {
        small.add(drop(i));
      }
      assertThat(log.texts()).filteredOn(text -> text.contains("cam/7/2")).hasSize(1);
      producer.sendException = null;
      await().atMost(PATIENCE).until(() -> producer.history().size() == 2);
      FramePublisherTest.acknowledge(producer);
      assertThat(log.texts()).contains("3 drop records were lost while no broker answered");
      assertThat(List.of(sequence(0), sequence(1))).containsExactly(0L, 1L);
    }
  }
}
