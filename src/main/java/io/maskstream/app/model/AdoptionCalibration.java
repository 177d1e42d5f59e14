package io.maskstream.app.model;

import io.maskstream.dataset.FolderFrames;
import io.maskstream.evaluation.Evaluator;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.prototype.LogitMap;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.training.LogitAdjustment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What labeled frames say of a bundle: offsets of its classes, and how to reuse its memory. */
final class AdoptionCalibration {

  /** Frames that offsets are found on, at most; they are spread over the data. */
  private static final int FRAMES = 100;

  private static final double[] TRUSTS = {0.3, 0.5, 0.7};

  private final Path bundle;
  private final FolderFrames frames;
  private final double rate;

  /**
   * A calibration.
   *
   * @param frames of the model's size
   * @param rate frames per second that the numbers of their names count
   */
  AdoptionCalibration(Path bundle, FolderFrames frames, double rate) {
    this.bundle = bundle;
    this.frames = frames;
    this.rate = rate;
  }

  /** Offsets that raise the mean IoU; none where the scores stay in the graph. */
  Optional<List<Double>> offsets() throws IOException, ModelException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel model =
            LoadedModel.load(
                ModelBundle.read(bundle),
                LoadedModel.EngineOptions.processors(threads, Precision.FLOAT));
        Segmenter segmenter = model.newSegmenter()) {
      ModelCard card = model.card();
      LogitAdjustment adjustment = new LogitAdjustment(card.classes().size());
      int step = Math.max(1, frames.size() / FRAMES);
      for (int i = 0; i < frames.size(); i += step) {
        LabeledPicture frame = frames.get(i);
        SegmentationRequest cold =
            new SegmentationRequest(
                frame.picture(),
                new float[card.prototypes() * card.features()],
                new float[card.prototypes()]);
        Optional<LogitMap> logits = segmenter.segment(cold).output().logits();
        if (logits.isEmpty()) {
          return Optional.empty();
        }
        add(adjustment, logits.get(), frame.groundTruth());
      }
      LabeledPixels.require(adjustment.pixels(), card.name(), LabeledPixels.BY_CLASSES);
      return Optional.of(Arrays.stream(adjustment.best()).boxed().toList());
    }
  }

  private static void add(LogitAdjustment adjustment, LogitMap map, Mask groundTruth) {
    int pixels = map.rows() * map.columns();
    float[] values = new float[pixels * map.classes()];
    byte[] labels = new byte[pixels];
    for (int n = 0; n < pixels; n++) {
      for (int k = 0; k < map.classes(); k++) {
        values[n * map.classes() + k] = map.values()[k * pixels + n];
      }
      int row = (2 * (n / map.columns()) + 1) * groundTruth.height() / (2 * map.rows());
      int column = (2 * (n % map.columns()) + 1) * groundTruth.width() / (2 * map.columns());
      labels[n] = groundTruth.labels()[row * groundTruth.width() + column];
    }
    adjustment.add(values, labels);
  }

  /**
   * A way of reuse and what it reached.
   *
   * @param miou mean IoU, 0 to 1
   * @param flipRate share of the pixels with a steady class whose label changes
   */
  record Reached(Reuse reuse, double miou, double flipRate) {

    /** As a topology has it. */
    String yaml() {
      boolean trusting = reuse.policy() == Reuse.Policy.GUIDED;
      return "{policy: %s%s}"
          .formatted(reuse.policy().label(), trusting ? ", trust: " + reuse.trust() : "");
    }
  }

  /** All ways of reuse, the first without. */
  List<Reached> reuse() throws IOException, ModelException {
    List<Reuse> ways =
        new ArrayList<>(List.of(Reuse.of(Reuse.Policy.PER_FRAME), Reuse.of(Reuse.Policy.FLOW)));
    for (double trust : TRUSTS) {
      Reuse usual = Reuse.of(Reuse.Policy.GUIDED);
      ways.add(
          new Reuse(
              usual.policy(),
              trust,
              usual.gain(),
              usual.keyframeInterval(),
              usual.driftThreshold()));
    }
    List<Reached> reached = new ArrayList<>();
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel model =
        LoadedModel.load(
            ModelBundle.read(bundle),
            LoadedModel.EngineOptions.processors(threads, Precision.FLOAT))) {
      for (Reuse way : ways) {
        reached.add(measured(model, way));
      }
    }
    return reached;
  }

  private Reached measured(LoadedModel model, Reuse way) throws IOException, ModelException {
    try (Evaluator evaluator = new Evaluator(model, way.build(), ResetRules.defaults())) {
      for (int i = 0; i < frames.size(); i++) {
        boolean starts = i == 0 || !frames.sameSequence(i - 1, i);
        evaluator.add(frames.get(i), frames.captureMicros(i, rate), starts);
      }
      LabeledPixels.require(
          evaluator.matrix().pixels(), model.card().name(), LabeledPixels.BY_CLASSES);
      return new Reached(way, evaluator.matrix().meanIou(), evaluator.flipRate());
    }
  }
}
