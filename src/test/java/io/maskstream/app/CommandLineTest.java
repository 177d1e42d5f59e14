package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.camera.VideoWriter;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

class CommandLineTest {

  private static Outcome run(String... arguments) {
    return Outcome.of(List.of(arguments));
  }

  @Test
  void help_everyCommand_explainsItself() {
    for (String command : Maskstream.commandLine().getSubcommands().keySet()) {
      Outcome outcome = run(command, "--help");
      if (!command.equals("help")) {
        assertThat(outcome.exitCode()).as(command).isZero();
        assertThat(outcome.out()).as(command).contains("Usage: maskstream " + command);
      }
    }
  }

  @Test
  void help_everyTextIsASentence_andNoLineIsCut() {
    List<String> wrong = new ArrayList<>();
    sentences(Maskstream.commandLine(), wrong);
    assertThat(wrong).isEmpty();
  }

  private static void sentences(CommandLine line, List<String> wrong) {
    CommandSpec spec = line.getCommandSpec();
    sentence(spec.qualifiedName(), spec.usageMessage().description(), wrong);
    for (ArgSpec argument : spec.args()) {
      if (!argument.hidden()) {
        sentence(spec.qualifiedName() + " " + argument, argument.description(), wrong);
      }
    }
    line.getUsageMessage()
        .lines()
        .filter(text -> text.length() > spec.usageMessage().width() || text.endsWith("…"))
        .forEach(text -> wrong.add(spec.qualifiedName() + " is too wide: " + text));
    line.getSubcommands().values().forEach(command -> sentences(command, wrong));
  }

  private static void sentence(String of, String[] description, List<String> wrong) {
    String text = String.join(" ", description);
    if (!text.matches("(?s)\\p{Lu}.*\\.")) {
      wrong.add("%s: '%s'".formatted(of, text));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"street-demo", "driving", "surveillance", "yard"})
  void topologies_thatAreShipped_areRight(String name) throws Exception {
    DeploymentConfig config =
        YamlReader.read(
            Path.of("topologies", name + ".yaml"),
            DeploymentConfig.class,
            Map.of(
                "KAFKA_BOOTSTRAP", "localhost:9092",
                "FRONT_CAMERA", "rtsp://front/1",
                "ENTRANCE_CAMERA", "rtsp://u:p@entrance/1",
                "YARD_CAMERA", "rtsp://yard/1"));
    assertThat(config.name()).isEqualTo(name);
    assertThat(config.toString()).doesNotContain("u:p@");
  }

  @Test
  void shippedTopologies_areAllTested() throws Exception {
    try (Stream<Path> files = Files.list(Path.of("topologies"))) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      assertThat(names)
          .containsExactly("driving.yaml", "street-demo.yaml", "surveillance.yaml", "yard.yaml");
    }
  }

  @Test
  void run_mistakesInTheFile_areAllReported(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(
        file,
        """
        name: bad name
        kafka: {bootstrap: embedded}
        camera: []
        cameras: [{id: a, url: 'gopher://x'}, {id: b, url: 'rtsp://x', fps: fast}]
        segment: {reuse: {policy: guidde}, threads: 0}
        """);
    Outcome outcome = run("run", file.toString());
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("camera: is not a key here - did you mean 'cameras'?")
        .contains("cameras[0]: a camera's URL must be a path or one of")
        .contains("cameras[1].fps: must be a number, is 'fast'")
        .contains("segment.reuse.policy: must be one of")
        .contains("did you mean 'guided'?");
  }

  @Test
  void run_camerasThatDoNotFitTheTopics_areNamed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(
        file,
        """
        name: bad
        kafka: {bootstrap: embedded}
        topics: {partitions: 2}
        cameras: [{id: a, url: 'synthetic:street', partition: 2}]
        """);
    assertThat(run("run", file.toString()).err())
        .contains("the partition of camera a must be 0 to 1 (topics.partitions), is 2");
  }

  @Test
  void commands_wrongInput_giveOneClearMessage(@TempDir Path folder) {
    assertThat(run("eval", "--model", "nowhere", "--data", folder.toString()).err())
        .isEqualTo("maskstream: a model is a folder with bundle.yaml; no such folder: nowhere\n");
    assertThat(run("eval", "--data", folder.toString(), "--reuse", "guidde").err())
        .contains("reuse policy must be one of")
        .contains("is 'guidde'");
    assertThat(run("segment", "nowhere.mp4", "--out", folder.toString()).err())
        .isEqualTo("maskstream: no such video: nowhere.mp4\n");
    assertThat(run("tail", "masks").err()).contains("no topic 'masks'; the topics are");
  }

  @Test
  void failuresOfFiles_haveTheirReason() {
    CommandLine line = Maskstream.commandLine();
    StringWriter errors = new StringWriter();
    line.setErr(new PrintWriter(errors));
    FailureReport report = new FailureReport();
    report.handleExecutionException(new AccessDeniedException("/out"), line, null);
    report.handleExecutionException(
        new UncheckedIOException(new FileAlreadyExistsException("/out")), line, null);
    report.handleExecutionException(
        new FileSystemException("/out", null, "No space left on device"), line, null);
    assertThat(errors.toString().lines())
        .containsExactly(
            "maskstream: /out: permission denied",
            "maskstream: /out: a file of this name is there already",
            "maskstream: /out: No space left on device");
  }

  @Test
  void segment_smallVideo_writesMasksStatisticsAndVideo(@TempDir Path folder) throws Exception {
    Path video = folder.resolve("street.mp4");
    var street = new io.maskstream.synthetic.SyntheticStreet(3, 320, 240);
    try (VideoWriter writer = VideoWriter.open(video, 320, 240, 10)) {
      for (int i = 0; i < 6; i++) {
        writer.write(street.at(java.time.Duration.ofMillis(100L * i)).picture());
      }
    }
    Path out = folder.resolve("out");
    Files.createDirectories(out.resolve("masks"));
    Files.createFile(out.resolve("masks/000006.png")); // of an earlier run
    Path other = Files.createFile(out.resolve("masks/2024-06-01.png"));
    assertThat(run("segment", video.toString(), "--out", out.toString()).exitCode()).isZero();
    try (Stream<Path> masks = Files.list(out.resolve("masks"))) {
      assertThat(masks.filter(mask -> !mask.equals(other)).count()).isEqualTo(6);
    }
    assertThat(other).exists();
    assertThat(Files.readAllLines(out.resolve("stats.jsonl"))).hasSize(6);
    assertThat(Files.size(out.resolve("overlay.mp4"))).isGreaterThan(1_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"overlay.mp4", "stats.jsonl", "masks/000123.png"})
  void segment_resultsInPlaceOfTheVideo_areRefused(String name, @TempDir Path folder)
      throws Exception {
    Path video = folder.resolve(name);
    Files.createDirectories(folder.resolve("masks"));
    Path earlier = Files.createFile(folder.resolve("masks/000000.png"));
    Files.writeString(video, "a video");
    Outcome outcome = run("segment", video.toString(), "--out", folder.toString());
    assertThat(outcome.err())
        .contains(video + " would be overwritten by the results; --out must be another folder");
    assertThat(video).hasContent("a video");
    assertThat(earlier).exists();
  }

  @Test
  void counts_areOneAtLeast(@TempDir Path folder) {
    assertThat(run("segment", "a.mp4", "--out", folder.toString(), "--max-frames", "-3").err())
        .contains("--max-frames", "must be a whole number of at least 1, is '-3'");
    assertThat(run("tail", "drops", "--max", "0").err())
        .contains("--max", "must be a whole number of at least 1, is '0'");
  }
}
