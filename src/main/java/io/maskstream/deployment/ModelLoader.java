package io.maskstream.deployment;

import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.EncodedPicture;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.PictureCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads a worker's models. Those of the configuration, and OpenCV's libraries, load in a thread
 * while the process connects to its broker.
 */
final class ModelLoader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModelLoader.class);

  private final SegmentConfig config;
  private final Map<Path, CompletableFuture<LoadedModel>> ahead = new LinkedHashMap<>();
  private volatile Duration frameTime = Duration.ZERO;

  ModelLoader(SegmentConfig config) {
    this.config = config;
    ahead.put(config.model(), new CompletableFuture<>());
    config.models().forEach(entry -> ahead.put(entry.model(), new CompletableFuture<>()));
    Map<Path, CompletableFuture<LoadedModel>> all = new LinkedHashMap<>(ahead);
    Thread thread = new Thread(() -> all.forEach(this::loadAhead), "model-loader");
    thread.setDaemon(true); // native code that loads a model cannot be interrupted
    thread.start();
  }

  private void loadAhead(Path folder, CompletableFuture<LoadedModel> result) {
    if (result.isDone()) {
      return; // the process has stopped
    }
    try {
      LoadedModel model = rehearsed(read(folder));
      if (!result.complete(model)) {
        model.close();
      }
    } catch (ModelException | RuntimeException | Error e) { // or nobody would know
      result.completeExceptionally(e);
    }
  }

  private LoadedModel rehearsed(LoadedModel model) {
    try {
      rehearse(model);
      return model;
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /** Two frames on the path of a camera's, for what the first ones load and compile. */
  private void rehearse(LoadedModel model) {
    ModelCard card = model.card();
    byte[] jpeg =
        PictureCodec.encode(Picture.black(card.width(), card.height()), ContentType.JPEG, 90);
    try (CameraSegmenter segmenter =
        new CameraSegmenter(model, config.reuse().toReuse().build(), config.reset().toRules())) {
      CameraMemory memory = null;
      for (int frame = 0; frame < 2; frame++) {
        long start = System.nanoTime();
        CameraSegmenter.Result result;
        try (EncodedPicture picture =
            new EncodedPicture(jpeg, ContentType.JPEG, card.width(), card.height())) {
          result =
              segmenter.segment(
                  new CameraSegmenter.FrameInput(0, frame, picture), memory, Optional.empty());
        }
        memory = result.memory();
        var unused =
            MaskCodec.encode(result.segmentation().mask(), config.encoding(), card.table());
        frameTime = Duration.ofNanos(System.nanoTime() - start);
      }
    }
  }

  /** Time of the last frame that was rehearsed, while the process started. */
  Duration frameTime() {
    return frameTime;
  }

  SegmentConfig config() {
    return config;
  }

  /** The model of a folder: the one that loads already, the first time; else a new one. */
  LoadedModel load(Path folder) throws ModelException {
    CompletableFuture<LoadedModel> loading = ahead.remove(folder);
    if (loading == null) {
      return read(folder);
    }
    try {
      return loading.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ModelException reason) {
        throw reason;
      }
      throw new ModelException(
          "cannot load the model %s: %s".formatted(folder, message(e.getCause())), e);
    } catch (InterruptedException e) {
      var unused = loading.thenAccept(LoadedModel::close);
      Thread.currentThread().interrupt();
      throw new ModelException("interrupted while the model %s loaded".formatted(folder), e);
    }
  }

  private static String message(@Nullable Throwable reason) {
    return reason == null || reason.getMessage() == null
        ? String.valueOf(reason)
        : reason.getMessage();
  }

  private LoadedModel read(Path folder) throws ModelException {
    LoadedModel model = LoadedModel.load(ModelBundle.read(folder), config.engineOptions());
    try {
      config.requireGiven(model);
    } catch (ModelException e) {
      model.close();
      throw e;
    }
    log.info("model {} from {} in {}", model.card().name(), model.graph(), model.engine());
    return model;
  }

  /** Unloads the models that nobody took, such as those that an order replaced. */
  @Override
  public void close() {
    for (CompletableFuture<LoadedModel> loading : ahead.values()) {
      if (!loading.cancel(false)) {
        var unused = loading.thenAccept(LoadedModel::close);
      }
    }
    ahead.clear();
  }
}
