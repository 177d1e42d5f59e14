package io.maskstream.tensorrt;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import io.maskstream.frame.Picture;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.EngineChoice;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelOutput;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.onnx.HalfPrecision;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The committed model on a GPU: time of a batch with its copies, and of the copies alone; plan
 * building time and device memory are printed by each set-up. See docs/gpu.md.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TrtBenchmark {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  @Param({"1", "8", "32"})
  private int batch;

  @Param({"fp32", "fp16"})
  private String precision;

  private LoadedModel model;
  private Segmenter segmenter;
  private List<SegmentationRequest> requests;
  private StreamBuffers buffers;
  private ByteBuffer pictures;
  private Pointer picturesThere;
  private Pointer labelsThere;

  @Setup
  public void setUp() throws Exception {
    ModelBundle bundle = ModelBundle.read(BUNDLE);
    if (precision.equals("fp16")) {
      Path folder = Path.of("target", "gpu-benchmark", "fp16");
      byte[] graph = HalfPrecision.convert(Files.readAllBytes(bundle.graph()));
      BundleWriter.write(folder, bundle.card(), graph);
      bundle = ModelBundle.read(folder);
    }
    Cuda.use(0);
    long before = Cuda.usedBytes();
    long start = System.nanoTime();
    Path plans = Path.of("target", "gpu-benchmark", "plans-" + precision);
    model =
        LoadedModel.load(
            bundle,
            new LoadedModel.EngineOptions(
                EngineChoice.TENSORRT, Precision.AUTO, 1, 0, Optional.of(plans)));
    double seconds = (System.nanoTime() - start) / 1e9;
    segmenter = model.newSegmenter();
    requests = requests();
    List<ModelOutput> first = segmenter.segment(requests);
    System.out.printf(
        "%n%s, batch %d: loaded in %.1f s (the first time with the building of its plan), %d MB on the device, %d labels%n",
        precision,
        batch,
        seconds,
        (Cuda.usedBytes() - before) >> 20,
        first.get(0).labels().orElseThrow().mask().labels().length);
    int width = model.card().width();
    int height = model.card().height();
    buffers = new StreamBuffers(0);
    pictures = ByteBuffer.allocateDirect(batch * 3 * width * height);
    picturesThere = buffers.take(pictures.capacity());
    labelsThere = buffers.take((long) batch * width * height);
  }

  private List<SegmentationRequest> requests() {
    SyntheticStreet street = new SyntheticStreet(3, model.card().width(), model.card().height());
    List<SegmentationRequest> all = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      Picture picture = street.at(Duration.ofMillis(300L * i)).picture();
      all.add(
          new SegmentationRequest(
              picture,
              new float[model.card().prototypes() * model.card().features()],
              new float[model.card().prototypes()]));
    }
    return all;
  }

  @TearDown
  public void tearDown() {
    buffers.close();
    segmenter.close();
    model.close();
  }

  /** A batch with all copies; frames per second are batch / time. */
  @Benchmark
  public List<ModelOutput> pass() {
    return segmenter.segment(requests);
  }

  /** Pictures to the device and labels from it, nothing else. */
  @Benchmark
  public ByteBuffer copies() {
    buffers.upload(pictures, picturesThere);
    return buffers.download(labelsThere, pictures.capacity() / 3);
  }

  /** Runs all of it, or says why it cannot. */
  public static void main(String[] arguments) throws RunnerException {
    try {
      var unused = Engine.getEngine(TrtEngine.NAME);
    } catch (EngineException e) {
      System.err.println("no benchmark without a GPU: " + e.getMessage());
      System.exit(1);
    }
    var unused =
        new Runner(new OptionsBuilder().include(TrtBenchmark.class.getSimpleName()).build()).run();
  }
}
