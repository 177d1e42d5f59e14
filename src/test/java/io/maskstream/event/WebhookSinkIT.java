package io.maskstream.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.maskstream.CaughtLog;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.TestBroker;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicNames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A webhook whose receiver answers, fails, hangs, redirects and refuses, and a real broker. */
class WebhookSinkIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(40);
  private static final TopicNames TOPICS = new TopicNames("hook");
  private static final String SECRET = "a secret of enough bytes";

  /** An answer that does not come. */
  private static final int NONE = -1;

  private static TestBroker broker;

  /** A call as it came. */
  private record Call(String id, String seconds, String signature, String type, String body) {}

  private final String group = "hook-" + UUID.randomUUID();
  private final ConcurrentLinkedQueue<Integer> answers = new ConcurrentLinkedQueue<>();
  private final Set<String> refusedIds = ConcurrentHashMap.newKeySet();
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final List<String> elsewhere = new CopyOnWriteArrayList<>();
  private final List<String> outcomes = new CopyOnWriteArrayList<>();
  private final AtomicLong failingSince = new AtomicLong(-1);
  private final WebhookSink.Observer observer =
      new WebhookSink.Observer() {
        @Override
        public void called(String outcome) {
          outcomes.add(outcome);
        }

        @Override
        public void failingSince(long millis) {
          failingSince.set(millis);
        }
      };
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = TestBroker.start(TOPICS);
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/hook", this::answer);
    server.createContext(
        "/elsewhere",
        exchange -> {
          elsewhere.add(exchange.getRequestURI().toString());
          exchange.sendResponseHeaders(200, -1);
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    var headers = exchange.getRequestHeaders();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String id = headers.getFirst("webhook-id");
    Integer status = refusedIds.contains(id) ? Integer.valueOf(500) : answers.poll();
    calls.add(
        new Call(
            id,
            headers.getFirst("webhook-timestamp"),
            headers.getFirst("webhook-signature"),
            headers.getFirst("Content-Type"),
            body));
    if (status != null && status == NONE) {
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return;
    }
    exchange.getResponseHeaders().add("Location", "/elsewhere");
    exchange.sendResponseHeaders(status == null ? 204 : status, -1);
    exchange.close();
  }

  private WebhookSink start(String giveUpAfter) throws Exception {
    String yaml =
        "{url: 'http://localhost:%d/hook', secret: '%s', timeout: 4s, retryDelay: 50ms, giveUpAfter: %s}"
            .formatted(server.getAddress().getPort(), SECRET, giveUpAfter);
    WebhookSink sink =
        WebhookSink.start(
            new WebhookSink.Parts(
                YamlReader.parse("webhook", yaml, WebhookConfig.class, Map.of()),
                KafkaConnection.plain(String.valueOf(broker.connection().get("bootstrap.servers"))),
                TOPICS.events(),
                new GroupMember(group, Duration.ofSeconds(6), Optional.empty()),
                observer,
                Clock.systemUTC()));
    await().atMost(TIMEOUT).until(sink::joined);
    return sink;
  }

  private static String event(String id) {
    return "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/cameras/a\"}".formatted(id);
  }

  private static void send(String... ids) throws Exception {
    try (Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
      for (String id : ids) {
        byte[] value = event(id).getBytes(StandardCharsets.UTF_8);
        producer
            .send(
                new ProducerRecord<>(TOPICS.events(), "a".getBytes(StandardCharsets.UTF_8), value))
            .get();
      }
    }
  }

  private List<String> ids() {
    return calls.stream().map(Call::id).toList();
  }

  @Test
  void events_areSignedCloudEvents_fromTheFirstStartOn() throws Exception {
    send("before");
    try (WebhookSink sink = start("1h")) {
      send("one");
      await().atMost(TIMEOUT).until(() -> outcomes.equals(List.of("delivered")));
      assertThat(sink.status().reads()).isTrue();
    }
    Call call = calls.get(0);
    assertThat(calls).hasSize(1);
    assertThat(call.id).isEqualTo("one");
    assertThat(call.type).isEqualTo("application/cloudevents+json");
    assertThat(call.body).isEqualTo(event("one"));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String signed = "one." + call.seconds + "." + event("one");
    String expected =
        Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    assertThat(call.signature).isEqualTo("v1," + expected);
    assertThat(Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(call.seconds)))
        .isLessThan(60);
  }

  @Test
  void receiverThatFailsAndHangs_isCalledAgain_inOrder() throws Exception {
    answers.addAll(List.of(500, 429, NONE));
    try (WebhookSink sink = start("1h")) {
      send("one", "two");
      await().atMost(TIMEOUT).until(() -> outcomes.contains("failed"));
      await().atMost(TIMEOUT).until(() -> outcomes.size() == 5);
      assertThat(outcomes).containsExactly("failed", "failed", "failed", "delivered", "delivered");
      assertThat(ids()).containsExactly("one", "one", "one", "one", "two");
      assertThat(sink.status().sentence()).isEqualTo("delivers");
    }
  }

  @Test
  void receiverThatRefuses_isNotCalledAgain_andTheNextEventIsSent() throws Exception {
    answers.addAll(List.of(302, 400));
    try (CaughtLog log = new CaughtLog(WebhookSink.class);
        WebhookSink sink = start("1h")) {
      send("moved", "bad");
      await().atMost(TIMEOUT).until(() -> outcomes.size() == 2);
      assertThat(sink.status().reads()).isFalse();
      assertThat(sink.status().sentence()).contains("not delivered").contains("answered with 400");
      send("good");
      await().atMost(TIMEOUT).until(() -> outcomes.size() == 3);
      assertThat(outcomes).containsExactly("refused", "refused", "delivered");
      assertThat(ids()).containsExactly("moved", "bad", "good");
      assertThat(elsewhere).isEmpty();
      assertThat(log.contexts("redirects are not followed")).hasSize(1);
      assertThat(sink.status().reads()).isTrue();
    }
  }

  @Test
  void receiverThatFails_isToldWithTheTimeOfTheFirstFailure() throws Exception {
    long start = System.currentTimeMillis();
    answers.addAll(Collections.nCopies(100, 503));
    try (WebhookSink sink = start("1h")) {
      send("one");
      await().atMost(TIMEOUT).until(() -> failingSince.get() > 0);
      long first = failingSince.get();
      assertThat(first).isBetween(start, System.currentTimeMillis());
      await().atMost(TIMEOUT).until(() -> outcomes.size() >= 4);
      assertThat(failingSince).hasValue(first);
      answers.clear();
      await().atMost(TIMEOUT).until(() -> outcomes.contains("delivered"));
      await().atMost(TIMEOUT).until(() -> failingSince.get() == 0);
      assertThat(sink.status().reads()).isTrue();
      answers.addAll(Collections.nCopies(100, 503));
      send("two");
      await().atMost(TIMEOUT).until(() -> failingSince.get() > first);
    }
    assertThat(failingSince).hasValue(0); // another process may have it now
  }

  @Test
  void partitionThatFails_holdsNoOtherUp_andIsToldAsFailing() throws Exception {
    try (Admin admin = Admin.create(broker.connection())) {
      admin.createPartitions(Map.of(TOPICS.events(), NewPartitions.increaseTo(2))).all().get();
    }
    refusedIds.add("stuck");
    try (WebhookSink sink = start("1h");
        Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
      producer.send(new ProducerRecord<>(TOPICS.events(), 0, null, bytes(event("stuck")))).get();
      await().atMost(TIMEOUT).until(() -> failingSince.get() > 0);
      long first = failingSince.get();
      for (String id : List.of("one", "two", "three")) {
        producer.send(new ProducerRecord<>(TOPICS.events(), 1, null, bytes(event(id)))).get();
        await().atMost(TIMEOUT).until(() -> ids().contains(id));
      }
      assertThat(failingSince).hasValue(first);
      assertThat(sink.status().reads()).isFalse();
      refusedIds.clear();
      await().atMost(TIMEOUT).until(() -> failingSince.get() == 0);
      assertThat(sink.status().reads()).isTrue();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void recordThatIsNoEvent_isRefused() throws Exception {
    try (WebhookSink sink = start("1h");
        Producer<byte[], byte[]> producer = ByteClients.producer(broker.connection())) {
      producer
          .send(
              new ProducerRecord<>(
                  TOPICS.events(),
                  "a".getBytes(StandardCharsets.UTF_8),
                  "no".getBytes(StandardCharsets.UTF_8)))
          .get();
      producer
          .send(new ProducerRecord<>(TOPICS.events(), "a".getBytes(StandardCharsets.UTF_8), null))
          .get();
      producer
          .send(
              new ProducerRecord<>(
                  TOPICS.events(),
                  "a".getBytes(StandardCharsets.UTF_8),
                  "{}".getBytes(StandardCharsets.UTF_8)))
          .get();
      send("one");
      await().atMost(TIMEOUT).until(() -> outcomes.size() == 4);
      assertThat(outcomes).containsExactly("refused", "refused", "refused", "delivered");
      assertThat(sink.status().reads()).isTrue();
    }
  }

  @Test
  void whatWasNotDelivered_isSentAfterARestart_andNothingTwice() throws Exception {
    try (WebhookSink sink = start("1h")) {
      send("one");
      await().atMost(TIMEOUT).until(() -> outcomes.contains("delivered"));
      for (int i = 0; i < 100; i++) {
        answers.add(503);
      }
      send("two");
      await().atMost(TIMEOUT).until(() -> outcomes.contains("failed"));
      assertThat(sink.status().reads()).isFalse();
      assertThat(sink.status().sentence()).contains("answered with 503").contains("next try in");
    }
    send("three");
    answers.clear();
    calls.clear();
    try (WebhookSink again = start("1h")) {
      await().atMost(TIMEOUT).until(() -> calls.size() == 2);
      assertThat(again.status().reads()).isTrue();
      assertThat(ids()).containsExactly("two", "three");
    }
  }

  @Test
  void oldEvent_isGivenUp() throws Exception {
    answers.add(500);
    try (WebhookSink sink = start("0s")) {
      send("old", "new");
      await().atMost(TIMEOUT).until(() -> outcomes.size() == 2);
      assertThat(outcomes).containsExactly("expired", "delivered");
      assertThat(sink.status().reads()).isTrue();
    }
  }
}
