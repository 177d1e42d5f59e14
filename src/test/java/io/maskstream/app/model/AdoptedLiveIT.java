package io.maskstream.app.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.app.Maskstream;
import io.maskstream.frame.Mask;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Foreign graphs of all kinds, from {@code adopt} to masks on a topic, or to one clear message. */
class AdoptedLiveIT {
  private static final Path GRAPHS = Path.of("src/test/resources/foreign");
  private static final int FRAMES = 4;
  private static final String CAMERA =
      "'synthetic:street?seed=2', width: 48, height: 32, maxFrames: " + FRAMES;

  @TempDir private Path folder;

  private record Outcome(int code, String errors) {}

  private static Outcome run(String... arguments) {
    CommandLine line = Maskstream.commandLine();
    StringWriter errors = new StringWriter();
    line.setErr(new PrintWriter(errors));
    return new Outcome(line.execute(arguments), errors.toString());
  }

  private Path adopt(String graph) {
    Path bundle = folder.resolve("bundle");
    Outcome outcome =
        run(
            "adopt",
            GRAPHS.resolve(graph + ".onnx").toString(),
            "--input-size",
            "48x32",
            "--out",
            bundle.toString());
    assertThat(outcome.code).as(outcome.errors).isZero();
    return bundle;
  }

  @ParameterizedTest
  @CsvSource({
    "fixed-batch, 5", // one picture per pass
    "conv, 5", // [B, 3, H, W] floats of any size
    "bytes-nhwc, 5", // [B, H, W, 3] bytes
    "argmax, 5", // labels inside
    "resized-opset9, 5", // an older operator set
    "queries, 5", // masks of queries, no prototypes
    "binary, 2" // one score per pixel
  })
  void adoptedGraph_underRun_publishesMasks(String graph, int classes) throws Exception {
    LiveRun.Published live = new LiveRun(folder, adopt(graph), CAMERA, FRAMES).published();
    assertThat(live.masks()).hasSize(FRAMES);
    Set<Byte> found = new HashSet<>();
    for (SegmentedFrame frame : live.masks()) {
      Mask mask = MaskCodec.decode(frame.getMask());
      assertThat(mask.width()).isEqualTo(48);
      assertThat(frame.getModel()).isEqualTo("bundle");
      for (byte label : mask.labels()) {
        assertThat(label & 0xFF).isLessThan(classes);
        found.add(label);
      }
    }
    assertThat(found).hasSizeGreaterThan(1);
    assertThat(live.tail()).contains("\"class 0\"");
  }

  @Test
  void runWithABrokenGraph_saysWhyInOneLine() throws Exception {
    Path bundle = adopt("conv");
    Path graph = bundle.resolve("model.onnx");
    Path topology = new LiveRun(folder, bundle, CAMERA, FRAMES).topology(LiveRun.freePort());
    Files.write(graph, Arrays.copyOf(Files.readAllBytes(graph), 2_000));
    Outcome truncated = run("run", topology.toString());
    assertThat(truncated.code).isNotZero();
    assertThat(truncated.errors.lines()).hasSize(1);
    assertThat(truncated.errors).startsWith("maskstream: ").contains(graph.toString());
    Files.delete(bundle.resolve("SHA256SUMS")); // a bundle made by other tools has none
    Files.copy(
        GRAPHS.resolve("classifier.onnx"),
        graph,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Outcome classifier = run("run", topology.toString());
    assertThat(classifier.code).isNotZero();
    assertThat(classifier.errors.lines()).hasSize(1);
    assertThat(classifier.errors).startsWith("maskstream: ").contains("image");
  }
}
