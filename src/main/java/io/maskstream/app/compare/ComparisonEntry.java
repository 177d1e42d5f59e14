package io.maskstream.app.compare;

import io.maskstream.camera.VideoFile;
import io.maskstream.dataset.LabeledFrames;
import io.maskstream.evaluation.Evaluator;
import io.maskstream.evaluation.FlowConsistency;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A model that stands ready to be measured.
 *
 * @param entry name of its row
 * @param folder of its bundle
 * @param parameters numbers that were trained, 0 where unknown
 * @param multiplyAdds of one image, 0 where unknown
 */
record ComparisonEntry(String entry, Path folder, long parameters, long multiplyAdds) {
  private static final int LATENCY_ROUNDS = 30;

  /** Time between two frames of a sequence: CamVid val has 15 per second. */
  private static final long FRAME_MICROS = 66_667;

  /** Median latency of each model; the models take turns, so that noise meets them all alike. */
  static Map<Path, Double> latencies(List<ComparisonEntry> candidates, LabeledFrames frames)
      throws IOException, ModelException {
    Map<Path, double[]> times = new LinkedHashMap<>();
    Map<Path, LoadedModel> models = new LinkedHashMap<>();
    Map<Path, Segmenter> segmenters = new LinkedHashMap<>();
    try {
      for (ComparisonEntry candidate : candidates) {
        LoadedModel model =
            LoadedModel.load(
                ModelBundle.read(candidate.folder),
                LoadedModel.EngineOptions.processors(1, Precision.FLOAT));
        models.put(candidate.folder, model);
        segmenters.put(candidate.folder, model.newSegmenter());
        times.put(candidate.folder, new double[LATENCY_ROUNDS]);
      }
      for (int round = 0; round < LATENCY_ROUNDS; round++) {
        Picture picture = frames.get(round % frames.size()).picture();
        for (Map.Entry<Path, Segmenter> entry : segmenters.entrySet()) {
          ModelCard card = Objects.requireNonNull(models.get(entry.getKey())).card();
          SegmentationRequest request =
              new SegmentationRequest(
                  PictureScaler.scale(picture, card.width(), card.height()),
                  new float[card.prototypes() * card.features()],
                  new float[card.prototypes()]);
          long start = System.nanoTime();
          entry.getValue().segment(request);
          Objects.requireNonNull(times.get(entry.getKey()))[round] =
              (System.nanoTime() - start) / 1e6;
        }
      }
    } finally {
      segmenters.values().forEach(Segmenter::close);
      models.values().forEach(LoadedModel::close);
    }
    Map<Path, Double> medians = new LinkedHashMap<>();
    times.forEach(
        (path, values) -> {
          Arrays.sort(values);
          medians.put(path, values[values.length / 2]);
        });
    return medians;
  }

  /**
   * Accuracy and flicker on labelled frames, with and without reuse.
   *
   * @param foreign frames of drives that were not trained on
   * @param millis latency of one image
   */
  ComparedModel.Run measure(LabeledFrames frames, Optional<LabeledFrames> foreign, double millis)
      throws IOException, ModelException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel model =
            LoadedModel.load(
                ModelBundle.read(folder),
                LoadedModel.EngineOptions.processors(threads, Precision.FLOAT));
        Evaluator single = evaluated(model, Reuse.Policy.PER_FRAME, frames);
        Evaluator reused = evaluated(model, Reuse.DEFAULT_POLICY, frames)) {
      double[] classIou = new double[model.card().classes().size()];
      for (int k = 0; k < classIou.length; k++) {
        classIou[k] = single.matrix().iou(k);
      }
      return new ComparedModel.Run(
          single.matrix().meanIou(),
          classIou,
          single.boundaries().mean(),
          single.flipRate(),
          single.temporalConsistency(),
          reused.matrix().meanIou(),
          reused.flipRate(),
          reused.temporalConsistency(),
          foreign.isPresent() ? abroad(model, foreign.get()) : Double.NaN,
          parameters,
          multiplyAdds,
          millis);
    }
  }

  private static double abroad(LoadedModel model, LabeledFrames foreign)
      throws IOException, ModelException {
    try (Evaluator evaluator = evaluated(model, Reuse.Policy.PER_FRAME, foreign)) {
      return evaluator.matrix().meanIou();
    }
  }

  /** An evaluator that has seen all the frames; the caller closes it. */
  private static Evaluator evaluated(LoadedModel model, Reuse.Policy policy, LabeledFrames frames)
      throws IOException, ModelException {
    Evaluator evaluator = new Evaluator(model, Reuse.of(policy).build(), ResetRules.defaults());
    for (int i = 0; i < frames.size(); i++) {
      evaluator.add(frames.get(i), i * FRAME_MICROS, i == 0 || !frames.sameSequence(i - 1, i));
    }
    return evaluator;
  }

  /** Flicker on a video without labels, with and without reuse. */
  static String videoTable(List<ComparisonEntry> candidates, Path video)
      throws IOException, ModelException {
    StringBuilder text =
        new StringBuilder(
            "| model | policy | temporal consistency | flips of static pixels |\n|---|---|---|---|\n");
    for (ComparisonEntry candidate : candidates) {
      for (Reuse.Policy policy : List.of(Reuse.Policy.PER_FRAME, Reuse.DEFAULT_POLICY)) {
        text.append(videoRow(candidate, video, policy));
      }
    }
    return text.toString();
  }

  private static String videoRow(ComparisonEntry candidate, Path video, Reuse.Policy policy)
      throws IOException, ModelException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel model =
            LoadedModel.load(
                ModelBundle.read(candidate.folder),
                LoadedModel.EngineOptions.processors(threads, Precision.FLOAT));
        CameraSegmenter segmenter =
            new CameraSegmenter(model, Reuse.of(policy).build(), ResetRules.defaults());
        VideoFile file = VideoFile.open(video)) {
      FlowConsistency flow = new FlowConsistency();
      CameraMemory memory = null;
      Optional<VideoFile.TimedPicture> next = file.next();
      while (next.isPresent()) {
        Picture picture = next.get().picture();
        CameraSegmenter.Result result =
            segmenter.segment(
                new CameraSegmenter.FrameInput(0, next.get().mediaMicros(), picture),
                memory,
                Optional.empty());
        flow.add(
            PictureScaler.scale(picture, model.card().width(), model.card().height()),
            result.segmentation().mask(),
            memory == null);
        memory = result.memory();
        next = file.next();
      }
      return String.format(
          Locale.ROOT,
          "| %s | %s | %.2f | %.2f |%n",
          candidate.entry,
          policy.label(),
          100 * flow.consistency(),
          100 * flow.staticFlipRate());
    }
  }
}
