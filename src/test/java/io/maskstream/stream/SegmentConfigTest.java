package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.OpenVino;
import io.maskstream.inference.TestBundles;
import io.maskstream.metrics.Metrics;
import io.maskstream.onnx.ContractTensors;
import io.maskstream.onnx.GraphCut;
import io.maskstream.stream.SegmentConfig.Guarantee;
import io.maskstream.stream.SegmentConfig.UnknownConfig;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentConfigTest {
  private static final SegmentConfig LIVE = SegmentConfig.of(Path.of("m"));
  private static final SegmentConfig REPLAY = LIVE.withMaxAge(Optional.empty());

  private static Map<String, Object> settings(SegmentConfig config, KafkaConnection kafka) {
    return WorkerSettings.of(
        new GroupMember("app", Duration.ofSeconds(2), Optional.empty()),
        kafka,
        TopicSettings.defaults("t").withReplication(3),
        config,
        Path.of("state"),
        new WorkerSettings.Handed(new Metrics(), new FailedRecords(), false));
  }

  private static Map<String, Object> settings(SegmentConfig config) {
    return settings(config, KafkaConnection.plain("b:9092"));
  }

  private static SegmentConfig with(String key, int value) {
    return YamlReader.defaults(SegmentConfig.class, Map.of(key, value));
  }

  @Test
  void openVino_andItsPlugin_needEachOther() {
    assertThatThrownBy(() -> LIVE.withEngine(EngineChoice.OPENVINO))
        .hasMessageContaining("openvinoPlugin and engine: openvino need each other");
    assertThatThrownBy(() -> LIVE.withOpenvinoPlugin(Optional.of(Path.of("p.so"))))
        .hasMessageContaining("openvinoPlugin and engine: openvino need each other");
    SegmentConfig both =
        YamlReader.defaults(
            SegmentConfig.class,
            Map.of("engine", "openvino", "openvinoPlugin", "p.so", "threads", 3));
    assertThat(both.engineOptions().openVino()).contains(new OpenVino(Path.of("p.so"), 3));
  }

  private static SegmentConfig withPassInterval(String interval, Map<String, Object> others) {
    Map<String, Object> keys = new HashMap<>(others);
    keys.put("reuse", Map.of("passInterval", interval));
    return YamlReader.defaults(SegmentConfig.class, keys);
  }

  @Test
  void passInterval_isForLiveFlowWithoutRedaction() {
    assertThat(withPassInterval("100ms", Map.of()).propagation())
        .isEqualTo(new Propagation.Limits(100_000, 3_000_000));
    assertThat(LIVE.propagation()).isEqualTo(new Propagation.Limits(0, 3_000_000));
    Map<String, Object> replay = Map.of("maxAge", "none");
    Map<String, Object> redact = Map.of("redact", Map.of("classes", List.of("car")));
    for (Map<String, Object> others : List.of(replay, redact)) {
      assertThatThrownBy(() -> withPassInterval("100ms", others))
          .hasMessageContaining("reuse.passInterval needs a maxAge and no redact");
    }
    assertThatThrownBy(() -> withPassInterval("4s", Map.of()))
        .hasMessageContaining("passInterval must be 0 ms to maxPropagation, 3000 ms, is 4000 ms");
    Map<String, Object> ema = Map.of("policy", "ema", "passInterval", "100ms");
    assertThatThrownBy(() -> YamlReader.defaults(SegmentConfig.ReuseConfig.class, ema))
        .hasMessageContaining("passInterval needs policy: flow");
  }

  @ParameterizedTest
  @CsvSource({"flow,3000000", "flow-ema,3000000", "pixel-ema,0", "ema,0", "per-frame,0"})
  void masksArePropagated_onlyWhereTheMemoryFollowsTheFlow(String policy, long longestMicros) {
    SegmentConfig config =
        YamlReader.defaults(SegmentConfig.class, Map.of("reuse", Map.of("policy", policy)));
    assertThat(config.propagation()).isEqualTo(new Propagation.Limits(0, longestMicros));
  }

  @ParameterizedTest
  @CsvSource({"threads, 1", "engineThreads, 1", "standbyReplicas, 0", "device, 0"})
  void numbers_haveALeastValue(String key, int least) {
    assertThat(with(key, least)).isNotNull();
    assertThatThrownBy(() -> with(key, least - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("is " + (least - 1));
  }

  @Test
  void unknown_isOffByDefault_andItsThresholdIsTheCardsOrWhatIsGiven() {
    assertThat(LIVE.unknown()).isEmpty();
    assertThat(LIVE.needed()).isEqualTo(ConfidenceOutput.NONE);
    assertThat(LIVE.withConfidence(ConfidenceOutput.MAP).needed()).isEqualTo(ConfidenceOutput.MAP);
    SegmentConfig card =
        YamlReader.defaults(SegmentConfig.class, Map.of("unknown", Map.of(), "model", "m"));
    assertThat(card.unknown().orElseThrow().below()).isEmpty();
    assertThat(card.needed()).isEqualTo(ConfidenceOutput.MAP);
    assertThat(unknown("0.4").unknown().orElseThrow().below()).contains(0.4);
    for (String wrong : new String[] {"0", "1.01", "-1"}) {
      assertThatThrownBy(() -> unknown(wrong))
          .hasMessageContaining("unknown.below must be above 0 and at most 1, is");
    }
  }

  private static SegmentConfig unknown(String below) {
    return YamlReader.defaults(
        SegmentConfig.class, Map.of("unknown", Map.of("below", below), "model", "m"));
  }

  @Test
  void model_mustGiveWhatTheKeysAskFor(@TempDir Path folder) throws Exception {
    Path bundle = TestBundles.write(folder, "tiny", "7", 1);
    try (LoadedModel scores = LoadedModel.load(ModelBundle.read(bundle), 1)) {
      unknown("0.4").requireGiven(scores);
      LIVE.withConfidence(ConfidenceOutput.MAP).requireGiven(scores);
      SegmentConfig ofCard = LIVE.withUnknown(Optional.of(new UnknownConfig(Optional.empty())));
      assertThatThrownBy(() -> ofCard.requireGiven(scores))
          .hasMessage(
              "segment.unknown.below must be given: the card of tiny@7 has no unknownBelow, which"
                  + " calibrate-unknown writes");
    }
    withoutScores(bundle);
    try (LoadedModel labels = LoadedModel.load(ModelBundle.read(bundle), 1)) {
      LIVE.requireGiven(labels);
      assertThatThrownBy(() -> unknown("0.4").requireGiven(labels))
          .hasMessage(
              "segment.unknown needs a model that gives class scores; tiny@7 "
                  + LoadedModel.NO_SCORES);
      assertThatThrownBy(() -> LIVE.withConfidence(ConfidenceOutput.MAP).requireGiven(labels))
          .hasMessageContaining("segment.confidence: map needs");
    }
  }

  /** Makes a graph that gives labels only. */
  private static void withoutScores(Path bundle) throws Exception {
    Path graph = bundle.resolve(ModelBundle.GRAPH);
    byte[] cut = GraphCut.without(Files.readAllBytes(graph), Set.of(ContractTensors.LOGITS));
    Files.write(graph, cut);
    BundleWriter.seal(bundle);
  }

  @Test
  void streamThreads_areAtLeastOne_andDefaultToWhatTheTopologyNeeds() {
    assertThatThrownBy(() -> LIVE.withStreamThreads(Optional.of(0)))
        .hasMessageContaining("streamThreads must be at least 1");
    assertThat(settings(LIVE.withThreads(4))).containsEntry("num.stream.threads", 1);
    assertThat(settings(REPLAY.withThreads(4))).containsEntry("num.stream.threads", 4);
    assertThat(settings(LIVE.withStreamThreads(Optional.of(3))))
        .containsEntry("num.stream.threads", 3);
  }

  @Test
  void guarantee_reachesKafkaStreams_withItsCommitInterval() {
    assertThat(settings(LIVE))
        .containsEntry("processing.guarantee", "at_least_once")
        .containsEntry("commit.interval.ms", 1_000L);
    assertThat(settings(LIVE.withGuarantee(Guarantee.EXACTLY_ONCE)))
        .containsEntry("processing.guarantee", "exactly_once_v2")
        .containsEntry("commit.interval.ms", 100L);
  }

  @Test
  void standbysAndReplication_reachKafkaStreams() {
    assertThat(settings(LIVE.withStandbyReplicas(2)))
        .containsEntry("num.standby.replicas", 2)
        .containsEntry("replication.factor", 3);
  }

  /** Kafka Streams takes the wait between its topics from these settings of the assignor. */
  @Test
  void mainConsumer_waitsLittleBetweenTopics() {
    StreamsConfig config = new StreamsConfig(settings(LIVE));
    assertThat(config.getMainConsumerConfigs("g", "c", 0)).containsEntry("retry.backoff.ms", 10L);
  }

  @Test
  void settingsOfTheFile_reachTheClientTheyAreFor_andWin() {
    KafkaConnection kafka =
        new KafkaConnection(
            "b:9092",
            Map.of("security.protocol", "SSL"),
            Map.of("num.standby.replicas", "1"),
            Map.of("linger.ms", "9"),
            Map.of("max.poll.records", "7"));
    assertThat(settings(LIVE, kafka))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("num.standby.replicas", "1")
        .containsEntry("producer.linger.ms", "9")
        .containsEntry("consumer.max.poll.records", "7");
    assertThat(kafka.common()).doesNotContainKeys("num.standby.replicas", "linger.ms");
    assertThat(kafka.producer(1))
        .containsEntry("linger.ms", "9")
        .doesNotContainKey("max.poll.records");
    assertThat(kafka.consumer(1))
        .containsEntry("max.poll.records", "7")
        .doesNotContainKey("linger.ms");
  }
}
