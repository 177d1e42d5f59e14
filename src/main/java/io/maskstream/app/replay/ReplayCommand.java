package io.maskstream.app.replay;

import io.maskstream.app.option.AtLeastOne;
import io.maskstream.app.option.Progress;
import io.maskstream.app.option.ReuseOptions;
import io.maskstream.app.replay.RecordedFrames.Source;
import io.maskstream.app.replay.ReplayReport.CameraRow;
import io.maskstream.app.replay.ReplayReport.Report;
import io.maskstream.app.serve.TopicsCommand;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.prototype.Reuse;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.ReuseConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Segments recorded frames again and compares the masks. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Segments frames again that are in the topic of a deployment, and compares the "
            + "masks: without --model, --reuse and --precision with those that the deployment "
            + "made, else with those that its own model and settings make of the same frames. "
            + "Writes report.md, report.json and pictures. Prints a SHA-256 of the masks per "
            + "camera: two replays of the same frames have the same. Joins no consumer group and "
            + "writes to no topic.")
public final class ReplayCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "TOPOLOGY.yaml", description = "The deployment's topology file.")
  private Path file;

  @Option(
      names = "--from",
      required = true,
      description =
          "Frames captured from this time on: 2026-11-24T20:00:00Z, or how long ago, such as 10m.")
  private String from;

  @Option(
      names = "--to",
      defaultValue = "0s",
      description = "Frames captured before this time, written alike. By default until now.")
  private String to;

  @Option(names = "--out", required = true, description = "Folder for the report.")
  private Path out;

  @Option(names = "--cameras", split = ",", description = "Ids of cameras. By default all.")
  private List<String> cameras = List.of();

  @Option(names = "--model", description = "Folder of another model, for all cameras.")
  private @Nullable Path model;

  @Option(
      names = "--reuse",
      converter = ReuseOptions.PolicyConverter.class,
      description = "Another reuse policy; its settings stay those of the deployment.")
  private Reuse.@Nullable Policy reuse;

  @Option(names = "--precision", description = "Another precision: float, int8 or auto.")
  private @Nullable Precision precision;

  @Option(
      names = "--worst",
      defaultValue = "8",
      description = "Frames that agree least, as pictures. Default: ${DEFAULT-VALUE}.")
  private int worst;

  @ArgGroup(exclusive = false)
  private @Nullable Export export;

  @Option(names = "--home", hidden = true, defaultValue = "${sys:maskstream.home:-.}")
  private Path home;

  /** Frames to label; one option needs the other. */
  static final class Export {
    @Option(
        names = "--uncertain",
        converter = AtLeastOne.class,
        required = true,
        description = "Frames of least confidence to export with their masks as labels.")
    private int most;

    @Option(
        names = "--export",
        required = true,
        description = "Folder of a data set for them, laid out as train reads it.")
    private Path folder;
  }

  @Override
  public Integer call() throws IOException, ConfigException, ModelException, InterruptedException {
    Clock clock = Clock.systemUTC();
    TimeRange range = TimeRange.of(from, to, Instant.now(clock));
    DeploymentConfig config =
        YamlReader.read(file, DeploymentConfig.class, System.getenv()).withHome(home);
    SegmentConfig changed = changed(config.segment());
    Source source = new Source(TopicsCommand.external(file, config), config.topics());
    Files.createDirectories(out);
    try (ReplaySegmenter replayed = new ReplaySegmenter(changed);
        Spool spool = Spool.in(out)) {
      RecordedFrames frames = RecordedFrames.read(source, range, Set.copyOf(cameras), spool, clock);
      frames.expired().ifPresent(lost -> spec.commandLine().getErr().println(lost));
      Run run = new Run(range, frames, replayed, spool);
      if (model == null && precision == null && reuse == null) {
        RecordedMasks masks = RecordedMasks.read(source, range, frames, spool, replayed::table);
        Replay.Result result = segment(run, masks);
        write(run, result, notes(frames, masks, result, changed), masks.damage());
      } else {
        try (ReplaySegmenter own = new ReplaySegmenter(config.segment())) {
          List<String> notes = new ArrayList<>(frames.expired().stream().toList());
          if (model == null && own.name().equals(replayed.name())) {
            notes.add("A and B are the same: the options ask for what the deployment does anyway");
          }
          write(run, segment(run, own), notes, new Damage());
        }
      }
    }
    return 0;
  }

  private SegmentConfig changed(SegmentConfig own) {
    SegmentConfig changed = own;
    if (model != null) {
      changed = changed.withModel(model).withModels(List.of());
    }
    if (precision != null) {
      changed = changed.withPrecision(precision);
    }
    if (reuse != null) {
      ReuseConfig policy = own.reuse();
      changed =
          changed.withReuse(
              new ReuseConfig(
                  reuse,
                  policy.trust(),
                  policy.gain(),
                  policy.keyframeInterval(),
                  policy.driftThreshold(),
                  policy.maxPropagation(),
                  Duration.ZERO));
    }
    return changed;
  }

  private record Run(
      TimeRange range, RecordedFrames frames, ReplaySegmenter replayed, Spool spool) {}

  private static Replay.Result segment(Run run, MaskSource first)
      throws IOException, ModelException {
    try (ProgressBar bar = Progress.bar("replay", run.frames().frames().size())) {
      return new Replay(first, run.replayed(), run.spool()).run(run.frames(), bar::step);
    }
  }

  /** What limits a comparison with recorded masks. */
  private static List<String> notes(
      RecordedFrames frames, RecordedMasks masks, Replay.Result result, SegmentConfig config) {
    List<String> notes = new ArrayList<>(frames.expired().stream().toList());
    masks
        .models()
        .forEach((made, count) -> notes.add("%d recorded masks are of %s".formatted(count, made)));
    int missing = result.scores().size() - result.pairs().size();
    if (missing > 0) {
      notes.add(
          missing
              + " frames have no recorded mask that can be read: dropped, or masks have expired");
    }
    if (config.reuse().policy() != Reuse.Policy.PER_FRAME) {
      notes.add(
          "the replay's memory begins cold and sees every frame; recorded masks are the same only where"
              + " the deployment's did, too");
    }
    return notes;
  }

  private void write(Run run, Replay.Result result, List<String> notes, Damage masks)
      throws IOException {
    FramePictures pictures = new FramePictures(run.spool(), run.replayed()::table);
    Map<String, MaskPair> drawn = new LinkedHashMap<>();
    List<MaskPair> chosen = Selection.worst(result.pairs(), worst);
    if (!chosen.isEmpty()) {
      List<String> names = pictures.draw(chosen, out.resolve("worst"));
      for (int i = 0; i < names.size(); i++) {
        drawn.put(names.get(i), chosen.get(i));
      }
    }
    Damage frames = run.frames().damage();
    List<String> examples = new ArrayList<>(frames.examples());
    examples.addAll(masks.examples());
    Report report =
        new ReplayReport(result)
            .report(
                new ReplayReport.Context(
                    run.range(), notes, frames.count() + masks.count(), examples),
                drawn);
    report.write(out);
    print(report);
    if (export != null) {
      List<FrameScore> uncertain = Selection.uncertain(result.scores(), export.most);
      pictures.export(uncertain, export.folder);
      say("wrote %d frames to label to %s".formatted(uncertain.size(), export.folder));
    }
  }

  private void print(Report report) {
    say("A: " + report.first());
    say("B: " + report.second());
    report.notes().forEach(this::say);
    say(
        "%-20s %7s %9s %10s %9s  %s"
            .formatted("camera", "frames", "compared", "identical", "agree, %", "SHA-256 of B"));
    for (CameraRow row : report.cameras()) {
      say(
          "%-20s %7d %9d %10d %9s  %s"
              .formatted(
                  row.camera(),
                  row.frames(),
                  row.compared(),
                  row.identical(),
                  ReplayMarkdown.percent(row.agreement()),
                  row.digest()));
    }
    if (report.unreadable() > 0) {
      say("not read: " + report.unreadable());
      report.examples().forEach(example -> say("  " + example));
    }
    say("wrote " + out.resolve("report.md"));
  }

  private void say(String line) {
    spec.commandLine().getOut().println(line);
  }
}
