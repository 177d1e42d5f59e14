package io.maskstream.metrics;

import io.maskstream.frame.FrameId;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Traces of frames, sent to an OTLP collector over HTTP. Used by all threads. */
public final class OtlpTraces implements FrameTraces {
  private static final AttributeKey<String> CAMERA = AttributeKey.stringKey("maskstream.camera");
  private static final AttributeKey<Long> EPOCH = AttributeKey.longKey("maskstream.epoch");
  private static final AttributeKey<Long> SEQUENCE = AttributeKey.longKey("maskstream.sequence");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("maskstream.outcome");

  private static final String TRACE_PARENT = "traceparent";

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final FrameIds ids = new FrameIds();
  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /**
   * Starts to trace.
   *
   * @param deployment name of the deployment
   * @param process name of the process
   */
  public OtlpTraces(TraceConfig config, String deployment, String process, Metrics metrics) {
    SpanExporter exporter = new CountedExporter(exporter(config), config.endpoint(), metrics);
    provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"), "maskstream",
                        AttributeKey.stringKey("service.namespace"), deployment,
                        AttributeKey.stringKey("service.instance.id"), process)))
            .setIdGenerator(ids)
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.sample())))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter)
                    .setScheduleDelay(INTERVAL)
                    .setExporterTimeout(TIMEOUT)
                    .build())
            .build();
    tracer = provider.get("io.maskstream");
  }

  private static SpanExporter exporter(TraceConfig config) {
    OtlpHttpSpanExporterBuilder builder =
        OtlpHttpSpanExporter.builder().setEndpoint(config.endpoint()).setTimeout(TIMEOUT);
    config.authorization().ifPresent(value -> builder.addHeader("Authorization", value.value()));
    return builder.build();
  }

  @Override
  public Ingest captured(FrameId id) {
    return new IngestSpan(root(id, "ingest", SpanKind.PRODUCER, id.captureMicros()));
  }

  @Override
  public Optional<String> segmented(FrameId id, Optional<String> parent, Steps steps) {
    Span span = span(id, parent, steps.startMicros());
    if (span.getSpanContext().isSampled()) {
      long decoded = steps.startMicros() + steps.decodeMicros();
      child(span, "decode", steps.startMicros(), decoded);
      child(span, "inference", decoded, decoded + steps.inferenceMicros());
    }
    span.setAttribute(OUTCOME, "segmented");
    span.end(steps.endMicros(), TimeUnit.MICROSECONDS);
    return header(span);
  }

  @Override
  public void ended(FrameId id, Optional<String> parent, String outcome, long nowMicros) {
    end(span(id, parent, nowMicros), outcome, nowMicros);
  }

  @Override
  public void close() {
    provider.shutdown().join(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A worker's span: a child of the record's, or a trace of its own by the frame's id. */
  private Span span(FrameId id, Optional<String> parent, long startMicros) {
    Context context = parent.map(OtlpTraces::context).orElse(Context.root());
    return Span.fromContext(context).getSpanContext().isValid()
        ? start(context, id, "segment", SpanKind.CONSUMER, startMicros)
        : root(id, "segment", SpanKind.CONSUMER, startMicros);
  }

  private Span root(FrameId id, String name, SpanKind kind, long startMicros) {
    ids.next(id);
    try {
      return start(Context.root(), id, name, kind, startMicros);
    } finally {
      ids.next(null);
    }
  }

  private Span start(Context parent, FrameId id, String name, SpanKind kind, long startMicros) {
    return tracer
        .spanBuilder(name)
        .setParent(parent)
        .setSpanKind(kind)
        .setStartTimestamp(startMicros, TimeUnit.MICROSECONDS)
        .setAttribute(CAMERA, id.camera())
        .setAttribute(EPOCH, id.epoch())
        .setAttribute(SEQUENCE, id.sequence())
        .startSpan();
  }

  private void child(Span parent, String name, long startMicros, long endMicros) {
    tracer
        .spanBuilder(name)
        .setParent(Context.root().with(parent))
        .setStartTimestamp(startMicros, TimeUnit.MICROSECONDS)
        .startSpan()
        .end(endMicros, TimeUnit.MICROSECONDS);
  }

  private static void end(Span span, String outcome, long nowMicros) {
    span.setAttribute(OUTCOME, outcome);
    span.setStatus(StatusCode.ERROR, outcome);
    span.end(nowMicros, TimeUnit.MICROSECONDS);
  }

  private static Optional<String> header(Span span) {
    SpanContext context = span.getSpanContext();
    return Optional.of(
        "00-%s-%s-%s"
            .formatted(context.getTraceId(), context.getSpanId(), context.getTraceFlags().asHex()));
  }

  /** The context of a header; the root where it has no valid one. */
  private static Context context(String header) {
    return W3CTraceContextPropagator.getInstance()
        .extract(Context.root(), header, (value, key) -> key.equals(TRACE_PARENT) ? value : null);
  }

  /** The span of a frame on its way from the camera to Kafka. */
  private record IngestSpan(Span span) implements Ingest {
    @Override
    public Optional<String> header() {
      return OtlpTraces.header(span);
    }

    @Override
    public void published(long nowMicros) {
      span.setAttribute(OUTCOME, "published");
      span.end(nowMicros, TimeUnit.MICROSECONDS);
    }

    @Override
    public void dropped(String reason, long nowMicros) {
      OtlpTraces.end(span, reason, nowMicros);
    }
  }

  /** Trace ids are those of frames. */
  private static final class FrameIds implements IdGenerator {
    private static final ThreadLocal<@Nullable FrameId> FRAME = new ThreadLocal<>();

    /** The frame of the trace that this thread begins next. */
    void next(@Nullable FrameId id) {
      FRAME.set(id);
    }

    @Override
    public String generateTraceId() {
      FrameId id = FRAME.get();
      return id == null ? IdGenerator.random().generateTraceId() : id.traceId();
    }

    @Override
    public String generateSpanId() {
      return IdGenerator.random().generateSpanId();
    }
  }
}
