package io.maskstream.app.model;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.config.EngineNames;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.network.NdInputs;
import io.maskstream.network.NdOps;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.training.ColdLogits;
import io.maskstream.training.TrainingListener;
import io.maskstream.training.TrainingState;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Measures the averaged weights on frames that are not trained on, without a camera's memory. */
final class ValidationListener implements TrainingListener {
  private final String name;
  private final SegmentationNetwork network;
  private final FolderFrames frames;
  private final ClassTable table;
  private final int every;

  /**
   * A listener.
   *
   * @param name of the frames, for the report
   * @param every epochs between two measurements
   */
  ValidationListener(
      String name, SegmentationNetwork network, FolderFrames frames, ClassTable table, int every) {
    this.name = name;
    this.network = network;
    this.frames = frames;
    this.table = table;
    this.every = every;
  }

  @Override
  public void onEpoch(int epoch, TrainingState state) throws IOException {
    if ((epoch + 1) % every != 0) {
      return;
    }
    ConfusionMatrix matrix = new ConfusionMatrix(table.size());
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      Map<String, NDArray> weights = NdInputs.parameters(manager, state.averaged());
      for (int i = 0; i < frames.size(); i++) {
        LabeledPicture frame = frames.get(i);
        matrix.add(frame.groundTruth(), segment(manager, weights, frame));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int k = 0; k < table.size(); k++) {
      text.append(String.format(Locale.ROOT, " %s %.1f", table.name(k), 100 * matrix.iou(k)));
    }
    System.out.printf(
        Locale.ROOT,
        "epoch %d, %s: mIoU %.2f, pixels %.2f;%s%n",
        epoch + 1,
        name,
        100 * matrix.meanIou(),
        100 * matrix.pixelAccuracy(),
        text);
  }

  private Mask segment(NDManager parent, Map<String, NDArray> weights, LabeledPicture frame) {
    try (NDManager manager = parent.newSubManager()) {
      NdOps ops = new NdOps(manager, weights, name -> false);
      int width = frame.picture().width();
      int height = frame.picture().height();
      NDArray logits = ColdLogits.of(network, manager, ops, frame.picture());
      NDArray labels = ops.resize(logits, height, width).argMax(1);
      long[] ids = labels.flatten().toLongArray();
      byte[] bytes = new byte[ids.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) ids[i];
      }
      return new Mask(width, height, bytes);
    }
  }
}
