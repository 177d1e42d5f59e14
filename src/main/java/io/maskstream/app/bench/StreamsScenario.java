package io.maskstream.app.bench;

import com.github.luben.zstd.Zstd;
import io.maskstream.app.option.ProcessorOptions;
import io.maskstream.config.Labels;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Micros;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.metrics.MonitorConfig;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.DropRecord;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Cameras in an open loop: each sends a frame at its time whether or not the last one has come
 * back, with a random phase. The worker runs in a process of its own; the broker and the cameras
 * are in this one.
 */
final class StreamsScenario {
  private static final double MEGABYTE = 1024 * 1024;
  private static final int CLIP = 120;
  private static final int ACCURACY_STRIDE = 5;
  private static final int QUALITY = 90;

  /** Frames per second and core that no processor keeps up with: the compiler sees them soon. */
  private static final double WARM_UP_FPS = 30;

  private static final Duration WARM_UP = Duration.ofSeconds(20);

  /** After the warm-up, until what it left behind is gone and the cameras' own rate has come. */
  private static final Duration SETTLE = Duration.ofSeconds(5);

  private static final Duration LAST_MASKS = Duration.ofSeconds(2);

  /**
   * What to run.
   *
   * @param fps of each camera
   * @param threads of the worker
   * @param propagation whether the worker may propagate masks
   * @param passInterval least time between two forward passes of a camera, as a topology has it
   * @param python interpreter of the peer; empty for Maskstream's worker
   */
  record Settings(
      ModelBundle model,
      ProcessorOptions processor,
      int cameras,
      double fps,
      Duration time,
      int threads,
      boolean propagation,
      String passInterval,
      String python) {

    boolean peer() {
      return !python.isEmpty();
    }
  }

  private final Settings settings;
  private final TopicNames topics = new TopicNames(TopicNames.DEFAULT_PREFIX);
  private final List<LabeledPicture> clip = new ArrayList<>();
  private final List<byte[]> encoded = new ArrayList<>();
  private final StreamMeasures measures;
  private final Path folder;

  StreamsScenario(Settings settings) throws IOException {
    this.settings = settings;
    this.folder = Files.createTempDirectory("maskstream-bench");
    int width = settings.model().card().width();
    int height = settings.model().card().height();
    SyntheticStreet street = new SyntheticStreet(3, width, height);
    for (int i = 0; i < CLIP; i++) {
      LabeledPicture frame = street.at(Duration.ofNanos((long) (i * 1e9 / settings.fps())));
      clip.add(frame);
      encoded.add(PictureCodec.encode(frame.picture(), ContentType.JPEG, QUALITY));
    }
    this.measures = new StreamMeasures(settings.model().card().table().size());
  }

  /** Runs the cameras and returns what was measured. */
  Map<String, Object> run() throws IOException, ModelException, InterruptedException {
    DeploymentConfig config =
        DeploymentConfig.of("maskstream-bench", KafkaConnection.EMBEDDED)
            .withMonitor(MonitorConfig.local(0));
    try (BenchBroker broker = BenchBroker.start(config, folder.resolve("broker"));
        KafkaProducer<byte[], byte[]> producer =
            ByteClients.producer(broker.kafka().producer(config.topics().maxRecordBytes()));
        WorkerProcess worker = worker(broker.kafka());
        RecordLoop masks = results(broker.kafka(), config.topics().maxRecordBytes())) {
      masks.start();
      List<Thread> busy =
          start(
              producer,
              Math.max(settings.fps(), WARM_UP_FPS * settings.threads() / settings.cameras()));
      awaitMasks(worker, 1);
      TimeUnit.MILLISECONDS.sleep(WARM_UP.toMillis());
      stop(busy);
      List<Thread> cameras = start(producer, settings.fps());
      TimeUnit.MILLISECONDS.sleep(SETTLE.toMillis());
      double before = worker.cpuSeconds();
      double compiledBefore = worker.compilerSeconds();
      measures.count(true);
      TimeUnit.MILLISECONDS.sleep(settings.time().toMillis());
      measures.count(false);
      double compiler = worker.compilerSeconds() - compiledBefore;
      double cpu = worker.cpuSeconds() - before;
      TimeUnit.MILLISECONDS.sleep(LAST_MASKS.toMillis());
      Map<String, Object> result = result(cpu, compiler);
      worker
          .peakBytes()
          .ifPresent(bytes -> result.put("peakResidentMegabytes", Math.round(bytes / MEGABYTE)));
      recover(worker, broker, result);
      stop(cameras);
      return result;
    }
  }

  /** Kills the worker, then stops the broker, then lets a camera fail; each comes back. */
  private void recover(WorkerProcess dying, BenchBroker broker, Map<String, Object> result)
      throws IOException, ModelException, InterruptedException {
    long killed = System.nanoTime();
    dying.kill();
    measures.forgetMasks();
    try (WorkerProcess next = worker(broker.kafka())) {
      awaitMasks(next, settings.cameras());
      result.put("workerRecoverySeconds", BenchCommand.secondsSince(killed));
      broker.stop();
      measures.forgetMasks();
      long started = System.nanoTime();
      broker.startAgain();
      awaitMasks(next, settings.cameras());
      result.put("brokerRecoverySeconds", BenchCommand.secondsSince(started));
      if (!settings.peer()) { // which reads no camera
        CameraRecovery.measure(settings, broker.kafka(), encoded, measures, folder, result);
      }
    }
  }

  private static void stop(List<Thread> cameras) throws InterruptedException {
    cameras.forEach(Thread::interrupt);
    for (Thread camera : cameras) {
      camera.join();
    }
  }

  private Map<String, Object> result(double cpu, double compiler) throws ModelException {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("worker", settings.peer() ? "peer" : "maskstream");
    result.put("model", settings.model().card().name());
    result.put("graph", graph().getFileName().toString());
    result.put(
        "engine",
        settings.processor().openVino().isPresent() && !settings.peer()
            ? "openvino"
            : "onnx-runtime");
    result.put("cameras", settings.cameras());
    result.put("fps", settings.fps());
    result.putAll(measures.result());
    result.put("sustained", measures.sustained());
    result.put("cpuSecondsPer1000Masks", perThousandMasks(cpu));
    if (!Double.isNaN(compiler)) {
      result.put("ofThemCompiler", perThousandMasks(compiler));
    }
    return result;
  }

  private double perThousandMasks(double seconds) {
    return BenchCommand.rounded(1_000 * seconds / Math.max(1, measures.masks()));
  }

  private Path graph() throws ModelException {
    return settings.model().graph(settings.processor().precision());
  }

  private WorkerProcess worker(KafkaConnection kafka) throws IOException, ModelException {
    Path log = folder.resolve("worker.log");
    if (!settings.peer()) {
      Path topology = folder.resolve("worker.yaml");
      Files.writeString(topology, topology(kafka));
      return WorkerProcess.maskstream(topology, "segment", log);
    }
    List<String> arguments =
        List.of(
            "--bootstrap",
            kafka.bootstrap(),
            "--model",
            graph().toString(),
            "--threads",
            Integer.toString(settings.threads()));
    return WorkerProcess.python(settings.python(), Path.of("bench", "peer.py"), arguments, log);
  }

  private String topology(KafkaConnection kafka) {
    return """
        name: maskstream-bench
        kafka: {bootstrap: "%s"}
        segment: {model: "%s", precision: %s, threads: %d, engineThreads: %d, reuse: {%spassInterval: %s}%s}
        monitor: {port: 0}
        """
        .formatted(
            kafka.bootstrap(),
            settings.model().folder().toAbsolutePath(),
            Labels.of(settings.processor().precision()),
            settings.threads(),
            Math.max(1, settings.threads() / settings.cameras()),
            settings.propagation() ? "" : "maxPropagation: 0s, ",
            settings.passInterval(),
            settings
                .processor()
                .openVino()
                .map(plugin -> ", engine: openvino, openvinoPlugin: \"%s\"".formatted(plugin))
                .orElse(""));
  }

  private RecordLoop results(KafkaConnection kafka, int maxRecordBytes) throws IOException {
    Set<String> read =
        settings.peer()
            ? Set.of(peerMasks(kafka))
            : Set.of(topics.segmentedFrames(), topics.drops());
    return new RecordLoop(
        new RecordLoop.Subject("bench-reader", Set.of(), read),
        kafka.consumer(maxRecordBytes),
        settings.peer() ? this::takePeers : this::take,
        RecordLoop.Observer.none());
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.drops())) {
      if (record.key() != null) {
        measures.dropped(Json.read(record.value(), DropRecord.class).frame());
      }
      return;
    }
    SegmentedFrame frame = SegmentedFrames.parse(record.value());
    masked(
        new StreamMeasures.Result(
            SegmentedFrames.id(frame),
            MaskCodec.decode(frame.getMask()),
            frame.getReuse().getPropagatedMicros() > 0,
            record.serializedValueSize()));
  }

  private void takePeers(ConsumerRecord<byte[], byte[]> record) {
    masked(
        new StreamMeasures.Result(
            FrameMetadata.of(record).id(),
            raster(record.value()),
            false,
            record.serializedValueSize()));
  }

  private void masked(StreamMeasures.Result result) {
    measures.masked(result, Micros.now(InstantSource.system()));
  }

  /** The peer's record is the raster alone, compressed, of the model's size. */
  private Mask raster(byte[] value) {
    int width = settings.model().card().width();
    int height = settings.model().card().height();
    return new Mask(width, height, Zstd.decompress(value, width * height));
  }

  private String peerMasks(KafkaConnection kafka) throws IOException {
    String topic = topics.prefix() + ".peer-masks";
    try (Admin admin = Admin.create(kafka.common())) {
      admin.createTopics(List.of(new NewTopic(topic, settings.cameras(), (short) 1))).all().get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException("cannot create the topic " + topic, e);
    }
    return topic;
  }

  private void awaitMasks(WorkerProcess worker, int cameras)
      throws IOException, InterruptedException {
    worker.await(
        () -> measures.camerasWithMask() >= cameras,
        () -> "masks of %d of %d cameras".formatted(measures.camerasWithMask(), cameras));
  }

  private List<Thread> start(KafkaProducer<byte[], byte[]> producer, double fps) {
    Random phases = new Random(1);
    List<Thread> cameras = new ArrayList<>();
    long epoch = System.currentTimeMillis();
    for (int i = 0; i < settings.cameras(); i++) {
      String camera = "camera-" + (i + 1);
      int first = phases.nextInt(CLIP);
      long phase = (long) (phases.nextDouble() * 1e9 / fps);
      Schedule schedule = new Schedule(fps, first, phase);
      cameras.add(new Thread(() -> send(producer, camera, epoch, schedule), camera));
    }
    cameras.forEach(Thread::start);
    return cameras;
  }

  /**
   * When a camera sends.
   *
   * @param fps its frames per second
   * @param first its first frame in the clip
   * @param phaseNanos when it sends that one
   */
  private record Schedule(double fps, int first, long phaseNanos) {}

  /** One camera, until it is interrupted. */
  private void send(
      KafkaProducer<byte[], byte[]> producer, String camera, long epoch, Schedule schedule) {
    long start = System.nanoTime() + schedule.phaseNanos();
    for (long n = 0; !Thread.currentThread().isInterrupted(); n++) {
      long due = start + (long) (n * 1e9 / schedule.fps());
      while (System.nanoTime() < due && !Thread.currentThread().isInterrupted()) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      int index = (int) ((schedule.first() + n) % CLIP);
      LabeledPicture frame = clip.get(index);
      FrameId id = new FrameId(camera, epoch, n, Micros.now(InstantSource.system()));
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topics.frames(), camera.getBytes(StandardCharsets.UTF_8), encoded.get(index));
      new FrameMetadata(id, frame.picture().width(), frame.picture().height(), ContentType.JPEG)
          .writeTo(record.headers());
      measures.sent(id, n % ACCURACY_STRIDE == 0 ? frame.groundTruth() : null);
      var unused = producer.send(record);
    }
  }
}
