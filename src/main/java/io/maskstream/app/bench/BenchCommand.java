package io.maskstream.app.bench;

import io.maskstream.app.option.ModelOption;
import io.maskstream.app.option.ProcessorOptions;
import io.maskstream.camera.CameraConfig;
import io.maskstream.deployment.Deployment;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.frame.Picture;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelException;
import io.maskstream.metrics.MonitorConfig;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicSettings;
import io.maskstream.viewer.ViewConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the pipeline against the bare model. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description =
        "Measures the whole pipeline (JPEG, Kafka, decode, model with memory, Kafka, read "
            + "back) against the model alone in a loop on the same frames, in turn, in one "
            + "process. Cameras keep a few frames in flight each, so the pipeline is always busy "
            + "and never overloaded.")
public final class BenchCommand implements Callable<Integer> {
  private static final int PICTURES = 60;
  private static final Duration WARM_UP = Duration.ofSeconds(8);

  /** Bare and pipeline are measured in turn this often, since machines drift. */
  private static final int ROUNDS = 3;

  @Option(
      names = "--cameras",
      defaultValue = "2",
      split = ",",
      description = "One number, or several to measure one after the other: 1,2,4,8,16.")
  private List<Integer> sweep = List.of();

  private int cameras;

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "Measured time of each of the two. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Mixin private ModelOption model;

  @Mixin private ProcessorOptions processor;

  /** What is measured. */
  enum Scenario {
    PIPELINE,
    STREAMS
  }

  @Option(
      names = "--scenario",
      defaultValue = "pipeline",
      description =
          "Scenario: pipeline, as fast as it goes, against the bare model; streams, cameras "
              + "in an open loop of --fps, the worker in a process of its own. Default: "
              + "${DEFAULT-VALUE}.")
  private Scenario scenario = Scenario.PIPELINE;

  @Option(
      names = "--fps",
      defaultValue = "5",
      description = "Streams: frames per second of each camera. Default: ${DEFAULT-VALUE}.")
  private double fps;

  @Option(
      names = "--no-propagation",
      description = "Streams: every mask has a forward pass, and under overload frames have none.")
  private boolean noPropagation;

  @Option(
      names = "--pass-interval",
      defaultValue = "0s",
      description =
          "Streams: the worker's segment.reuse.passInterval, such as 100ms. Default: "
              + "${DEFAULT-VALUE}, a forward pass for every frame that there is time for.")
  private String passInterval = "0s";

  @Option(
      names = "--peer",
      defaultValue = "",
      description =
          "Streams: a Python interpreter; bench/peer.py takes the worker's place. Default: none.")
  private String peer = "";

  @Option(names = "--json", description = "Print only the JSON line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, ModelException, InterruptedException {
    for (int count : sweep) {
      cameras = count;
      if (scenario == Scenario.STREAMS) {
        streams();
      } else {
        measure();
      }
    }
    return 0;
  }

  private void streams() throws IOException, ModelException, InterruptedException {
    Map<String, Object> result =
        new StreamsScenario(
                new StreamsScenario.Settings(
                    model.bundle(),
                    processor,
                    cameras,
                    fps,
                    Duration.ofSeconds(seconds),
                    Runtime.getRuntime().availableProcessors(),
                    !noPropagation,
                    passInterval,
                    peer))
            .run();
    System.out.println(new String(Json.write(result), StandardCharsets.UTF_8));
  }

  private void measure() throws IOException, ModelException, InterruptedException {
    if (cameras < 1 || seconds < ROUNDS) {
      throw new IllegalArgumentException(
          "bench needs at least 1 camera and %d seconds".formatted(ROUNDS));
    }
    int cores = Runtime.getRuntime().availableProcessors();
    int threads = Math.min(cameras, cores);
    int engineThreads = Math.max(1, cores / threads);
    List<Picture> pictures = pictures();
    try (LoadedModel loaded =
            LoadedModel.load(model.bundle(), processor.engine(engineThreads, threads));
        Deployment deployment =
            Deployment.start(config(threads, engineThreads), Set.of(Role.SEGMENT));
        LoadGenerator load = new LoadGenerator(deployment, configs(), pictures)) {
      ModelBaseline bare = new ModelBaseline(loaded, pictures, threads);
      Duration slice = Duration.ofSeconds(seconds).dividedBy(ROUNDS);
      bare.measure(WARM_UP);
      load.measure(WARM_UP);
      double bareFps = 0;
      double pipelineFps = 0;
      load.resetLatency();
      for (int round = 0; round < ROUNDS; round++) {
        bareFps += bare.measure(slice) / ROUNDS;
        pipelineFps += load.measure(slice) / ROUNDS;
        if (!json) {
          System.err.printf("round %d: bare and pipeline done%n", round + 1);
        }
      }
      System.out.println(
          new String(Json.write(result(bareFps, pipelineFps, load)), StandardCharsets.UTF_8));
    }
  }

  private Map<String, Object> result(double bareFps, double pipelineFps, LoadGenerator load) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("cameras", cameras);
    result.put("bareFps", rounded(bareFps));
    result.put("pipelineFps", rounded(pipelineFps));
    result.put("ratio", rounded(pipelineFps / bareFps));
    result.put("latencyMsP50", rounded(load.latencyMillis(50)));
    result.put("latencyMsP99", rounded(load.latencyMillis(99)));
    result.put("dropped", load.dropped());
    result.put("heapMbPerCamera", rounded(heapMegabytes() / cameras));
    return result;
  }

  /** Live objects after a collection, the broker's and the pictures' included. */
  private static double heapMegabytes() {
    Runtime runtime = Runtime.getRuntime();
    runtime.gc();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1e6;
  }

  static double secondsSince(long nanos) {
    return rounded((System.nanoTime() - nanos) / 1e9);
  }

  static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private List<Picture> pictures() throws ModelException {
    int width = model.bundle().card().width();
    int height = model.bundle().card().height();
    SyntheticStreet street = new SyntheticStreet(3, width, height);
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      pictures.add(street.at(Duration.ofMillis(100L * i)).picture());
    }
    return pictures;
  }

  private List<CameraConfig> configs() {
    List<CameraConfig> configs = new ArrayList<>();
    for (int i = 0; i < cameras; i++) {
      configs.add(
          CameraConfig.of("camera-" + (i + 1), "synthetic:street")
              .withFps(1000)
              .withPartition(Optional.of(i)));
    }
    return configs;
  }

  private DeploymentConfig config(int threads, int engineThreads) {
    return DeploymentConfig.of("maskstream-bench", KafkaConnection.EMBEDDED)
        .withTopics(TopicSettings.defaults(TopicNames.DEFAULT_PREFIX).withPartitions(cameras))
        .withSegment(
            processor.of(
                SegmentConfig.of(model.folder())
                    .withThreads(threads)
                    .withEngineThreads(engineThreads)
                    .withMaxAge(Optional.empty())))
        .withView(ViewConfig.local(0))
        .withMonitor(MonitorConfig.local(0));
  }
}
