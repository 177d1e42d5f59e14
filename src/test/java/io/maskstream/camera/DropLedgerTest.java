package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.frame.FrameId;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import java.time.Duration;
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

  private void add(long sequence) {
    ledger.add(
        new DropRecord(
            new FrameId("cam", 7, sequence, 0),
            DropRecord.Stage.INGEST,
            DropRecord.Reason.QUEUE_FULL,
            5));
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
}
