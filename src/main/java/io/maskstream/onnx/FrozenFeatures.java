package io.maskstream.onnx;

import io.maskstream.network.FrozenTrunk;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.OperatorSetIdProto;
import io.maskstream.onnx.format.StringStringEntryProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * An adopted network up to the input of its last layer: run by ONNX Runtime while a head is trained
 * on it, and written in front of that head afterwards. Used by one thread.
 */
public final class FrozenFeatures implements FrozenTrunk, AutoCloseable {

  /** Name of the tensor of features, [B, D, N], in a graph's metadata. */
  private static final String TENSOR = "features.tensor";

  /** D, h and w in a graph's metadata. */
  private static final String SHAPE = "features.shape";

  private static final int FINGERPRINT_BYTES = 8;

  private final ModelProto model;
  private final String tensor;
  private final int[] shape; // D, h, w
  private final int batch;
  private final int height;
  private final int width;
  private final GraphRun run;

  private FrozenFeatures(ModelProto model, String tensor, int[] shape, int threads)
      throws GraphException {
    this.model = model;
    this.tensor = tensor;
    this.shape = shape;
    long[] image = PictureInput.shape(model.getGraph().getInput(0));
    this.batch = (int) Math.max(0, image[0]);
    this.height = (int) image[1];
    this.width = (int) image[2];
    this.run = GraphRun.of(model, List.of(), threads);
  }

  /** What a graph's metadata say of its features. */
  static Map<String, String> metadata(OnnxValue features, int rows, int columns) {
    return Map.of(TENSOR, features.name(), SHAPE, features.shape()[1] + " " + rows + " " + columns);
  }

  /**
   * Reads an adopted graph.
   *
   * @param threads of ONNX Runtime
   */
  public static FrozenFeatures read(Path graph, int threads) throws IOException {
    ModelProto whole = OnnxFile.read(graph);
    Map<String, String> metadata = new TreeMap<>();
    for (StringStringEntryProto entry : whole.getMetadataPropsList()) {
      metadata.put(entry.getKey(), entry.getValue());
    }
    String tensor = metadata.get(TENSOR);
    if (tensor == null) {
      throw new GraphException(
          graph
              + " has no features to train on: its last layer has no vectors per class, or it was adopted by an earlier version");
    }
    int[] shape =
        Arrays.stream(Objects.requireNonNull(metadata.get(SHAPE)).split(" "))
            .mapToInt(Integer::parseInt)
            .toArray();
    return new FrozenFeatures(cut(whole, tensor), tensor, shape, threads);
  }

  /** The picture in, the features out, nothing else. */
  private static ModelProto cut(ModelProto whole, String tensor) {
    GraphProto.Builder graph = whole.getGraph().toBuilder().clearOutput().clearInput();
    for (ValueInfoProto input : whole.getGraph().getInputList()) {
      if (input.getName().equals(ContractTensors.IMAGE)) {
        graph.addInput(input);
      }
    }
    graph.addOutput(ValueInfoProto.newBuilder().setName(tensor));
    return whole.toBuilder()
        .clearMetadataProps()
        .setGraph(OnnxGraph.withoutDeadNodes(graph.build(), Set.of()))
        .build();
  }

  @Override
  public String fingerprint() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(model.getGraph().toByteArray());
      return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public int depth() {
    return shape[0];
  }

  @Override
  public int rows() {
    return shape[1];
  }

  @Override
  public int columns() {
    return shape[2];
  }

  /** Width of its pictures. */
  public int width() {
    return width;
  }

  /** Height of its pictures. */
  public int height() {
    return height;
  }

  /** Pictures per pass that it is fixed to, 0 for any number. */
  public int batch() {
    return batch;
  }

  List<OperatorSetIdProto> operatorSets() {
    return model.getOpsetImportList();
  }

  @Override
  public float[] features(byte[] rgb, int pictures) {
    int part = batch == 0 ? pictures : batch;
    int bytes = height * width * 3;
    if (rgb.length != pictures * bytes) {
      throw new IllegalArgumentException(
          "%d pictures of %d×%d have %d bytes, not %d"
              .formatted(pictures, width, height, pictures * bytes, rgb.length));
    }
    float[] features = new float[pictures * shape[0] * shape[1] * shape[2]];
    for (int first = 0; first < pictures; first += part) {
      float[] values = new float[part * bytes];
      for (int i = 0; i < values.length; i++) {
        values[i] = rgb[first * bytes + i] & 0xFF;
      }
      float[] found = pass(new GraphRun.Value(new long[] {part, height, width, 3}, values));
      System.arraycopy(found, 0, features, first * (found.length / part), found.length);
    }
    return features;
  }

  private float[] pass(GraphRun.Value image) {
    try {
      return Objects.requireNonNull(run.run(Map.of(ContractTensors.IMAGE, image)).get(tensor))
          .values();
    } catch (GraphException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Writes the network into a graph of ours: [B, H, W, 3] to [B, D, h, w]. */
  OnnxValue write(GraphBuilder graph, OnnxOps ops, OnnxValue image) {
    Graft graft = new Graft();
    graft.replace(ContractTensors.IMAGE, image);
    model.getGraph().getInitializerList().forEach(value -> graph.add(graft.constant(value)));
    model.getGraph().getNodeList().forEach(node -> graph.add(graft.node(node)));
    long pixels = (long) shape[1] * shape[2];
    OnnxValue rows = new OnnxValue(graft.name(tensor), -1, shape[0], pixels);
    return ops.reshape(rows, -1, shape[0], shape[1], shape[2]);
  }

  @Override
  public void close() {
    run.close();
  }
}
