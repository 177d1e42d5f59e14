package io.maskstream.stream;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import io.maskstream.health.CameraHealthConfig;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.MaskPropagator;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.OpenVino;
import io.maskstream.inference.Precision;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.redaction.RedactionConfig;
import io.maskstream.topic.MaskEncoding;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A segmentation worker. */
@RecordBuilder
public record SegmentConfig(
    @Key(value = "Folder of the model bundle.", defaultValue = "models/street-ssa") Path model,
    @Key(value = "Other models, for some of the cameras.", defaultValue = "[]")
        List<ModelForCameras> models,
    @Key(
            value = "Frames segmented at a time on processors; at most one per camera.",
            defaultValue = "2")
        int threads,
    @Key(
            "Kafka Streams threads. Where it is left out, 1 in a live topology, whose cameras share"
                + " the lanes of one dispatcher, and as many as threads in a replay.")
        Optional<Integer> streamThreads,
    @Key(value = "Processor threads of one forward pass.", defaultValue = "1") int engineThreads,
    @Key(
            value =
                "auto: TensorRT where there is a GPU with its libraries, else onnx-runtime; openvino:"
                    + " faster integers on Intel's processors, with a plug-in of the user's.",
            defaultValue = "auto")
        EngineChoice engine,
    @Key("engine openvino: the library of ONNX Runtime's plug-in for OpenVINO.")
        Optional<Path> openvinoPlugin,
    @Key(
            value =
                "On processors: float; int8; auto takes int8 where it loses at most 0.3 mIoU and"
                    + " the processor has VNNI, ARM's dot product or, for weights of 7 bits, AVX2.",
            defaultValue = "auto")
        Precision precision,
    @Key(value = "Number of the GPU; a worker process uses one.", defaultValue = "0") int device,
    @Key("Folder of TensorRT's plans; plans/ in the model's where it is left out.")
        Optional<Path> plans,
    @Key(value = "at-least-once or exactly-once.", defaultValue = "at-least-once")
        Guarantee guarantee,
    @Key(
            value = "Older frames are dropped with a record; none for a replay.",
            defaultValue = "500ms")
        Optional<Duration> maxAge,
    @Key(value = "How prototypes are carried from frame to frame.", defaultValue = "{}")
        ReuseConfig reuse,
    @Key(value = "When a camera's memory is reset.", defaultValue = "{}") ResetConfig reset,
    @Key(
            value =
                "Of the masks in records: zstd; png with the classes' colors; rle, COCO's run lengths of"
                    + " each class.",
            defaultValue = "zstd")
        MaskEncoding encoding,
    @Key(
            value = "Whether records carry a picture with the mask drawn over it.",
            defaultValue = "false")
        boolean overlay,
    @Key(
            value =
                "none; map: records carry how sure the model is of each pixel; needs class scores.",
            defaultValue = "none")
        ConfidenceOutput confidence,
    @Key(
            "Pixels of low confidence are counted as unknown; not where it is left out, {} for the"
                + " card's threshold.")
        Optional<UnknownConfig> unknown,
    @Key(
            value = "Events of the cameras' health: picture covered, out of focus, ….",
            defaultValue = "{}")
        CameraHealthConfig cameraHealth,
    @Key("Pictures without some classes, in redacted-frames; none where it is left out.")
        Optional<RedactionConfig> redact,
    @Key(value = "Lengths of the statistics windows.", defaultValue = "[1s, 60s]")
        List<Duration> windows,
    @Key(value = "Copies of each bank on other workers.", defaultValue = "0") int standbyReplicas,
    @Key("Time between commits: 100ms exactly-once, whose output is seen after one; else 1s.")
        Optional<Duration> commitInterval,
    @Key(
            value = "Live: time between two writes of a camera's memory to its store.",
            defaultValue = "1s")
        Duration memoryInterval,
    @Key(
            value =
                "in-memory, read back from the changelog by a new owner; or rocks-db, on disk in"
                    + " stateDir.",
            defaultValue = "in-memory")
        Stores stores,
    @Key("Folder of the local state; a temporary one where it is left out.")
        Optional<Path> stateDir)
    implements SegmentConfigBuilder.With {

  /** Where a task keeps its state beside the changelog. */
  public enum Stores {
    IN_MEMORY,
    ROCKS_DB
  }

  /** Delivery of the results. */
  public enum Guarantee {
    AT_LEAST_ONCE,
    EXACTLY_ONCE
  }

  /** A model for some cameras. */
  public record ModelForCameras(
      @Key("Folder of the model bundle.") Path model,
      @Key("Ids of the cameras.") List<String> cameras) {
    public ModelForCameras {
      cameras = List.copyOf(cameras);
      Checks.require(!cameras.isEmpty(), "cameras must not be empty");
    }
  }

  /** The reuse policy and its settings. */
  public record ReuseConfig(
      @Key(
              value =
                  "per-frame; flow: class probabilities along the optical flow; ema, guided, keyframe,"
                      + " drift: prototypes; flow-ema and pixel-ema are controls.",
              defaultValue = "flow")
          Reuse.Policy policy,
      @Key(
              value = "ema and guided: weight of remembered prototypes, 0 to 1.",
              defaultValue = "" + Reuse.DEFAULT_TRUST)
          double trust,
      @Key(
              value = "ema: share of a new frame; guided: smallest share of a steady class.",
              defaultValue = "" + Reuse.DEFAULT_GAIN)
          double gain,
      @Key(
              value = "keyframe: frames between adaptations.",
              defaultValue = "" + Reuse.DEFAULT_KEYFRAME_INTERVAL)
          int keyframeInterval,
      @Key(
              value = "drift: agreement below which it adapts, 0 to 1.",
              defaultValue = "" + Reuse.DEFAULT_DRIFT_THRESHOLD)
          double driftThreshold,
      @Key(
              value =
                  "flow, live: while there are more frames than forward passes, and where a camera's come"
                      + " faster than one ends, masks are moved along the optical flow, for at most this"
                      + " long before a camera's next pass; 0s, and where redact is set: never.",
              defaultValue = "3s")
          Duration maxPropagation,
      @Key(
              value =
                  "flow, live: least time between two forward passes of a camera; masks in between are moved"
                      + " along the optical flow, for less processor time; at most maxPropagation, and not"
                      + " where redact is set. 0s: a pass for every frame.",
              defaultValue = "0s")
          Duration passInterval) {

    public ReuseConfig {
      Checks.require(
          !maxPropagation.isNegative(),
          "reuse: maxPropagation must not be negative, is " + maxPropagation);
      Checks.require(
          !passInterval.isNegative() && passInterval.compareTo(maxPropagation) <= 0,
          "reuse: passInterval must be 0 ms to maxPropagation, %d ms, is %d ms"
              .formatted(maxPropagation.toMillis(), passInterval.toMillis()));
      Checks.require(
          passInterval.isZero() || policy == Reuse.Policy.FLOW,
          "reuse: passInterval needs policy: flow");
      var unused = new Reuse(policy, trust, gain, keyframeInterval, driftThreshold);
    }

    public Reuse toReuse() {
      return new Reuse(policy, trust, gain, keyframeInterval, driftThreshold);
    }

    /** A policy with default settings. */
    public static ReuseConfig of(Reuse.Policy policy) {
      return YamlReader.defaults(ReuseConfig.class, Map.of("policy", policy));
    }
  }

  /** Which pixels count as unknown. */
  public record UnknownConfig(
      @Key(
              "Probability of the winning class below which a pixel is; the model's (unknownBelow on"
                  + " its card) where it is left out.")
          Optional<Double> below) {

    public UnknownConfig {
      below.ifPresent(
          given ->
              Checks.require(
                  given > 0 && given <= 1,
                  "unknown.below must be above 0 and at most 1, is " + given));
    }

    /** The threshold for a model. */
    double threshold(ModelCard card) {
      return below.orElse(card.unknownBelow());
    }
  }

  /** When memories are reset. */
  public record ResetConfig(
      @Key(
              value =
                  "Longest pause between two frames of one scene; for slow cameras, three times the last one.",
              defaultValue = "5s")
          Duration maxGap,
      @Key(
              value = "How unlike two frames must be to count as a scene cut, 0 to 2.",
              defaultValue = "" + ResetRules.DEFAULT_SCENE_CUT)
          double sceneCut) {

    public ResetRules toRules() {
      return new ResetRules(maxGap, sceneCut);
    }
  }

  public SegmentConfig {
    windows = List.copyOf(windows);
    models = List.copyOf(models);
    List<String> named = models.stream().flatMap(other -> other.cameras().stream()).toList();
    Checks.require(
        named.stream().distinct().count() == named.size(),
        "a camera must have one model, the cameras of models are " + named);
    Checks.require(
        openvinoPlugin.isPresent() == (engine == EngineChoice.OPENVINO),
        "openvinoPlugin and engine: openvino need each other");
    Checks.require(
        reuse.passInterval().isZero() || (maxAge.isPresent() && redact.isEmpty()),
        "reuse.passInterval needs a maxAge and no redact: there, every frame has a forward pass");
    Checks.require(device >= 0, "device must not be negative, is " + device);
    Checks.require(threads >= 1, "threads must be at least 1, is " + threads);
    int streams = streamThreads.orElse(1);
    Checks.require(streams >= 1, "streamThreads must be at least 1, is " + streams);
    Checks.require(!memoryInterval.isNegative(), "memoryInterval must not be negative");
    Checks.require(engineThreads >= 1, "engineThreads must be at least 1, is " + engineThreads);
    Checks.require(
        standbyReplicas >= 0, "standbyReplicas must be at least 0, is " + standbyReplicas);
    Checks.require(
        windows.stream().allMatch(window -> window.toMillis() >= 100),
        "windows must be at least 100ms long, are " + windows);
    Checks.require(
        windows.stream().distinct().count() == windows.size(),
        "windows must differ, are " + windows);
  }

  /** The defaults with a model. */
  public static SegmentConfig of(Path model) {
    return YamlReader.defaults(SegmentConfig.class, Map.of("model", model.toString()));
  }

  /** Folders of all models. */
  public List<Path> folders() {
    return Stream.concat(Stream.of(model), models.stream().map(ModelForCameras::model)).toList();
  }

  /**
   * When masks are moved along the optical flow. Never where pictures are redacted by them: who has
   * come into sight since the last pass would be seen.
   */
  Propagation.Limits propagation() {
    return redact.isPresent() || !MaskPropagator.follows(reuse.toReuse().build())
        ? Propagation.Limits.NEVER
        : Propagation.Limits.of(reuse.passInterval(), reuse.maxPropagation());
  }

  /** Whether frames can be too old, so that the newest of each camera is segmented. */
  public boolean live() {
    return maxAge.isPresent();
  }

  /** What runs the models. */
  public LoadedModel.EngineOptions engineOptions() {
    return new LoadedModel.EngineOptions(
        engine,
        precision,
        engineThreads,
        device,
        plans,
        openvinoPlugin.map(plugin -> new OpenVino(plugin, threads)));
  }

  /** What segmenters have to give with the labels. */
  ConfidenceOutput needed() {
    return unknown.isPresent() ? ConfidenceOutput.MAP : confidence;
  }

  /** Checks that a model gives what the keys ask for. */
  public void requireGiven(LoadedModel model) throws ModelException {
    String name = model.card().name();
    if (needed() == ConfidenceOutput.MAP && !model.givesScores()) {
      throw new ModelException(
          "%s needs a model that gives class scores; %s %s"
              .formatted(
                  unknown.isPresent() ? "segment.unknown" : "segment.confidence: map",
                  name,
                  LoadedModel.NO_SCORES));
    }
    if (unknown.isPresent() && unknown.get().threshold(model.card()) == ModelCard.NO_THRESHOLD) {
      throw new ModelException(
          "segment.unknown.below must be given: the card of %s has no unknownBelow, which calibrate-unknown writes"
              .formatted(name));
    }
  }

  /** Kafka Streams threads of this worker. */
  int kafkaThreads() {
    return streamThreads.orElse(live() ? 1 : threads);
  }
}
