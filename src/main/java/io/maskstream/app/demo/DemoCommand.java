package io.maskstream.app.demo;

import io.maskstream.app.option.ModelOption;
import io.maskstream.app.option.ProcessorOptions;
import io.maskstream.app.option.ReuseOptions;
import io.maskstream.app.serve.StopSignal;
import io.maskstream.camera.CameraConfig;
import io.maskstream.camera.VideoWriter;
import io.maskstream.deployment.Deployment;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.inference.ModelException;
import io.maskstream.metrics.MonitorConfig;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.ReuseConfig;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicSettings;
import io.maskstream.viewer.FeedSource;
import io.maskstream.viewer.MaskedFrameFeed;
import io.maskstream.viewer.ViewConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole path in one process: cameras, broker, model, page. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description =
        "Runs the whole path in this process: an embedded broker, two synthetic cameras or "
            + "your own, the model, the page. Shows frame rates, latency, drops and accuracy "
            + "against the ground truth, and leaves a video (overlay.mp4) and a picture "
            + "(overlay.png) with the masks.")
public final class DemoCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(DemoCommand.class);

  private static final Duration ROW_INTERVAL = Duration.ofSeconds(2);
  private static final int VIEW_PORT = 8080;

  private static final double LEAST_FPS = 5;
  private static final double MOST_FPS = 10;
  private static final double SHARE_OF_PROCESSORS = 0.4;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "How long it runs; 0 is until Ctrl-C. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(names = "--camera", description = "URL of a camera of your own; may be repeated.")
  private List<String> urls = List.of();

  @Option(
      names = "--fps",
      description = "Frame rate of each camera. Default: what the processor has time for, 5 to 10.")
  private @Nullable Double fps;

  @Mixin private ModelOption model;

  @Mixin private ProcessorOptions processor;

  @Option(
      names = "--reuse",
      defaultValue = "flow",
      description = "Default: ${DEFAULT-VALUE}.",
      converter = ReuseOptions.PolicyConverter.class)
  private io.maskstream.prototype.Reuse.Policy reuse;

  @Option(names = "--out", defaultValue = "out/demo", description = "Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(names = "--json", description = "Print the result as JSON in the last line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, ModelException, InterruptedException {
    if (seconds < 0) {
      throw new IllegalArgumentException("seconds must not be negative, is " + seconds);
    }
    Files.createDirectories(out);
    long frames;
    try (StopSignal stop = new StopSignal();
        Deployment deployment =
            Deployment.start(config(cameras(MOST_FPS)), Set.of(Role.SEGMENT, Role.VIEW))) {
      int processors = Runtime.getRuntime().availableProcessors();
      List<CameraConfig> cameras =
          cameras(
              fps == null ? fittingFps(deployment.frameTime(), processors, sources().size()) : fps);
      try (DemoMonitor watch =
          new DemoMonitor(cameras, model.bundle().card().table(), out, cameras.get(0).fps())) {
        run(deployment, cameras, watch, stop);
        report(deployment, watch);
        frames = watch.frames();
      }
      System.err.println("wrote " + out.resolve("overlay.mp4") + " and overlay.png");
    }
    return frames > 0 ? 0 : 1;
  }

  private void run(
      Deployment deployment, List<CameraConfig> cameras, DemoMonitor watch, StopSignal stop)
      throws IOException, InterruptedException {
    VideoWriter.loadLibraries();
    TopicNames topics = new TopicNames(TopicNames.DEFAULT_PREFIX);
    try (MaskedFrameFeed feed =
        new MaskedFrameFeed(
            FeedSource.raw(
                deployment
                    .kafka()
                    .consumer(TopicSettings.defaults(topics.prefix()).maxRecordBytes()),
                topics,
                RecordLoop.Observer.none()),
            watch::accept)) {
      log.debug("{} runs", feed);
      deployment.page().ifPresent(page -> System.err.println("page: " + page));
      System.err.printf(
          Locale.ROOT,
          "cameras: %d, %.1f frames per second each%n",
          cameras.size(),
          cameras.get(0).fps());
      deployment.startCameras(cameras, watch::tap);
      watch(deployment, watch, stop);
      deployment.stopCameras();
      TimeUnit.NANOSECONDS.sleep(Duration.ofSeconds(1).toNanos()); // the last frames' way
    }
  }

  /**
   * Frames per second that leave the processors time for the rest: drawing, filming, the broker,
   * the page, and in the first seconds the compiler.
   *
   * @param frameTime of one frame on one processor
   */
  static double fittingFps(Duration frameTime, int processors, int cameras) {
    double all = SHARE_OF_PROCESSORS * processors * 1e9 / Math.max(1, frameTime.toNanos());
    return Math.max(LEAST_FPS, Math.min(MOST_FPS, Math.floor(all / cameras)));
  }

  private void watch(Deployment deployment, DemoMonitor watch, StopSignal stop)
      throws InterruptedException {
    long start = System.nanoTime();
    long time = seconds == 0 ? Long.MAX_VALUE : Duration.ofSeconds(seconds).toNanos();
    watch.header();
    boolean stopped = false;
    while (!stopped && !deployment.camerasFinished() && System.nanoTime() - start < time) {
      long left = time - (System.nanoTime() - start);
      stopped = stop.await(Duration.ofNanos(Math.min(left, ROW_INTERVAL.toNanos())));
      watch.rows(deployment.metrics());
    }
  }

  private List<String> sources() {
    return urls.isEmpty() ? List.of("synthetic:street?seed=7", "synthetic:street?seed=11") : urls;
  }

  private List<CameraConfig> cameras(double rate) {
    List<String> sources = sources();
    List<CameraConfig> cameras = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      cameras.add(
          CameraConfig.of("camera-" + (i + 1), sources.get(i))
              .withFps(rate)
              .withPartition(Optional.of(i)));
    }
    return cameras;
  }

  private DeploymentConfig config(List<CameraConfig> cameras) throws IOException {
    TopicSettings topics =
        TopicSettings.defaults(TopicNames.DEFAULT_PREFIX).withPartitions(cameras.size());
    int cores = Runtime.getRuntime().availableProcessors();
    int threads = Math.min(cameras.size(), cores);
    SegmentConfig segment =
        processor.of(
            SegmentConfig.of(model.folder())
                .withThreads(threads)
                .withEngineThreads(Math.max(1, cores / threads))
                .withReuse(ReuseConfig.of(reuse)));
    return DeploymentConfig.of("maskstream-demo", KafkaConnection.EMBEDDED)
        .withTopics(topics)
        .withCameras(cameras)
        .withSegment(segment)
        .withView(ViewConfig.local(isFree(VIEW_PORT) ? VIEW_PORT : 0))
        .withMonitor(MonitorConfig.local(0));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private void report(Deployment deployment, DemoMonitor watch) {
    if (json) {
      System.out.println(
          new String(Json.write(watch.summary(deployment.metrics())), StandardCharsets.UTF_8));
    }
  }

  /** A picture with its mask drawn over it. */
  static Picture drawn(io.maskstream.viewer.MaskedFrame frame) {
    return Overlay.draw(frame.picture().get(), frame.mask(), frame.table(), 0.5);
  }
}
