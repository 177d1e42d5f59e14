package io.maskstream.app.replay;

import io.maskstream.app.replay.RecordedFrames.Frame;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Segmentation;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.ModelForCameras;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Models and settings that segment frames again, one after the other, each camera with a memory
 * that begins cold: what a replay topology does, without its stores.
 */
final class ReplaySegmenter implements MaskSource, AutoCloseable {
  private final SegmentConfig config;
  private final Map<String, Loaded> byCamera = new LinkedHashMap<>();
  private final Loaded others;
  private @Nullable String camera;
  private @Nullable CameraMemory memory;

  private record Loaded(LoadedModel model, CameraSegmenter segmenter) implements AutoCloseable {
    @Override
    public void close() {
      segmenter.close();
      model.close();
    }
  }

  /** Loads the models of a configuration. */
  ReplaySegmenter(SegmentConfig config) throws ModelException {
    this.config = config;
    this.others = load(config.model());
    try {
      for (ModelForCameras entry : config.models()) {
        Loaded loaded = load(entry.model());
        entry.cameras().forEach(id -> byCamera.put(id, loaded));
      }
    } catch (ModelException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Loaded load(Path folder) throws ModelException {
    LoadedModel model = LoadedModel.load(ModelBundle.read(folder), config.engineOptions());
    return new Loaded(
        model,
        new CameraSegmenter(model, config.reuse().toReuse().build(), config.reset().toRules()));
  }

  /** All models, each with the file of its graph, by which the precision is known. */
  @Override
  public String name() {
    Map<Loaded, List<String>> cameras = new LinkedHashMap<>();
    byCamera.forEach(
        (id, loaded) -> cameras.computeIfAbsent(loaded, key -> new ArrayList<>()).add(id));
    StringBuilder name = new StringBuilder(graph(others));
    cameras.forEach(
        (loaded, ids) ->
            name.append("; ").append(String.join(", ", ids)).append(": ").append(graph(loaded)));
    return name + ", " + config.reuse().policy().label();
  }

  private static String graph(Loaded loaded) {
    LoadedModel model = loaded.model();
    return "%s (%s)".formatted(model.card().name(), model.graph().getFileName());
  }

  @Override
  public ClassTable table(String id) {
    return of(id).model().card().table();
  }

  private Loaded of(String id) {
    return byCamera.getOrDefault(id, others);
  }

  @Override
  public Optional<TimedMask> mask(Frame frame, ScalablePicture picture) {
    FrameId id = frame.id();
    if (!id.camera().equals(camera)) {
      camera = id.camera();
      memory = null;
    }
    CameraSegmenter.FrameInput input =
        new CameraSegmenter.FrameInput(id.epoch(), id.captureMicros(), picture);
    long start = System.nanoTime();
    CameraSegmenter.Result result =
        of(id.camera()).segmenter().segment(input, memory, Optional.empty());
    long micros = (System.nanoTime() - start) / 1_000;
    memory = result.memory();
    return Optional.of(
        new TimedMask(result.segmentation().mask(), confidence(result.segmentation()), micros));
  }

  /** Mean of the classes' confidences, each with the weight of its pixels; 0 to 1. */
  static double confidence(Segmentation segmentation) {
    double sum = 0;
    long pixels = 0;
    for (int k = 0; k < segmentation.pixels().length; k++) {
      sum += (double) segmentation.pixels()[k] * segmentation.confidence()[k];
      pixels += segmentation.pixels()[k];
    }
    return pixels == 0 ? 0 : sum / pixels;
  }

  @Override
  public void close() {
    byCamera.values().stream().distinct().forEach(Loaded::close);
    others.close();
  }
}
