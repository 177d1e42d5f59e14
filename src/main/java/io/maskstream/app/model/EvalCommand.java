package io.maskstream.app.model;

import io.maskstream.app.option.AtLeastOne;
import io.maskstream.app.option.DataOptions;
import io.maskstream.app.option.ModelOption;
import io.maskstream.app.option.ProcessorOptions;
import io.maskstream.app.option.Progress;
import io.maskstream.app.option.ReuseOptions;
import io.maskstream.app.option.SamplingOptions;
import io.maskstream.app.option.SamplingOptions.Sample;
import io.maskstream.dataset.Corruption;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.evaluation.Evaluator;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a model on labelled frames. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description =
        "Measures a model on labeled frames; what no class has for its label is void. "
            + "Frames are taken in the order of their names; a camera's memory is reset where "
            + "what stands before the last underscore of the name changes.")
public final class EvalCommand implements Callable<Integer> {

  @Mixin private ModelOption model;

  @Mixin private ProcessorOptions processor;

  @Mixin private DataOptions data;

  @Option(names = "--split", defaultValue = "val", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Mixin private ReuseOptions reuse;

  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--vote",
      converter = AtLeastOne.class,
      defaultValue = "1",
      description = "Measures the majority of the last n masks: a control. Default: none.")
  private int votes;

  @Option(
      names = "--propagate",
      defaultValue = "0",
      description =
          "Measures as under overload: after each frame with a forward pass, the masks of this many "
              + "are moved along the optical flow; heldMiou is that of holding the last mask instead. "
              + "Default: ${DEFAULT-VALUE}.")
  private int propagate;

  @Option(
      names = "--corruption",
      split = ",",
      description =
          "Measures under a condition that is drawn into the frames: night, fog, rain, blur, "
              + "jpeg, color-cast, noise or view, with a strength from -1 to -3 (night-2); several "
              + "in turn; all. Default: none.")
  private List<String> corruptions = List.of();

  @Option(
      names = "--json",
      description = "Print the result as JSON alone, a line for each --corruption.")
  private boolean json;

  @Override
  public Integer call() throws IOException, ModelException {
    ModelBundle bundle = model.bundle();
    FolderFrames frames = data.frames(split, bundle.card().table());
    try (LoadedModel loaded = LoadedModel.load(bundle, processor.engine())) {
      for (Optional<Corruption> corruption : conditions()) {
        System.out.println(measure(loaded, frames, corruption));
      }
    }
    return 0;
  }

  private List<Optional<Corruption>> conditions() {
    if (corruptions.isEmpty()) {
      return List.of(Optional.empty());
    }
    return corruptions.stream()
        .flatMap(
            label ->
                label.equals("all") ? Corruption.all().stream() : Stream.of(Corruption.of(label)))
        .map(Optional::of)
        .toList();
  }

  private String measure(LoadedModel loaded, FolderFrames frames, Optional<Corruption> corruption)
      throws IOException, ModelException {
    Reuse settings = reuse.reuse();
    String task = corruption.map(Corruption::label).orElse("eval " + settings.policy().label());
    List<Sample> samples = sampling.of(frames);
    try (Evaluator evaluator =
            new Evaluator(loaded, settings.build(), ResetRules.defaults(), votes, propagate);
        ProgressBar bar = Progress.bar(task, samples.size())) {
      for (Sample sample : samples) {
        LabeledPicture clean = frames.get(sample.index());
        requireSize(clean, loaded.card(), frames.name(sample.index()));
        evaluator.add(
            corruption.map(condition -> condition.apply(clean, sample.index())).orElse(clean),
            sample.captureMicros(),
            sample.startsClip());
        bar.step();
      }
      bar.setExtraMessage(" done");
      LabeledPixels.require(
          evaluator.matrix().pixels(), loaded.card().name(), LabeledPixels.BY_CLASSES);
      return report(loaded, evaluator, corruption);
    }
  }

  private static void requireSize(LabeledPicture frame, ModelCard card, String name)
      throws ModelException {
    Picture picture = frame.picture();
    Mask groundTruth = frame.groundTruth();
    boolean fits = groundTruth.width() == card.width() && groundTruth.height() == card.height();
    if (!fits) {
      throw new ModelException(
          "the model makes masks of %1$d×%2$d, the frame %3$s is %4$d×%5$d; --scale %1$dx%2$d makes it fit"
              .formatted(card.width(), card.height(), name, picture.width(), picture.height()));
    }
  }

  private String report(LoadedModel loaded, Evaluator evaluator, Optional<Corruption> corruption) {
    ClassTable table = loaded.card().table();
    ConfusionMatrix matrix = evaluator.matrix();
    Map<String, @Nullable Double> classIou = new LinkedHashMap<>();
    for (int k = 0; k < table.size(); k++) {
      classIou.put(table.name(k), percent(matrix.iou(k)));
    }
    if (!json) {
      classIou.forEach(EvalCommand::print);
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    corruption.ifPresent(condition -> result.put("corruption", condition.label()));
    result.put("miou", percent(matrix.meanIou()));
    result.put("pixelAccuracy", percent(matrix.pixelAccuracy()));
    result.put("classIou", classIou);
    result.put("frames", evaluator.frames());
    result.put("boundaryIou", percent(evaluator.boundaries().mean()));
    result.put("flipRate", percent(evaluator.flipRate()));
    result.put("temporalConsistency", percent(evaluator.temporalConsistency()));
    result.put("videoConsistency", percent(evaluator.videoConsistency()));
    result.put("memoryWeight", percent(evaluator.memoryWeight()));
    if (propagate > 0) {
      result.put("propagated", percent(evaluator.propagatedShare()));
      result.put("propagatedMiou", percent(evaluator.propagated().meanIou()));
      result.put("heldMiou", percent(evaluator.held().meanIou()));
    }
    result.put("reuse", reuse.reuse().policy().label());
    result.put("graph", loaded.graph().getFileName().toString());
    return new String(Json.write(result), StandardCharsets.UTF_8);
  }

  private static void print(String name, @Nullable Double iou) {
    System.out.printf(
        "%-12s %6s%n", name, iou == null ? "-" : String.format(Locale.ROOT, "%.2f", iou));
  }

  /** Percent with four decimals; null where there is nothing to measure. */
  private static @Nullable Double percent(double share) {
    return Double.isNaN(share) ? null : Math.round(share * 1e6) / 1e4;
  }
}
