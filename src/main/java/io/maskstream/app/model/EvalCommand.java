package io.maskstream.app.model;

import io.maskstream.app.option.DataOptions;
import io.maskstream.app.option.ModelOption;
import io.maskstream.app.option.PrecisionOption;
import io.maskstream.app.option.Progress;
import io.maskstream.app.option.ReuseOptions;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.evaluation.Evaluator;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.LoadedModel.EngineOptions;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a model on labelled frames. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Measures a model on labeled frames; what no class has for its label is void.",
      "Frames are taken in the order of their names; a camera's memory is reset where what",
      "stands before the last underscore of the name changes."
    })
public final class EvalCommand implements Callable<Integer> {

  @Mixin private ModelOption model;

  @Mixin private PrecisionOption precision;

  @Mixin private DataOptions data;

  @Option(names = "--split", defaultValue = "val", description = "Default: ${DEFAULT-VALUE}.")
  private String split;

  @Mixin private ReuseOptions reuse;

  @Option(
      names = "--every",
      defaultValue = "1",
      description = "Takes every n-th frame. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Option(
      names = "--rate",
      defaultValue = "30",
      description = {
        "Frames per second that the numbers at the end of the files' names count; CamVid's count",
        "30. Default: ${DEFAULT-VALUE}."
      })
  private double rate;

  @Option(
      names = "--vote",
      defaultValue = "1",
      description = "Measures the majority of the last n masks: a control. Default: none.")
  private int votes;

  @Option(names = "--json", description = "Print the result as JSON in the last line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, ModelException {
    if (every < 1 || rate <= 0) {
      throw new IllegalArgumentException(
          "every must be at least 1 and rate above 0, are %d and %s".formatted(every, rate));
    }
    ModelBundle bundle = model.bundle();
    ClassTable table = bundle.card().table();
    FolderFrames frames = data.frames(split, table);
    Reuse settings = reuse.reuse();
    String result;
    EngineOptions options =
        EngineOptions.processors(Runtime.getRuntime().availableProcessors(), precision.precision());
    try (LoadedModel loaded = LoadedModel.load(bundle, options);
        Evaluator evaluator =
            new Evaluator(loaded, settings.build(), ResetRules.defaults(), votes);
        ProgressBar bar =
            Progress.bar(
                "eval " + settings.policy().label(), (frames.size() + every - 1) / every)) {
      for (int i = 0; i < frames.size(); i += every) {
        LabeledPicture frame = frames.get(i);
        requireSize(frame, bundle, frames.name(i));
        evaluator.add(
            frame, frames.captureMicros(i, rate), i == 0 || !frames.sameSequence(i - every, i));
        bar.step();
      }
      bar.setExtraMessage(" done");
      result = report(table, evaluator, loaded.graph());
    }
    System.out.println(result);
    return 0;
  }

  private static void requireSize(LabeledPicture frame, ModelBundle bundle, String name)
      throws ModelException {
    Picture picture = frame.picture();
    Mask groundTruth = frame.groundTruth();
    boolean fits =
        groundTruth.width() == bundle.card().width()
            && groundTruth.height() == bundle.card().height();
    if (!fits) {
      throw new ModelException(
          "the model makes masks of %d×%d, the frame %s is %d×%d"
              .formatted(
                  bundle.card().width(),
                  bundle.card().height(),
                  name,
                  picture.width(),
                  picture.height()));
    }
  }

  private String report(ClassTable table, Evaluator evaluator, Path graph) {
    ConfusionMatrix matrix = evaluator.matrix();
    Map<String, @Nullable Double> classIou = new LinkedHashMap<>();
    for (int k = 0; k < table.size(); k++) {
      classIou.put(table.name(k), percent(matrix.iou(k)));
    }
    if (!json) {
      classIou.forEach((name, iou) -> System.out.printf(Locale.ROOT, "%-12s %6.2f%n", name, iou));
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    result.put("miou", percent(matrix.meanIou()));
    result.put("pixelAccuracy", percent(matrix.pixelAccuracy()));
    result.put("classIou", classIou);
    result.put("frames", evaluator.frames());
    result.put("boundaryIou", percent(evaluator.boundaries().mean()));
    result.put("flipRate", percent(evaluator.flipRate()));
    result.put("temporalConsistency", percent(evaluator.temporalConsistency()));
    result.put("videoConsistency", percent(evaluator.videoConsistency()));
    result.put("memoryWeight", percent(evaluator.memoryWeight()));
    result.put("reuse", reuse.reuse().policy().label());
    result.put("graph", graph.getFileName().toString());
    return new String(Json.write(result), StandardCharsets.UTF_8);
  }

  /** Percent with four decimals; null where there is nothing to measure. */
  private static @Nullable Double percent(double share) {
    return Double.isNaN(share) ? null : Math.round(share * 1e6) / 1e4;
  }
}
