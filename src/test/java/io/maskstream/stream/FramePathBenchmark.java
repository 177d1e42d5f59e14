package io.maskstream.stream;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.event.RuleState;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
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
import io.maskstream.prototype.PrototypeBank;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.prototype.ReusePolicy;
import io.maskstream.prototype.SceneSignature;
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
import io.maskstream.zone.ZoneStats;
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
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
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
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Every step between the bytes of a frame record and those of its results, for a 640×480 JPEG and
 * the committed model with one processor thread. {@link #main} prints each step's share of a frame.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FramePathBenchmark {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  /** A camera of 10 frames per second, of which one in 500 ms is measured. */
  private static final int HEALTH_FRAMES = 5;

  private byte[] jpeg;
  private byte[] hdJpeg;
  private Picture picture;
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
  private ZoneMeter zones;
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
    picture = PictureCodec.decode(jpeg, ContentType.JPEG, WIDTH, HEIGHT);
    model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 1);
    segmenter = model.newSegmenter();
    policy = Reuse.of(Reuse.DEFAULT_POLICY).build();
    camera = new CameraSegmenter(model, policy, ResetRules.defaults());
    input = PictureScaler.scale(picture, model.card().width(), model.card().height());
    CameraSegmenter.Result first =
        camera.segment(new CameraSegmenter.FrameInput(1, 0, input), null, Optional.empty());
    memory = first.memory();
    before = first.segmentation();
    memoryBytes = writeBank();
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
    zones = new ZoneMeter(id -> yard.cameras().get(0).zones());
    rules = RuleEvaluator.byName(yard.rules()).values();
    redaction = redaction(yard.segment().redact());
    stats = writer(zones).write(segmented).stats();
    ruleStates = new HashMap<>();
    for (int masks = 0; masks < yard.segment().redact().orElseThrow().frames(); masks++) {
      redaction.write(segmented);
    }
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
    segmenter.close();
    model.close();
  }

  /** To the size of the model's input. */
  @Benchmark
  public Picture decode() {
    return new EncodedPicture(jpeg, ContentType.JPEG, WIDTH, HEIGHT)
        .scaled(model.card().width(), model.card().height());
  }

  /** The same of a camera of 1920×1080. */
  @Benchmark
  public Picture decodeHd() {
    EncodedPicture encoded = new EncodedPicture(hdJpeg, ContentType.JPEG, 1920, 1080);
    Letterbox place = Letterbox.of(encoded, model.card());
    return encoded.scaled(place.innerWidth(), place.innerHeight());
  }

  @Benchmark
  public SceneSignature signature() {
    return SceneSignature.of(input.width(), input.height(), input.rgb());
  }

  @Benchmark
  public CameraMemory readBank() {
    return serde.deserializer().deserialize("", memoryBytes);
  }

  /** Copies in, forward pass, copies out. */
  @Benchmark
  public ModelOutput pass() {
    return segmenter.segment(request).output();
  }

  @Benchmark
  public PrototypeBank updateBank() {
    return policy.update(memory.bank(), segmentation.observation());
  }

  @Benchmark
  public byte[] writeBank() {
    return serde.serializer().serialize("", memory);
  }

  /** The part of {@link #records} that is the mask's compression. */
  @Benchmark
  public Object compressMask() {
    return MaskCodec.encode(segmentation.mask(), MaskEncoding.ZSTD, model.card().table());
  }

  /** Protobuf with the compressed mask, and JSON, as Kafka gets them. */
  @Benchmark
  public Object records() {
    Outcome.Segmented outcome = writer.write(segmented);
    return List.of(outcome.result().toByteArray(), Json.write(outcome.stats()));
  }

  @Benchmark
  public double flips() {
    return LastMasks.flipped(before.mask(), segmentation.mask());
  }

  /** Two zones, one with the regions of two classes and one with those of one. */
  @Benchmark
  public Map<String, ZoneStats> zones() {
    return zones.measure(segmented.frame().camera(), segmentation.mask(), model.card().table());
  }

  /** Three rules, and their states as Kafka gets them. */
  @Benchmark
  public List<byte[]> rules() {
    List<byte[]> written = new ArrayList<>();
    for (RuleEvaluator rule : rules) {
      RuleState after = rule.step(ruleStates.get(rule.rule().name()), stats, 66).state();
      ruleStates.put(rule.rule().name(), after);
      written.add(ruleSerde.serializer().serialize("", after));
    }
    return written;
  }

  /** Three masks joined and grown, picture filled and encoded. */
  @Benchmark
  public Object redact() {
    return redaction.write(segmented);
  }

  /** Of one frame in 500 ms. */
  @Benchmark
  public Object health() {
    return new PictureSampler(true).sample(segmented.frame().id(), input, null, Optional.empty());
  }

  /** All of a frame between decoding and the records: the pass, the flow memory, the labels. */
  @Benchmark
  public CameraSegmenter.Result wholeSegmentation() {
    return camera.segment(
        new CameraSegmenter.FrameInput(1, 66_000, input), memory, Optional.empty());
  }

  /** Runs all steps and prints the share of each. */
  public static void main(String[] arguments) throws RunnerException {
    Collection<RunResult> results =
        new Runner(new OptionsBuilder().include(FramePathBenchmark.class.getSimpleName()).build())
            .run();
    Map<String, Double> micros = new LinkedHashMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      micros.put(name.substring(name.lastIndexOf('.') + 1), result.getPrimaryResult().getScore());
    }
    Map<String, Double> off = new LinkedHashMap<>();
    for (String step :
        List.of("decode", "readBank", "wholeSegmentation", "writeBank", "records", "flips")) {
      off.put(step, micros.get(step));
    }
    Map<String, Double> on = new LinkedHashMap<>();
    for (String step : List.of("zones", "rules", "redact", "health")) {
      on.put(step, micros.get(step) / (step.equals("health") ? HEALTH_FRAMES : 1));
    }
    double frame = sum(off);
    System.out.printf("%n| step | µs | of a frame |%n|---|---|---|%n");
    off.forEach((step, time) -> row(step, time, frame));
    row("a frame", frame, frame);
    on.forEach((step, time) -> row("where it is on: " + step, time, frame));
    row("all of these on", sum(on), frame);
    for (String step : List.of("pass", "signature", "updateBank", "compressMask")) {
      row("a part: " + step, micros.get(step), frame);
    }
    row("of 1920×1080: decodeHd", micros.get("decodeHd"), frame);
  }

  private static double sum(Map<String, Double> micros) {
    return micros.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static void row(String what, double micros, double frame) {
    System.out.printf("| %s | %.0f | %.2f %% |%n", what, micros, 100 * micros / frame);
  }
}
