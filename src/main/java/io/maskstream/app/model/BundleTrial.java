package io.maskstream.app.model;

import io.maskstream.frame.Picture;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Precision;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Passes of a bundle as workers make them, before it is written to its place. */
final class BundleTrial {

  private BundleTrial() {}

  /**
   * Runs the bundle on pictures of its size, H·W·3 bytes each.
   *
   * @throws io.maskstream.inference.ModelOutputException where its outputs cannot be used
   */
  static void run(ModelCard card, byte[] graph, List<byte[]> pictures)
      throws IOException, ModelException {
    Path folder = Files.createTempDirectory("maskstream-adopt");
    try {
      BundleWriter.write(folder, card, graph);
      try (LoadedModel model =
              LoadedModel.load(
                  ModelBundle.read(folder),
                  LoadedModel.EngineOptions.processors(1, Precision.FLOAT));
          Segmenter segmenter = model.newSegmenter()) {
        for (byte[] rgb : pictures) {
          var unused = segmenter.segment(List.of(cold(card, rgb)));
        }
      }
    } finally {
      delete(folder);
    }
  }

  private static SegmentationRequest cold(ModelCard card, byte[] rgb) {
    return new SegmentationRequest(
        new Picture(card.width(), card.height(), rgb),
        new float[card.prototypes() * card.features()],
        new float[card.prototypes()]);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
