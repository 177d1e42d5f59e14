package io.maskstream.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.maskstream.frame.Mask;
import io.maskstream.onnx.ContractTensors;
import io.maskstream.prototype.LogitMap;
import io.maskstream.prototype.Observation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the contract's input tensors, and its output tensors to plain values. The inputs lie
 * in memory that the next call uses again. Used by one thread.
 */
final class ContractTranslator implements Translator<List<SegmentationRequest>, List<ModelOutput>> {
  private final ModelCard card;
  private ByteBuffer pixels = direct(0);
  private ByteBuffer prior = direct(0);
  private ByteBuffer trust = direct(0);

  ContractTranslator(ModelCard card) {
    this.card = card;
  }

  @Override
  public @Nullable Batchifier getBatchifier() {
    return null; // the list is the batch
  }

  @Override
  public NDList processInput(TranslatorContext context, List<SegmentationRequest> requests) {
    NDManager manager = context.getNDManager();
    int batch = requests.size();
    int width = card.width();
    int height = card.height();
    pixels = empty(pixels, batch * height * width * 3);
    prior = empty(prior, batch * card.prototypes() * card.features() * Float.BYTES);
    trust = empty(trust, batch * card.prototypes() * Float.BYTES);
    for (SegmentationRequest request : requests) {
      requireSize(request, width, height);
      pixels.put(request.picture().rgb());
      put(prior, request.prior());
      put(trust, request.trust());
    }
    return new NDList(
        array(manager, ContractTensors.IMAGE, pixels, DataType.UINT8, batch, height, width, 3),
        array(
            manager,
            ContractTensors.PRIOR,
            prior,
            DataType.FLOAT32,
            batch,
            card.prototypes(),
            card.features()),
        array(manager, ContractTensors.TRUST, trust, DataType.FLOAT32, batch, card.prototypes()));
  }

  private static void requireSize(SegmentationRequest request, int width, int height) {
    if (request.picture().width() != width || request.picture().height() != height) {
      throw new IllegalArgumentException(
          "the model takes pictures of %d×%d, was given %d×%d"
              .formatted(width, height, request.picture().width(), request.picture().height()));
    }
  }

  private static ByteBuffer direct(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  /** A buffer of a size, the one at hand where that is large enough. */
  private static ByteBuffer empty(ByteBuffer known, int size) {
    return (known.capacity() < size ? direct(size) : known).clear().limit(size);
  }

  private static void put(ByteBuffer buffer, float[] values) {
    buffer.asFloatBuffer().put(values);
    buffer.position(buffer.position() + values.length * Float.BYTES);
  }

  private static NDArray array(
      NDManager manager, String name, ByteBuffer data, DataType type, long... shape) {
    data.rewind();
    NDArray array =
        manager.create(
            type == DataType.FLOAT32 ? data.asFloatBuffer() : data, new Shape(shape), type);
    array.setName(name);
    return array;
  }

  @Override
  public List<ModelOutput> processOutput(TranslatorContext context, NDList outputs) {
    outputs.attach(context.getNDManager()); // closed with the context
    int batch = (int) outputs.get(0).getShape().get(0);
    List<Optional<Labels>> labels = labels(outputs, batch);
    List<Optional<LogitMap>> logits = logits(outputs, batch);
    ByteBuffer prototypes = bytes(outputs, ContractTensors.PROTOTYPES);
    ByteBuffer evidence = bytes(outputs, ContractTensors.EVIDENCE);
    ByteBuffer agreement = bytes(outputs, ContractTensors.AGREEMENT);
    List<ModelOutput> results = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      Observation observation =
          new Observation(
              floats(
                  ContractTensors.PROTOTYPES, prototypes, i, card.prototypes() * card.features()),
              floats(ContractTensors.EVIDENCE, evidence, i, card.prototypes()),
              floats(ContractTensors.AGREEMENT, agreement, i, 1)[0]);
      results.add(new ModelOutput(labels.get(i), logits.get(i), observation));
    }
    return results;
  }

  private List<Optional<Labels>> labels(NDList outputs, int batch) {
    if (Contract.find(outputs, ContractTensors.LABELS).isEmpty()) {
      return Collections.nCopies(batch, Optional.empty());
    }
    ByteBuffer labels = bytes(outputs, ContractTensors.LABELS);
    ByteBuffer pixels = bytes(outputs, ContractTensors.PIXELS);
    ByteBuffer confidence = bytes(outputs, ContractTensors.CONFIDENCE);
    List<Optional<Labels>> results = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      byte[] mask = new byte[card.width() * card.height()];
      labels.get(mask);
      int[] counts = new int[card.classes().size()];
      pixels.asIntBuffer().get(i * counts.length, counts);
      requireKnown(mask, counts);
      results.add(
          Optional.of(
              new Labels(
                  new Mask(card.width(), card.height(), mask),
                  counts,
                  floats(ContractTensors.CONFIDENCE, confidence, i, counts.length))));
    }
    return results;
  }

  private List<Optional<LogitMap>> logits(NDList outputs, int batch) {
    if (Contract.find(outputs, ContractTensors.LOGITS).isEmpty()) {
      return Collections.nCopies(batch, Optional.empty());
    }
    ByteBuffer logits = bytes(outputs, ContractTensors.LOGITS);
    int classes = card.classes().size();
    int rows = card.rows();
    int columns = card.columns();
    List<Optional<LogitMap>> results = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      float[] values = floats(ContractTensors.LOGITS, logits, i, classes * rows * columns);
      results.add(Optional.of(new LogitMap(classes, rows, columns, values)));
    }
    return results;
  }

  private static ByteBuffer bytes(NDList outputs, String name) {
    return Contract.find(outputs, name)
        .map(array -> array.toByteBuffer(true))
        .orElseThrow(
            () -> {
              List<String> names = outputs.stream().map(NDArray::getName).toList();
              return new IllegalStateException(
                  "the model has no output " + name + ", it has " + names);
            });
  }

  /** Refuses ids that the class table lacks; only where the counts miss pixels, it looks at all. */
  private static void requireKnown(byte[] mask, int[] counts) {
    if (Arrays.stream(counts).sum() == mask.length) {
      return;
    }
    for (byte label : mask) {
      int id = Byte.toUnsignedInt(label);
      if (id >= counts.length) {
        throw new ModelOutputException(
            "the model's output %s must be from 0 to %d, the ids of its class table, has %d"
                .formatted(ContractTensors.LABELS, counts.length - 1, id));
      }
    }
  }

  private static float[] floats(String name, ByteBuffer buffer, int row, int length) {
    float[] values = new float[length];
    buffer.asFloatBuffer().get(row * length, values);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new ModelOutputException(
            "the model's output %s is not finite: it has %s".formatted(name, value));
      }
    }
    return values;
  }
}
