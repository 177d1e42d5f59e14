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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
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
 * Bytes and time of a mask in each form, over the label pictures of CamVid's validation set
 * (480×360). {@link #main} prints a table; its argument is the folder of the data.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MaskFormatsBenchmark {
  private static final String POLYGONS = "polygons";
  private static final ClassTable TABLE = ClassTable.camvid11();

  @Param("data")
  private String data;

  @Param({"zstd", "png", "rle", POLYGONS})
  private String form;

  private List<Mask> masks;
  private List<io.maskstream.topic.v1.Mask> encoded;
  private int next;

  @Setup
  public void setUp() throws IOException {
    masks = masks(Path.of(data));
    encoded =
        form.equals(POLYGONS)
            ? List.of()
            : masks.stream().map(mask -> MaskCodec.encode(mask, encoding(), TABLE)).toList();
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

  private MaskEncoding encoding() {
    return Labels.parse(MaskEncoding.class, "form", form);
  }

  private int next() {
    next = (next + 1) % masks.size();
    return next;
  }

  @Benchmark
  public Object encode() {
    Mask mask = masks.get(next());
    return form.equals(POLYGONS)
        ? polygons(mask)
        : MaskCodec.encode(mask, encoding(), TABLE).toByteArray();
  }

  private static byte[] polygons(Mask mask) {
    MaskedFrame frame =
        new MaskedFrame(
            SegmentedFrame.getDefaultInstance(),
            mask,
            () -> {
              throw new IllegalStateException("no picture");
            },
            () -> new byte[0],
            TABLE);
    return Json.write(MaskDocument.ofPolygons(frame));
  }

  /** Polygons are only written. */
  @Benchmark
  public Object decode() {
    return form.equals(POLYGONS) ? form : MaskCodec.decode(encoded.get(next()));
  }

  private static double bytes(List<Mask> masks, String form) {
    return masks.stream()
        .mapToInt(
            mask ->
                form.equals(POLYGONS)
                    ? polygons(mask).length
                    : MaskCodec.encode(mask, Labels.parse(MaskEncoding.class, "form", form), TABLE)
                        .getSerializedSize())
        .average()
        .orElseThrow();
  }

  /** Runs all and prints the table. */
  public static void main(String[] arguments) throws RunnerException, IOException {
    String data = arguments.length == 0 ? "data" : arguments[0];
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(MaskFormatsBenchmark.class.getSimpleName())
                    .param("data", data)
                    .build())
            .run();
    Map<String, Double> micros = new TreeMap<>();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      micros.put(
          result.getParams().getParam("form") + name.substring(name.lastIndexOf('.')),
          result.getPrimaryResult().getScore());
    }
    List<Mask> masks = masks(Path.of(data));
    System.out.printf("%n| form | bytes | encode, µs | decode, µs |%n|---|---|---|---|%n");
    for (String form : List.of("zstd", "png", "rle", POLYGONS)) {
      System.out.printf(
          "| %s | %.0f | %.0f | %s |%n",
          form,
          bytes(masks, form),
          micros.get(form + ".encode"),
          form.equals(POLYGONS) ? "" : "%.0f".formatted(micros.get(form + ".decode")));
    }
  }
}
