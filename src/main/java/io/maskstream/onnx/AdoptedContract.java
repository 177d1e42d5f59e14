package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;

import ai.onnxruntime.OnnxJavaType;
import io.maskstream.network.HeadOutput;
import io.maskstream.network.Parameters;
import io.maskstream.network.Prior;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The model contract written around a foreign graph: the picture's bytes are made into what the
 * graph takes, its last layer gets the camera's memory where it has one, and labels, counts and
 * confidences are made from its logits.
 */
final class AdoptedContract {

  /** Confidence is measured on this share of the rows and columns of a map of full size. */
  private static final int CONFIDENCE_STRIDE = 4;

  /** Keeps the logarithm of a share finite. */
  private static final float LEAST_SHARE = 1e-6f;

  private final PictureInput input;
  private final ForeignBody body;
  private final Optional<PixelClassifier> classifier;

  private final GraphBuilder graph = new GraphBuilder("adopted");
  private final OnnxOps ops = new OnnxOps(graph, new Parameters(Map.of(), Map.of()));
  private final Graft graft = new Graft();
  private final List<Double> offsets;
  private final ContractOutputs outputs;
  private final Map<String, String> features = new TreeMap<>(); // metadata

  /**
   * A contract to write.
   *
   * @param adaptation share of an image's centres in its own prototypes; 0 for none
   * @param offsets added to the class logits that decide, K or none
   */
  AdoptedContract(ForeignBody body, PictureInput input, double adaptation, List<Double> offsets) {
    this.offsets = List.copyOf(offsets);
    this.body = body;
    this.input = input;
    this.classifier = body.layer().map(layer -> new PixelClassifier(layer, adaptation));
    this.outputs = new ContractOutputs(graph, ops, body.logits().classes());
  }

  /** The whole model, serialized. */
  byte[] write(Map<String, String> metadata) {
    long frames = body.batch() == 0 ? -1 : body.batch();
    int classes = body.logits().classes();
    OnnxValue image =
        graph.input(
            ContractTensors.IMAGE, DataType.UINT8, frames, input.height(), input.width(), 3);
    OnnxValue bank =
        graph.input(ContractTensors.PRIOR, DataType.FLOAT, frames, classes, body.features());
    OnnxValue trust = graph.input(ContractTensors.TRUST, DataType.FLOAT, frames, classes);
    body.graph().getInitializerList().forEach(tensor -> graph.add(graft.constant(tensor)));
    graft.replace(input.name(), input.from(graph, ops, image));
    input.masks().forEach(mask -> graft.replace(mask.getName(), ones(mask)));
    Prior<OnnxValue> prior = new Prior<>(bank, trust);
    Optional<HeadOutput<OnnxValue>> head = graftNodes(prior);
    head.ifPresentOrElse(found -> addMemory(found, trust), () -> addNoMemory(prior));
    addDecision(head);
    Map<String, String> all = new TreeMap<>(metadata);
    all.putAll(features);
    return ModelWriter.model(body.model().getOpsetImportList(), graph, Set.of(), all);
  }

  /** A mask that leaves no pixel out: [1, H, W]. */
  private OnnxValue ones(ValueInfoProto mask) {
    float[] ones = new float[input.height() * input.width()];
    Arrays.fill(ones, 1);
    OnnxValue floats = ops.constant(ones, 1, input.height(), input.width());
    return cast(floats, mask.getType().getTensorType().getElemType());
  }

  private OnnxValue cast(OnnxValue x, int type) {
    return graph.node("Cast", List.of(x), List.of(attribute("to", type)), x.shape());
  }

  /** Takes the foreign nodes over; those behind the last layer read the logits with memory. */
  private Optional<HeadOutput<OnnxValue>> graftNodes(Prior<OnnxValue> prior) {
    Set<NodeProto> after =
        classifier
            .map(c -> new OnnxGraph(body.graph()).downstream(c.layer().logits()))
            .orElse(Set.of());
    for (NodeProto node : body.graph().getNodeList()) {
      if (!after.contains(node)) {
        graph.add(graft.node(node));
      }
    }
    Optional<HeadOutput<OnnxValue>> head = classifier.map(c -> classify(c, prior));
    for (NodeProto node : body.graph().getNodeList()) {
      if (after.contains(node)) {
        graph.add(graft.node(node));
      }
    }
    return head;
  }

  private HeadOutput<OnnxValue> classify(PixelClassifier c, Prior<OnnxValue> prior) {
    LastLayer layer = c.layer();
    boolean rows = layer.parts().get(0).rows();
    List<OnnxValue> parts = new ArrayList<>();
    for (LastLayer.Part part : layer.parts()) {
      parts.add(flat(part.features(), part.depth(), rows)); // [B, D, N]
    }
    OnnxValue map = parts.size() == 1 ? parts.get(0) : ops.concat(1, parts);
    describe(map);
    OnnxValue own = flat(layer.logits(), body.logits().classes(), rows); // [B, K, N]
    HeadOutput<OnnxValue> head = c.classify(ops, map, own, prior);
    long[] shape = body.shape(layer.logits());
    OnnxValue placed = rows ? ops.transpose(head.logits(), 0, 2, 1) : head.logits();
    if (shape.length > 2 || !rows) {
      shape[0] = -1;
    } else {
      shape = new long[] {-1, body.logits().classes()}; // all pixels of the batch in one axis
    }
    graft.replace(layer.logits(), foreign(ops.reshape(placed, shape), layer.logits()));
    return head;
  }

  /** Keeps where the features are, [B, D, N], where N pixels make a map of the picture's form. */
  private void describe(OnnxValue map) {
    long pixels = map.shape()[2];
    int rows = (int) Math.round(Math.sqrt((double) pixels * input.height() / input.width()));
    if (rows > 0 && pixels % rows == 0) {
      features.putAll(FrozenFeatures.metadata(map, rows, (int) (pixels / rows)));
    }
  }

  /** A foreign tensor of n numbers per pixel as [B, n, N]. */
  private OnnxValue flat(String tensor, int numbers, boolean rows) {
    OnnxValue foreign = single(tensor);
    long count = 1;
    for (long length : body.shape(tensor)) {
      count *= length;
    }
    return rows
        ? ops.transpose(ops.reshape(foreign, -1, count / numbers, numbers), 0, 2, 1)
        : ops.reshape(foreign, -1, numbers, count / numbers);
  }

  /** A foreign tensor in 32-bit floats. */
  private OnnxValue single(String tensor) {
    long[] shape = body.shape(tensor);
    shape[0] = -1;
    OnnxValue foreign = new OnnxValue(graft.name(tensor), shape);
    return body.type(tensor) == OnnxJavaType.FLOAT ? foreign : ops.floats(foreign);
  }

  /** Logits of ours as the foreign graph takes them. */
  private OnnxValue foreign(OnnxValue ours, String tensor) {
    return switch (body.type(tensor)) {
      case FLOAT16 -> cast(ours, DataType.FLOAT16.getNumber());
      case DOUBLE -> cast(ours, DataType.DOUBLE.getNumber());
      default -> ours;
    };
  }

  private void addMemory(HeadOutput<OnnxValue> head, OnnxValue trust) {
    graph.output(ContractTensors.PROTOTYPES, DataType.FLOAT, head.prototypes());
    graph.output(ContractTensors.EVIDENCE, DataType.FLOAT, head.evidence());
    graph.output(
        ContractTensors.AGREEMENT, DataType.FLOAT, new PriorAgreement(graph, ops).of(head, trust));
  }

  private void addNoMemory(Prior<OnnxValue> prior) {
    OnnxValue none = ops.multiply(prior.trust(), ops.constant(0f)); // [B, K]
    graph.output(
        ContractTensors.PROTOTYPES, DataType.FLOAT, ops.multiply(prior.bank(), ops.constant(0f)));
    graph.output(ContractTensors.EVIDENCE, DataType.FLOAT, none);
    graph.output(ContractTensors.AGREEMENT, DataType.FLOAT, ops.reshape(ops.mean(none, 1), -1));
  }

  private void addDecision(Optional<HeadOutput<OnnxValue>> head) {
    if (body.logits().kind() == ClassLogits.Kind.LABELS) {
      OnnxValue pixels = outputs.addLabels(nearest(pixelMap()));
      List<OnnxValue> both = List.of(pixels, ops.constant(1f));
      graph.output(
          ContractTensors.CONFIDENCE,
          DataType.FLOAT,
          graph.node("Min", both, List.of(), pixels.shape()));
      return;
    }
    OnnxValue map = shifted(map());
    boolean full = map.shape()[2] == input.height() && map.shape()[3] == input.width();
    OnnxValue coarse = full ? body.coarse().map(this::single).map(this::shifted).orElse(map) : map;
    long[] size = coarse.shape();
    if (!body.logits().areShares()
        && ContractOutputs.isAtStride(size[2], size[3], input.height(), input.width())) {
      graph.output(ContractTensors.LOGITS, DataType.FLOAT, coarse);
    }
    outputs.addLabels(ops.argMax(outputs.resized(map, input.height(), input.width())));
    OnnxValue logits = head.map(HeadOutput::logits).map(this::shifted).orElseGet(() -> sample(map));
    graph.output(ContractTensors.CONFIDENCE, DataType.FLOAT, outputs.confidence(logits));
  }

  /** One number per pixel of the foreign graph: [B, 1, h, w]. */
  private OnnxValue pixelMap() {
    int[] size = body.logits().size();
    return ops.reshape(single(body.logits().tensor()), -1, 1, size[0], size[1]);
  }

  /** Class ids [B, 1, h, w] at the size of the image, each from its nearest: [B, H, W]. */
  private OnnxValue nearest(OnnxValue ids) {
    int[] size = body.logits().size();
    OnnxValue rows = picked(ids, 2, LabelAgreement.nearest(input.height(), size[0]));
    OnnxValue all = picked(rows, 3, LabelAgreement.nearest(input.width(), size[1]));
    return ops.reshape(all, -1, input.height(), input.width());
  }

  /** These indices of an axis; all of them as they are where it is long enough. */
  private OnnxValue picked(OnnxValue x, int axis, long[] indices) {
    if (x.shape()[axis] == indices.length) {
      return x;
    }
    long[] shape = x.shape().clone();
    shape[axis] = indices.length;
    List<OnnxValue> inputs = List.of(x, graph.longs(indices));
    return graph.node("Gather", inputs, List.of(attribute("axis", axis)), shape);
  }

  /** Logits with the class offsets: [B, K, ...]. */
  private OnnxValue shifted(OnnxValue logits) {
    if (offsets.isEmpty() || body.logits().areShares()) {
      return logits;
    }
    float[] values = new float[offsets.size()];
    for (int k = 0; k < values.length; k++) {
      values[k] = offsets.get(k).floatValue();
    }
    long[] shape = new long[logits.shape().length];
    Arrays.fill(shape, 1);
    shape[1] = values.length;
    return ops.add(logits, ops.constant(values, shape));
  }

  /** The logits of the foreign graph, or its shares, as [B, K, h, w]. */
  private OnnxValue map() {
    OnnxValue found = single(body.logits().tensor());
    return switch (body.logits().kind()) {
      case LAST_AXIS -> ops.transpose(found, 0, 3, 1, 2);
      case BINARY -> {
        OnnxValue second = ops.multiply(pixelMap(), ops.constant(0.5f));
        yield ops.concat(1, List.of(ops.multiply(second, ops.constant(-1f)), second));
      }
      case BINARY_PROBABILITY -> {
        OnnxValue second = pixelMap();
        OnnxValue first = ops.add(ops.multiply(second, ops.constant(-1f)), ops.constant(1f));
        yield ops.concat(1, List.of(first, second));
      }
      case QUERIES -> ofQueries(found, single(body.logits().tensors().get(1)));
      default -> found;
    };
  }

  /** Share of each class at each pixel, over the queries: [B, Q, K + 1] and [B, Q, h, w]. */
  private OnnxValue ofQueries(OnnxValue classes, OnnxValue masks) {
    int count = body.logits().classes();
    long[] size = masks.shape();
    OnnxValue named = ops.slice(ops.softmax(classes, 2), 2, 0, count); // [B, Q, K]
    OnnxValue inside = graph.node("Sigmoid", List.of(masks), List.of(), size);
    OnnxValue rows = ops.reshape(inside, -1, size[1], size[2] * size[3]); // [B, Q, N]
    OnnxValue shares = ops.matmul(ops.transpose(named, 0, 2, 1), rows); // [B, K, N]
    return ops.reshape(shares, -1, count, size[2], size[3]);
  }

  /** Logits [B, K, N] for the confidence: of a large map, every fourth row and column. */
  private OnnxValue sample(OnnxValue map) {
    long[] size = map.shape();
    OnnxValue part = map;
    if (size[2] * CONFIDENCE_STRIDE > input.height()) {
      part = ops.everyNth(ops.everyNth(map, 2, CONFIDENCE_STRIDE), 3, CONFIDENCE_STRIDE);
    }
    long pixels = part.shape()[2] * part.shape()[3];
    OnnxValue logits = ops.reshape(part, -1, body.logits().classes(), pixels);
    return body.logits().areShares() ? ops.log(ops.add(logits, ops.constant(LEAST_SHARE))) : logits;
  }
}
