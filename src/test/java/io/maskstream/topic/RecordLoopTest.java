package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.CaughtLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RecordLoopTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String TOPIC = "orders";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final List<MockConsumer<byte[], byte[]>> made = new CopyOnWriteArrayList<>();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();
  private final List<String> restarted = new CopyOnWriteArrayList<>();

  private volatile boolean grown;

  private static void know(MockConsumer<byte[], byte[]> consumer) {
    consumer.updatePartitions(TOPIC, List.of(new PartitionInfo(TOPIC, 0, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 0L));
  }

  private MockConsumer<byte[], byte[]> consumer() {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    know(consumer);
    if (grown) {
      know(consumer, 5);
    }
    made.add(consumer);
    return consumer;
  }

  /** And a second partition with some records. */
  private static void know(MockConsumer<byte[], byte[]> consumer, long records) {
    TopicPartition second = new TopicPartition(TOPIC, 1);
    consumer.updatePartitions(
        TOPIC,
        List.of(
            new PartitionInfo(TOPIC, 0, null, null, null),
            new PartitionInfo(TOPIC, 1, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L, second, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 0L, second, records));
  }

  private RecordLoop loop(boolean whole) {
    return new RecordLoop(
        new RecordLoop.Subject(
            "loop", whole ? Set.of(TOPIC) : Set.of(), whole ? Set.of() : Set.of(TOPIC)),
        this::consumer,
        record -> seen.add(text(record)),
        new RecordLoop.Observer(refused::add, restarted::add));
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    String text = new String(record.value(), StandardCharsets.UTF_8);
    if (text.equals("bad")) {
      throw new IllegalArgumentException("not an order");
    }
    return text;
  }

  private void send(int consumer, long offset, String text) {
    MockConsumer<byte[], byte[]> to = made.get(consumer);
    to.schedulePollTask(
        () ->
            to.addRecord(
                new ConsumerRecord<>(
                    TOPIC, 0, offset, null, text.getBytes(StandardCharsets.UTF_8))));
  }

  @Test
  void badRecord_isCountedAndSkipped() {
    try (CaughtLog log = new CaughtLog(RecordLoop.class);
        RecordLoop loop = loop(true)) {
      send(0, 0, "one");
      send(0, 1, "bad");
      send(0, 2, "two");
      loop.start();
      await().atMost(TIMEOUT).until(() -> seen.size() == 2);
      assertThat(seen).containsExactly("one", "two");
      assertThat(refused).containsExactly(TOPIC);
      assertThat(log.contexts("is skipped"))
          .containsExactly(Map.of("topic", TOPIC, "partition", "0", "offset", "1"));
      assertThat(loop.status().reads()).isTrue();
    }
  }

  @Test
  void recentRecords_areReadFromBeforeTheStart() {
    assertThat(firstPosition(3)).isEqualTo(97);
    assertThat(firstPosition(30)).isEqualTo(90);
    assertThat(firstPosition(0)).isEqualTo(100);
  }

  /** Where a loop begins in a topic whose records 90 to 99 are left. */
  private long firstPosition(int recent) {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    know(consumer);
    consumer.updateBeginningOffsets(Map.of(PARTITION, 90L));
    consumer.updateEndOffsets(Map.of(PARTITION, 100L));
    RecordLoop loop =
        new RecordLoop(
            new RecordLoop.Subject("loop", Set.of(), Set.of(TOPIC), recent),
            () -> consumer,
            record -> {},
            RecordLoop.Observer.none());
    try {
      return consumer.position(PARTITION);
    } finally {
      loop.close();
    }
  }

  @Test
  void failure_isReportedAndTheLoopStartsAgainWhereItStood() {
    try (RecordLoop loop = loop(true)) {
      send(0, 0, "one");
      made.get(0).schedulePollTask(() -> made.get(0).setPollException(new KafkaException("torn")));
      loop.start();
      await().atMost(TIMEOUT).until(() -> !loop.status().reads());
      assertThat(loop.status().sentence()).contains(TOPIC).contains("torn").contains("next try");
      await().atMost(TIMEOUT).until(() -> made.size() == 2 && loop.status().reads());
      assertThat(made.get(0).closed()).isTrue();
      assertThat(made.get(1).position(PARTITION)).isEqualTo(1);
      send(1, 1, "two");
      await().atMost(TIMEOUT).until(() -> seen.size() == 2);
      assertThat(seen).containsExactly("one", "two");
      assertThat(restarted).containsExactly("loop");
    }
  }

  @Test
  void partitionsThatAreAdded_areReadFromTheirBeginning_andTheOthersGoOn() {
    try (RecordLoop loop = loop(false)) {
      MockConsumer<byte[], byte[]> consumer = made.get(0);
      know(consumer, 5);
      loop.lookForPartitions();
      TopicPartition second = new TopicPartition(TOPIC, 1);
      assertThat(consumer.assignment()).containsExactlyInAnyOrder(PARTITION, second);
      assertThat(consumer.position(second)).isZero();
    }
  }

  @Test
  void topicThatIsDeleted_leavesTheOthersAlone() {
    try (RecordLoop loop = loop(false)) {
      MockConsumer<byte[], byte[]> consumer = made.get(0);
      consumer.updatePartitions(TOPIC, List.of());
      loop.lookForPartitions();
      assertThat(consumer.assignment()).containsExactly(PARTITION);
    }
  }

  @Test
  void topicWithoutPartitionsYet_isWaitedFor() {
    AtomicInteger asked = new AtomicInteger();
    MockConsumer<byte[], byte[]> late =
        new MockConsumer<>("earliest") {
          @Override
          public synchronized List<PartitionInfo> partitionsFor(String topic) {
            return asked.incrementAndGet() < 3 ? List.of() : super.partitionsFor(topic);
          }
        };
    know(late);
    made.add(late);
    try (RecordLoop loop =
        new RecordLoop(
            new RecordLoop.Subject("loop", Set.of(TOPIC), Set.of()),
            () -> late,
            record -> seen.add(text(record)),
            RecordLoop.Observer.none())) {
      send(0, 0, "one");
      loop.start();
      await().atMost(TIMEOUT).until(() -> seen.contains("one"));
    }
  }

  @Test
  void topicThatStaysWithoutPartitions_isAMessageWithItsName() {
    MockConsumer<byte[], byte[]> empty = new MockConsumer<>("earliest");
    empty.updatePartitions(TOPIC, List.of());
    assertThatThrownBy(
            () ->
                new RecordLoop(
                    new RecordLoop.Subject("loop", Set.of(TOPIC), Set.of()),
                    () -> empty,
                    record -> {},
                    RecordLoop.Observer.none()))
        .hasMessage("the topic orders has no partitions");
    assertThat(empty.closed()).isTrue();
  }

  @Test
  void liveTopic_isReadFromItsEnd_wholeTopicFromItsBeginning() {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    know(consumer);
    consumer.updateEndOffsets(Map.of(PARTITION, 7L));
    try (RecordLoop live =
        new RecordLoop(
            new RecordLoop.Subject("loop", Set.of(), Set.of(TOPIC)),
            () -> consumer,
            record -> {},
            RecordLoop.Observer.none())) {
      assertThat(live.status().reads()).isFalse(); // not started
      assertThat(consumer.position(PARTITION)).isEqualTo(7);
    }
    try (RecordLoop whole = loop(true)) {
      assertThat(whole.name()).isEqualTo("loop");
      assertThat(made.get(0).position(PARTITION)).isZero();
    }
  }

  @Test
  void newPartition_isFoundWhereTheLoopStartsAgain() {
    TopicPartition second = new TopicPartition(TOPIC, 1);
    try (RecordLoop loop = loop(false)) {
      made.get(0).schedulePollTask(() -> made.get(0).setPollException(new KafkaException("torn")));
      grown = true;
      loop.start();
      await().atMost(TIMEOUT).until(() -> made.size() == 2 && loop.status().reads());
      assertThat(made.get(1).assignment()).containsExactlyInAnyOrder(PARTITION, second);
      assertThat(made.get(1).position(second)).isZero(); // nothing of it has been read
    }
  }

  @Test
  void handlersThread_isNamedAfterTheLoop_andKeepsNoProcessAlive() {
    List<Thread> threads = new CopyOnWriteArrayList<>();
    try (RecordLoop loop =
        new RecordLoop(
            new RecordLoop.Subject("orders-loop", Set.of(TOPIC), Set.of()),
            this::consumer,
            record -> threads.add(Thread.currentThread()),
            RecordLoop.Observer.none())) {
      send(0, 0, "one");
      assertThat(loop.start()).isSameAs(loop);
      await().atMost(TIMEOUT).until(() -> !threads.isEmpty());
      assertThat(threads.get(0).getName()).contains("orders-loop");
      assertThat(threads.get(0).isDaemon()).isTrue();
    }
    assertThat(threads.get(0).isAlive()).isFalse();
    assertThat(made.get(0).closed()).isTrue();
  }

  @Test
  void neverStarted_isClosedWithItsConsumer() {
    loop(true).close();
    assertThat(made.get(0).closed()).isTrue();
  }

  @Test
  void pause_doublesToHalfAMinute() {
    assertThat(RecordLoop.pause(0)).isEqualTo(Duration.ofMillis(500));
    assertThat(RecordLoop.pause(3)).isEqualTo(Duration.ofSeconds(4));
    assertThat(RecordLoop.pause(1_000)).isEqualTo(Duration.ofSeconds(30));
  }
}
