package io.maskstream.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.frame.FrameId;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpTracesTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final FrameId FRAME =
      new FrameId("gate", 1_700_000_000_000L, 42, 1_700_000_001_000_000L);

  private final Metrics metrics = new Metrics();
  private SpanCollector collector;

  @BeforeEach
  void setUp() throws Exception {
    collector = new SpanCollector();
  }

  @AfterEach
  void tearDown() {
    collector.close();
  }

  private TraceConfig config(String rest) throws ConfigException {
    return YamlReader.parse(
        "test",
        "{endpoint: '%s'%s}".formatted(collector.endpoint(), rest),
        TraceConfig.class,
        Map.of());
  }

  private OtlpTraces traces(String rest) throws ConfigException {
    return new OtlpTraces(config(rest), "yard", "host/1", metrics);
  }

  private Span span(String name) {
    List<Span> found =
        collector.spans().stream().filter(span -> span.getName().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.get(0);
  }

  private static FrameTraces.Steps steps() {
    long start = FRAME.captureMicros() + 5_000;
    return new FrameTraces.Steps(start, 1_000, 30_000, start + 32_000);
  }

  @Test
  void frame_fromCaptureToMask_isOneTraceByItsId() throws Exception {
    Optional<String> header;
    try (OtlpTraces ingest = traces(", sample: 1");
        OtlpTraces worker = traces(", sample: 1")) {
      FrameTraces.Ingest captured = ingest.captured(FRAME);
      captured.published(FRAME.captureMicros() + 4_000);
      header = worker.segmented(FRAME, captured.header(), steps());
    }
    assertThat(collector.spans())
        .extracting(Span::getName)
        .containsExactlyInAnyOrder("ingest", "segment", "decode", "inference");
    assertThat(collector.spans())
        .allMatch(span -> SpanCollector.traceId(span).equals(FRAME.traceId()));
    Span ingest = span("ingest");
    Span segment = span("segment");
    assertThat(ingest.getParentSpanId()).isEqualTo(com.google.protobuf.ByteString.EMPTY);
    assertThat(ingest.getStartTimeUnixNano()).isEqualTo(1_000 * FRAME.captureMicros());
    assertThat(ingest.getEndTimeUnixNano()).isEqualTo(1_000 * (FRAME.captureMicros() + 4_000));
    assertThat(segment.getParentSpanId()).isEqualTo(ingest.getSpanId());
    assertThat(span("inference").getParentSpanId()).isEqualTo(segment.getSpanId());
    assertThat(span("inference").getStartTimeUnixNano())
        .isEqualTo(1_000 * (FRAME.captureMicros() + 6_000));
    assertThat(span("inference").getEndTimeUnixNano() - span("inference").getStartTimeUnixNano())
        .isEqualTo(30_000_000);
    assertThat(SpanCollector.attribute(segment, "maskstream.camera")).isEqualTo("gate");
    assertThat(SpanCollector.attribute(segment, "maskstream.sequence")).isEqualTo("42");
    assertThat(SpanCollector.attribute(segment, "maskstream.outcome")).isEqualTo("segmented");
    assertThat(header.orElseThrow()).startsWith("00-" + FRAME.traceId() + "-").endsWith("-01");
  }

  @Test
  void drops_areSpansWithTheirReason() throws Exception {
    try (OtlpTraces traces = traces(", sample: 1")) {
      traces.captured(FRAME).dropped("queue-full", FRAME.captureMicros() + 9_000);
      traces.ended(FRAME, Optional.empty(), "stale", FRAME.captureMicros() + 600_000);
    }
    assertThat(span("ingest").getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    assertThat(SpanCollector.attribute(span("ingest"), "maskstream.outcome"))
        .isEqualTo("queue-full");
    assertThat(SpanCollector.attribute(span("segment"), "maskstream.outcome")).isEqualTo("stale");
  }

  /** Frames of other producers, hostile ones among them. */
  @ParameterizedTest
  @ValueSource(
      strings = {"", "00", "00-0-0-01", "zz-\u0000", "00-00000000000000000000000000000000-"})
  void headerThatIsNone_isATraceByTheFramesId(String header) throws Exception {
    try (OtlpTraces traces = traces(", sample: 1")) {
      traces.segmented(FRAME, Optional.of(header), steps());
    }
    assertThat(SpanCollector.traceId(span("segment"))).isEqualTo(FRAME.traceId());
    assertThat(span("segment").getParentSpanId()).isEqualTo(com.google.protobuf.ByteString.EMPTY);
  }

  @Test
  void headerOfAnotherProducer_isContinued() throws Exception {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    try (OtlpTraces traces = traces(", sample: 0")) { // the producer has decided
      traces.segmented(FRAME, Optional.of("00-" + trace + "-00f067aa0ba902b7-01"), steps());
      traces.segmented(FRAME, Optional.of("00-" + trace + "-00f067aa0ba902b7-00"), steps());
    }
    assertThat(SpanCollector.traceId(span("segment"))).isEqualTo(trace);
  }

  @Test
  void share_choosesTheSameFramesEverywhere() throws Exception {
    try (OtlpTraces ingest = traces(", sample: 0.25");
        OtlpTraces worker = traces(", sample: 0.25")) {
      for (int i = 0; i < 400; i++) {
        FrameId id = new FrameId("gate", 1, i, FRAME.captureMicros());
        ingest.captured(id).published(FRAME.captureMicros());
        worker.ended(id, Optional.empty(), "stale", FRAME.captureMicros()); // without the header
      }
    }
    List<String> ingested = sequences("ingest");
    assertThat(ingested.size()).isBetween(60, 140); // 100 expected, four standard deviations
    assertThat(sequences("segment")).isEqualTo(ingested);
  }

  private List<String> sequences(String name) {
    return collector.spans().stream()
        .filter(span -> span.getName().equals(name))
        .map(span -> SpanCollector.attribute(span, "maskstream.sequence"))
        .sorted()
        .toList();
  }

  @Test
  void collectorThatRefuses_isCountedAndDisturbsNothing() throws Exception {
    collector.answer(400);
    try (OtlpTraces traces = traces(", sample: 1")) {
      traces.ended(FRAME, Optional.empty(), "stale", FRAME.captureMicros());
      await()
          .atMost(TIMEOUT)
          .untilAsserted(
              () -> assertThat(metrics.text()).contains("maskstream_spans_lost_total 1"));
      collector.answer(200);
      traces.ended(FRAME, Optional.empty(), "stale", FRAME.captureMicros());
    }
    assertThat(collector.spans()).hasSize(1);
    assertThat(metrics.text()).contains("maskstream_spans_lost_total 1.0");
  }

  @Test
  void authorization_isSentAndNotPrinted() throws Exception {
    TraceConfig config = config(", sample: 1, authorization: 'Bearer s3cret'");
    assertThat(config.toString()).doesNotContain("s3cret");
    try (OtlpTraces traces = new OtlpTraces(config, "yard", "host/1", metrics)) {
      traces.ended(FRAME, Optional.empty(), "stale", FRAME.captureMicros());
    }
    assertThat(collector.authorizations()).containsExactly("Bearer s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "collector:4318, 1, 'endpoint must be an http or https URL with a host, is collector:4318'",
    "http:///v1, 1, 'endpoint must be an http or https URL with a host, is http:///v1'",
    "http://c/v1, 1.5, 'sample must be 0 to 1, is 1.5'",
    "http://c/v1, -0.1, 'sample must be 0 to 1, is -0.1'"
  })
  void config_outsideItsRules_isASentence(String endpoint, String sample, String sentence) {
    String yaml = "{endpoint: '%s', sample: %s}".formatted(endpoint, sample);
    assertThatThrownBy(() -> YamlReader.parse("test", yaml, TraceConfig.class, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(sentence);
  }
}
