package io.maskstream.app.option;

import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.FrozenFeatures;
import io.maskstream.training.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The network, not trained, whose features a head is trained on. */
public final class FeaturesOption {

  @Option(
      names = "--features",
      description =
          "Bundle of an adopted network: a head is trained on its features, and the network "
              + "itself stays as it is. Of a bundle that keeps its weights, the last stage is "
              + "trained too.")
  private @Nullable Path bundle;

  /**
   * A frozen network, if one was asked for. Holds native memory.
   *
   * @param found the network
   */
  public record Trunk(Optional<FrozenFeatures> found) implements AutoCloseable {

    /** A network that takes these features where its configuration says so. */
    public SegmentationNetwork network(NetworkConfig config) {
      return new SegmentationNetwork(config, found);
    }

    /** Size of the pictures that it takes. */
    public Optional<ImageSize> size() {
      return found.map(trunk -> new ImageSize(trunk.width(), trunk.height()));
    }

    @Override
    public void close() {
      found.ifPresent(FrozenFeatures::close);
    }
  }

  /** The bundle, where it keeps weights and its network can so be trained in part. */
  public Optional<Path> ours() {
    return bundle != null && Files.isRegularFile(bundle.resolve(TrainingJob.WEIGHTS))
        ? Optional.of(bundle)
        : Optional.empty();
  }

  /** Opens an adopted network; nothing where none was asked for or it is one of ours. */
  public Trunk open() throws IOException, ModelException {
    if (bundle == null || ours().isPresent()) {
      return new Trunk(Optional.empty());
    }
    int threads = Runtime.getRuntime().availableProcessors();
    return new Trunk(Optional.of(FrozenFeatures.read(ModelBundle.read(bundle).graph(), threads)));
  }
}
