package io.maskstream.inference;

import io.maskstream.frame.ClassTable;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.ModelWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Bundles of small untrained networks, for tests of what is around a model. */
public final class TestBundles {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 64;

  private TestBundles() {}

  /** Writes a bundle; equal seeds give equal weights. */
  public static Path write(Path folder, String id, String version, long seed) throws IOException {
    return write(folder, id, version, seed, ClassTable.camvid11());
  }

  /** The same with other classes. */
  public static Path write(Path folder, String id, String version, long seed, ClassTable table)
      throws IOException {
    SegmentationNetwork network = new SegmentationNetwork(NetworkConfig.small(table.size()));
    ModelWriter writer = new ModelWriter(network, Parameters.initial(network.parameters(), seed));
    ModelCard card =
        new ModelCard(
            id,
            version,
            network.config().head().kind().label(),
            table.id(),
            ModelCard.entries(table),
            WIDTH,
            HEIGHT,
            SegmentationNetwork.STRIDE,
            network.config().features(),
            1,
            "none",
            "untrained",
            "",
            "",
            Map.of(),
            0,
            Map.of(),
            ModelCard.NOT_MEASURED,
            ModelCard.EXACT_WEIGHT_BITS,
            ModelCard.NO_THRESHOLD);
    BundleWriter.write(folder, card, writer.write(HEIGHT, WIDTH, Map.of()));
    return folder;
  }

  /** A table that is not CamVid's. */
  public static ClassTable otherTable() {
    return new ClassTable("other", List.copyOf(ClassTable.camvid11().classes().subList(0, 5)));
  }
}
