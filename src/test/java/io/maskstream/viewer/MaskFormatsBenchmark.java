package io.maskstream.viewer;

import io.maskstream.config.Labels;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.topic.Json;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.v1.SegmentedFrame;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Bytes and median time of a mask in each form, over the label pictures of CamVid's validation set
 * (480×360). {@link #main} prints a table; its argument is the folder of the data.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MaskFormatsBenchmark {
  private static final int MEDIAN = 50;
  private static final ClassTable TABLE = ClassTable.camvid11();

  @Param("data")
  private String data;

  @Param private MaskEncoding encoding;

  private List<Mask> masks;
  private List<io.maskstream.topic.v1.Mask> encoded;
  private int next;

  @Setup
  public void setUp() throws IOException {
    masks = masks(Path.of(data));
    encoded = masks.stream().map(mask -> MaskCodec.encode(mask, encoding, TABLE)).toList();
  }

  private static List<Mask> masks(Path data) throws IOException {
    List<Mask> masks = new ArrayList<>();
    try (Stream<Path> files = Files.list(data.resolve("camvid/valannot"))) {
      for (Path file : files.sorted().toList()) {
        BufferedImage image = ImageIO.read(file.toFile());
        byte[] labels = new byte[image.getWidth() * image.getHeight()];
        image.getRaster().getDataElements(0, 0, image.getWidth(), image.getHeight(), labels);
        masks.add(new Mask(image.getWidth(), image.getHeight(), labels));
      }
    }
    return masks;
  }

  private int next() {
    next = (next + 1) % masks.size();
    return next;
  }

  @Benchmark
  public Object encode() {
    return MaskCodec.encode(masks.get(next()), encoding, TABLE).toByteArray();
  }

  @Benchmark
  public Object decode() {
    return MaskCodec.decode(encoded.get(next()));
  }

  /** Of the HTTP interface; they have no encoding. */
  @Benchmark
  public Object polygons() {
    return polygons(masks.get(next()));
  }

  private static byte[] polygons(Mask mask) {
    MaskedFrame frame =
        new MaskedFrame(
            SegmentedFrame.getDefaultInstance(),
            mask,
            0,
            () -> {
              throw new IllegalStateException("no picture");
            },
            () -> new byte[0],
            TABLE);
    return Json.write(MaskDocument.ofPolygons(frame));
  }

  /** Medians in microseconds by method and encoding. */
  private static Map<String, Double> run(String data, String method, MaskEncoding... encodings)
      throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    options.include(MaskFormatsBenchmark.class.getSimpleName() + "\\." + method);
    options.param("data", data);
    options.param("encoding", Stream.of(encodings).map(MaskEncoding::name).toArray(String[]::new));
    Map<String, Double> medians = new TreeMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      medians.put(
          method + result.getParams().getParam("encoding"),
          result.getPrimaryResult().getStatistics().getPercentile(MEDIAN));
    }
    return medians;
  }

  private static double mean(List<Mask> masks, ToIntFunction<Mask> bytes) {
    return masks.stream().mapToInt(bytes).average().orElseThrow();
  }

  /** Runs all and prints the table. */
  public static void main(String[] arguments) throws RunnerException, IOException {
    String data = arguments.length == 0 ? "data" : arguments[0];
    Map<String, Double> micros = run(data, "encode", MaskEncoding.values());
    micros.putAll(run(data, "decode", MaskEncoding.values()));
    micros.putAll(run(data, "polygons", MaskEncoding.ZSTD));
    List<Mask> masks = masks(Path.of(data));
    System.out.printf("%n| encoding | bytes | encode, µs | decode, µs |%n|---|---|---|---|%n");
    for (MaskEncoding encoding : MaskEncoding.values()) {
      System.out.printf(
          "| `%s` | %.0f | %.0f | %.0f |%n",
          Labels.of(encoding),
          mean(masks, mask -> MaskCodec.encode(mask, encoding, TABLE).getSerializedSize()),
          micros.get("encode" + encoding),
          micros.get("decode" + encoding));
    }
    System.out.printf(
        "| polygons (HTTP) | %.0f | %.0f | |%n",
        mean(masks, mask -> polygons(mask).length), micros.get("polygons" + MaskEncoding.ZSTD));
  }
}
