package io.maskstream.stream;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.event.RuleState;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.Letterbox;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelOutput;
import io.maskstream.inference.Segmentation;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.redaction.RedactionConfig;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.CameraMemorySerde;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.EncodedPicture;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.PictureCodec;
import io.maskstream.zone.ZoneMeter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Every step between the bytes of a frame record and those of its results, for a 640×480 JPEG and
 * the committed model with one processor thread, and what {@code topologies/yard.yaml} has on
 * beside them. The steps run in turn, each after a forward pass has filled the caches, as in a
 * worker; each on its own would be faster, and the machine another one from step to step. {@link
 * #main} prints each step's share of a frame.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 10)
@Measurement(iterations = 6, time = 10)
@Fork(1)
public class FramePathBenchmark {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  /** A camera of 10 frames per second, of which one in 500 ms is measured. */
  private static final int HEALTH_FRAMES = 5;

  private byte[] jpeg;
  private byte[] hdJpeg;
  private EncodedPicture picture;
  private Picture input;
  private byte[] memoryBytes;
  private CameraMemory memory;
  private SegmentationRequest request;
  private Segmentation segmentation;
  private Segmentation before;
  private LoadedModel model;
  private Segmenter segmenter;
  private CameraSegmenter camera;
  private ReusePolicy policy;
  private ResultWriter writer;
  private RedactedFrameWriter redaction;
  private ResultWriter.Segmented segmented;
  private ResultWriter zoneWriter;
  private Collection<RuleEvaluator> rules;
  private Map<String, RuleState> ruleStates;
  private ClassStats stats;
  private final Serde<CameraMemory> serde = CameraMemorySerde.serde();
  private final Serde<RuleState> ruleSerde = Json.serde(RuleState.class);

  @Setup
  public void setUp() throws Exception {
    SyntheticStreet street = new SyntheticStreet(3, WIDTH, HEIGHT);
    jpeg = PictureCodec.encode(street.at(Duration.ofSeconds(1)).picture(), ContentType.JPEG, 90);
    hdJpeg =
        PictureCodec.encode(
            new SyntheticStreet(3, 1920, 1080).at(Duration.ofSeconds(1)).picture(),
            ContentType.JPEG,
            90);
    picture = new EncodedPicture(jpeg, ContentType.JPEG, WIDTH, HEIGHT);
    model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 1);
    segmenter = model.newSegmenter();
    policy = Reuse.of(Reuse.DEFAULT_POLICY).build();
    camera = new CameraSegmenter(model, policy, ResetRules.defaults());
    input = picture.scaled(model.card().width(), model.card().height());
    CameraSegmenter.Result first =
        camera.segment(new CameraSegmenter.FrameInput(1, 0, input), null, Optional.empty());
    memory = first.memory();
    before = first.segmentation();
    memoryBytes = writeMemory();
    request = new SegmentationRequest(input, memory.bank().vectors(), policy.trust(memory.bank()));
    segmentation = before;
    writer = writer(new ZoneMeter(id -> List.of()));
    segmented =
        new ResultWriter.Segmented(
            new FrameRecord(
                new FrameMetadata(
                    new FrameId("front", 1, 1, 66_000), WIDTH, HEIGHT, ContentType.JPEG),
                jpeg,
                new RecordHeaders(),
                66,
                66_000,
                new FrameRecord.Origin("frames", 0, 1)),
            picture,
            Optional.empty(),
            model.card(),
            new CameraSegmenter.Result(segmentation, memory, Optional.<ResetReason>empty(), 0),
            0,
            new ResultWriter.Timing(1, 1, 1, 1));
    setUpYard();
  }

  /** What {@code topologies/yard.yaml} has on. */
  private void setUpYard() throws Exception {
    DeploymentConfig yard =
        YamlReader.read(
            Path.of("topologies/yard.yaml"),
            DeploymentConfig.class,
            Map.of("KAFKA_BOOTSTRAP", "localhost:9092", "YARD_CAMERA", "yard.mp4"));
    zoneWriter = writer(new ZoneMeter(id -> yard.cameras().get(0).zones()));
    rules = RuleEvaluator.byName(yard.rules()).values();
    redaction = redaction(yard.segment().redact());
    stats = zoneWriter.write(segmented).stats();
    ruleStates = new HashMap<>();
    warmUp();
  }

  private ResultWriter writer(ZoneMeter meter) {
    return new ResultWriter(
        new ResultWriter.Form(
            policy.name(),
            MaskEncoding.ZSTD,
            false,
            ConfidenceOutput.NONE,
            Optional.empty(),
            8_000_000),
        meter,
        redaction(Optional.empty()),
        new Metrics());
  }

  private static RedactedFrameWriter redaction(Optional<RedactionConfig> config) {
    return new RedactedFrameWriter(config, 8_000_000, new Metrics());
  }

  @TearDown
  public void tearDown() {
    camera.close();
    picture.close();
    segmenter.close();
    model.close();
  }

  /** Nanoseconds of each step, of as many frames as {@link #frames} says. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Steps {
    public long frames;
    public long decode;
    public long readMemory;
    public long segment;
    public long writeMemory;
    public long records;
    public long flips;
    public long recordsWithZones;
    public long rules;
    public long decodeWhole;
    public long redact;
    public long health;
    public long pass;
    public long compressMask;
    public long decodeHd;
  }

  /** All steps, one after the other. */
  @Benchmark
  public void frame(Steps steps, Blackhole results) {
    steps.frames++;
    steps.decode += nanos(this::decode, results);
    steps.readMemory += nanos(this::readMemory, results);
    steps.segment += nanos(this::segment, results);
    steps.writeMemory += nanos(this::writeMemory, results);
    steps.records += nanos(() -> records(writer), results);
    steps.flips += nanos(this::flips, results);
    steps.pass += nanos(this::pass, results);
    steps.recordsWithZones += nanos(() -> records(zoneWriter), results);
    steps.rules += nanos(this::rules, results);
    steps.decodeWhole += nanos(this::decodeWhole, results);
    steps.redact += nanos(this::redact, results);
    steps.health += nanos(this::health, results);
    steps.compressMask += nanos(this::compressMask, results);
    steps.decodeHd += nanos(this::decodeHd, results);
  }

  private static long nanos(Supplier<?> step, Blackhole results) {
    long start = System.nanoTime();
    results.consume(step.get());
    return System.nanoTime() - start;
  }

  /** What takes microseconds needs more calls than the warm-up has for Java's compiler. */
  private void warmUp() {
    for (int call = 0; call < 3_000; call++) {
      decode();
      readMemory();
      writeMemory();
      records(writer);
      flips();
      records(zoneWriter);
      rules();
      decodeWhole();
      redact();
      health();
      compressMask();
    }
  }

  /** To the size of the model's input. */
  private Picture decode() {
    try (EncodedPicture encoded = new EncodedPicture(jpeg, ContentType.JPEG, WIDTH, HEIGHT)) {
      return encoded.scaled(model.card().width(), model.card().height());
    }
  }

  /** The same where a result shows the whole picture. */
  private Picture decodeWhole() {
    try (EncodedPicture encoded = new EncodedPicture(jpeg, ContentType.JPEG, WIDTH, HEIGHT)) {
      encoded.requireWhole();
      return encoded.scaled(model.card().width(), model.card().height());
    }
  }

  /** The same of a camera of 1920×1080. */
  private Picture decodeHd() {
    try (EncodedPicture encoded = new EncodedPicture(hdJpeg, ContentType.JPEG, 1920, 1080)) {
      Letterbox place = Letterbox.of(encoded, model.card());
      return encoded.scaled(place.innerWidth(), place.innerHeight());
    }
  }

  private CameraMemory readMemory() {
    return serde.deserializer().deserialize("", memoryBytes);
  }

  private byte[] writeMemory() {
    return serde.serializer().serialize("", memory);
  }

  /** All between decoding and the records: the pass, the flow memory, the labels. */
  private CameraSegmenter.Result segment() {
    return camera.segment(
        new CameraSegmenter.FrameInput(1, 66_000, input), memory, Optional.empty());
  }

  /** The part of {@link #segment} that is the model's: copies in, forward pass, copies out. */
  private ModelOutput pass() {
    return segmenter.segment(request).output();
  }

  /** Protobuf with the compressed mask, and JSON, as Kafka gets them. */
  private Object records(ResultWriter to) {
    Outcome.Segmented outcome = to.write(segmented);
    return List.of(outcome.result().toByteArray(), Json.write(outcome.stats()));
  }

  /** The part of {@link #records} that is the mask's compression. */
  private Object compressMask() {
    return MaskCodec.encode(segmentation.mask(), MaskEncoding.ZSTD, model.card().table());
  }

  private double flips() {
    return LastMasks.flipped(before.mask(), segmentation.mask());
  }

  /** Three rules, and their states as Kafka gets them. */
  private List<byte[]> rules() {
    List<byte[]> written = new ArrayList<>();
    for (RuleEvaluator rule : rules) {
      RuleState after = rule.step(ruleStates.get(rule.rule().name()), stats, 66).state();
      ruleStates.put(rule.rule().name(), after);
      written.add(ruleSerde.serializer().serialize("", after));
    }
    return written;
  }

  /** Three masks joined and grown, picture filled and encoded. */
  private Object redact() {
    return redaction.write(segmented);
  }

  /** Of one frame in 500 ms. */
  private Object health() {
    return new PictureSampler(true).sample(segmented.frame().id(), input, null, Optional.empty());
  }

  /** Runs all steps and prints the share of each. */
  public static void main(String[] arguments) throws RunnerException {
    RunResult result =
        new Runner(new OptionsBuilder().include(FramePathBenchmark.class.getSimpleName()).build())
            .runSingle();
    double frames = result.getSecondaryResults().get("frames").getScore();
    Map<String, Double> micros = new LinkedHashMap<>();
    result
        .getSecondaryResults()
        .forEach((name, step) -> micros.put(name, step.getScore() / frames / 1_000));
    Map<String, Double> off = new LinkedHashMap<>();
    for (String step :
        List.of("decode", "readMemory", "segment", "writeMemory", "records", "flips")) {
      off.put(step, micros.get(step));
    }
    Map<String, Double> on = new LinkedHashMap<>();
    on.put("zones", micros.get("recordsWithZones") - micros.get("records"));
    on.put("rules", micros.get("rules"));
    on.put("redact", micros.get("redact") + micros.get("decodeWhole") - micros.get("decode"));
    on.put("health", micros.get("health") / HEALTH_FRAMES);
    double frame = sum(off);
    System.out.printf("%n| step | µs | of a frame |%n|---|---|---|%n");
    off.forEach((step, time) -> row(step, time, frame));
    row("a frame", frame, frame);
    on.forEach((step, time) -> row("where it is on: " + step, time, frame));
    row("all of these on", sum(on), frame);
    row("the pass in segment", micros.get("pass"), frame);
    row("the mask's compression in records", micros.get("compressMask"), frame);
    row("decode of 1920×1080", micros.get("decodeHd"), frame);
  }

  private static double sum(Map<String, Double> micros) {
    return micros.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static void row(String what, double micros, double frame) {
    System.out.printf("| %s | %.0f | %.2f %% |%n", what, micros, 100 * micros / frame);
  }
}
