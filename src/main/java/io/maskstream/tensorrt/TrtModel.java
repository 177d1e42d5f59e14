package io.maskstream.tensorrt;

import ai.djl.BaseModel;
import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that runs in TensorRT. Options of {@code load}: {@code batch} (such as {@code 1,8,32})
 * and {@code planCache} (a folder; by default {@code plans} beside the ONNX file).
 */
final class TrtModel extends BaseModel {
  private static final Logger log = LoggerFactory.getLogger(TrtModel.class);

  static final String BATCH = "batch";
  static final String PLAN_CACHE = "planCache";
  private static final String DEFAULT_BATCH = "1,8,32";

  private final TrtEngine engine;

  TrtModel(String name, TrtEngine engine, NDManager manager) {
    super(name);
    this.engine = engine;
    this.manager = manager;
    manager.setName("trtModel");
    dataType = DataType.FLOAT32;
  }

  @Override
  public void load(Path path, @Nullable String prefix, @Nullable Map<String, ?> options)
      throws IOException, MalformedModelException {
    setModelDir(path);
    wasLoaded = true;
    int device = Math.max(0, manager.getDevice().getDeviceId());
    Cuda.requireDevice(device);
    Path file = file(path, prefix == null ? modelName : prefix);
    if (file.toString().endsWith(".onnx")) {
      BatchProfile batch = BatchProfile.of(option(options, BATCH, DEFAULT_BATCH));
      Path folder = file.toAbsolutePath().getParent();
      Path cache =
          Path.of(
              option(
                  options, PLAN_CACHE, Objects.requireNonNull(folder).resolve("plans").toString()));
      run(cached(PlanCache.in(cache), file, batch, device));
    } else {
      run(new TrtBlock(engine, Files.readAllBytes(file), device));
    }
  }

  private void run(TrtBlock plan) {
    manager.attachInternal(NDManager.nextUid(), plan);
    block = plan;
  }

  /** The plan of an ONNX file; one that TensorRT does not take back is built once more. */
  private TrtBlock cached(PlanCache cache, Path onnx, BatchProfile batch, int device)
      throws IOException {
    PlanKey key = PlanKey.of(onnx, engine.target(device), batch);
    byte[] plan = cache.plan(onnx, key, device);
    try {
      return new TrtBlock(engine, plan, device);
    } catch (TrtBlock.RefusedPlanException e) {
      log.warn("{}: {}; building it again", cache.path(key), e.getMessage());
      return new TrtBlock(engine, cache.rebuild(onnx, key, device, plan), device);
    }
  }

  private static String option(@Nullable Map<String, ?> options, String name, String otherwise) {
    Object value = options == null ? null : options.get(name);
    return value == null ? otherwise : value.toString();
  }

  private static Path file(Path path, String name) throws FileNotFoundException {
    if (Files.isRegularFile(path)) {
      return path;
    }
    for (String suffix : new String[] {"", ".plan", ".onnx"}) {
      Path file = path.resolve(name + suffix);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new FileNotFoundException("no %s.plan and no %s.onnx in %s".formatted(name, name, path));
  }
}
