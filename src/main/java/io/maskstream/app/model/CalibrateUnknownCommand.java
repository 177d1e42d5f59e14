package io.maskstream.app.model;

import static io.maskstream.config.Checks.require;

import io.maskstream.app.option.DataOptions;
import io.maskstream.app.option.ModelOption;
import io.maskstream.app.option.ProcessorOptions;
import io.maskstream.app.option.Progress;
import io.maskstream.app.option.ReuseOptions;
import io.maskstream.app.option.SamplingOptions;
import io.maskstream.app.option.SamplingOptions.Sample;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.evaluation.ConfidenceHistogram;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Segmentation;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds the confidence below which pixels count as unknown and writes it on the model's card. */
@Command(
    name = "calibrate-unknown",
    mixinStandardHelpOptions = true,
    description =
        "Finds, on labeled frames, the largest confidence below which at most a share of "
            + "the pixels with the right label lies, and writes it on the model's card "
            + "(unknownBelow), where segment.unknown takes it from. Give frames that the model "
            + "was not trained on, and the reuse policy of the deployment: remembered "
            + "probabilities raise the confidence.")
public final class CalibrateUnknownCommand implements Callable<Integer> {
  private static final double PERCENT = 100;

  @Spec private CommandSpec spec;

  @Mixin private ModelOption model;

  @Mixin private ProcessorOptions processor;

  @Mixin private DataOptions data;

  @Mixin private ReuseOptions reuse;

  @Mixin private SamplingOptions sampling;

  @Option(names = "--split", defaultValue = "val", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Option(
      names = "--at-most",
      defaultValue = "5",
      description =
          "Percent of the pixels with the right label that may be unknown. Default: ${DEFAULT-VALUE}.")
  private double atMost;

  @Option(
      names = "--beside",
      paramLabel = "PATH",
      description =
          "Also print the share of unknown in the pictures of a folder, each for itself, or "
              + "in a video. May be given more than once.")
  private List<Path> beside = new ArrayList<>();

  @Option(names = "--dry-run", description = "Leave the card as it is.")
  private boolean dryRun;

  @Override
  public Integer call() throws IOException, ModelException {
    require(
        atMost > 0 && atMost < PERCENT,
        "--at-most must be above 0 and below 100 percent, is " + atMost);
    ModelBundle bundle = model.bundle();
    double threshold;
    try (LoadedModel loaded = LoadedModel.load(bundle, processor.engine())) {
      if (!loaded.givesScores()) {
        throw new ModelException(
            "confidences need a model that gives class scores; %s %s"
                .formatted(bundle.card().name(), LoadedModel.NO_SCORES));
      }
      FolderFrames frames = data.frames(split, bundle.card().table());
      ConfidenceHistogram histogram = new ConfidenceHistogram(bundle.card().classes().size());
      List<ConfidenceMap> maps = add(frames, loaded, histogram);
      requireRightPixels(histogram, bundle.card().name());
      threshold = histogram.threshold(atMost / PERCENT);
      report(threshold, histogram.split(threshold), maps);
      for (Path path : beside) {
        try (CameraSegmenter segmenter = segmenter(loaded)) {
          print(path.toString(), UnlabeledMaps.of(path, segmenter), threshold);
        }
      }
    }
    write(bundle, threshold);
    return 0;
  }

  private static void requireRightPixels(ConfidenceHistogram histogram, String name)
      throws ModelException {
    LabeledPixels.require(histogram.pixels(), name, LabeledPixels.BY_CLASSES);
    if (histogram.rightPixels() == 0) {
      throw new ModelException(
          name + " gives no pixel of these frames its label: no confidence is that of a right one");
    }
  }

  private CameraSegmenter segmenter(LoadedModel loaded) {
    return new CameraSegmenter(
        loaded.card(),
        loaded.newSegmenter(),
        reuse.reuse().build(),
        ResetRules.defaults(),
        ConfidenceOutput.MAP);
  }

  private List<ConfidenceMap> add(
      FolderFrames frames, LoadedModel loaded, ConfidenceHistogram histogram) throws IOException {
    List<ConfidenceMap> maps = new ArrayList<>();
    List<Sample> samples = sampling.of(frames);
    CameraMemory memory = null;
    long epoch = 0;
    try (CameraSegmenter segmenter = segmenter(loaded);
        ProgressBar bar = Progress.bar("calibrate-unknown", samples.size())) {
      for (Sample sample : samples) {
        LabeledPicture frame = frames.get(sample.index());
        if (sample.startsClip()) {
          memory = null;
          epoch++;
        }
        CameraSegmenter.Result result =
            segmenter.segment(
                new CameraSegmenter.FrameInput(epoch, sample.captureMicros(), frame.picture()),
                memory,
                Optional.empty());
        memory = result.memory();
        Segmentation made = result.segmentation();
        ConfidenceMap map = made.map().orElseThrow();
        histogram.add(frame.groundTruth(), made.mask(), map);
        maps.add(map);
        bar.step();
      }
    }
    return maps;
  }

  private void report(double threshold, ConfidenceHistogram.Split split, List<ConfidenceMap> maps) {
    say(
        "unknownBelow %.3f: unknown are %s of the labeled pixels, %s of those with the"
            + " right label, %s of those with a wrong one; %s of the unknown are wrong",
        threshold,
        percent(split.unknown()),
        percent(split.ofRight()),
        percent(split.ofWrong()),
        percent(split.precision()));
    print(this.split, maps, threshold);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "none" : String.format(Locale.ROOT, "%.2f %%", PERCENT * share);
  }

  private void print(String name, List<ConfidenceMap> maps, double threshold) {
    double[] shares =
        maps.stream().mapToDouble(map -> map.shareBelow(threshold)).sorted().toArray();
    double sum = 0;
    for (double share : shares) {
      sum += share;
    }
    say(
        "%s: %d frames, unknown %.1f %% (least %.1f, median %.1f, most %.1f)",
        name,
        shares.length,
        PERCENT * sum / shares.length,
        PERCENT * shares[0],
        PERCENT * shares[shares.length / 2],
        PERCENT * shares[shares.length - 1]);
  }

  private void write(ModelBundle bundle, double threshold) throws IOException {
    if (!dryRun) {
      BundleWriter.writeCard(bundle.folder(), bundle.card().withUnknownBelow(threshold));
      say("wrote unknownBelow into %s", bundle.folder());
    }
  }

  private void say(String format, Object... values) {
    spec.commandLine().getOut().println(String.format(Locale.ROOT, format, values));
  }
}
