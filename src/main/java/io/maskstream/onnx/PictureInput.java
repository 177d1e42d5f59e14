package io.maskstream.onnx;

import static io.maskstream.onnx.GraphBuilder.attribute;

import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import io.maskstream.onnx.format.TensorShapeProto;
import io.maskstream.onnx.format.TypeProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The input of a foreign graph that takes the picture.
 *
 * @param name of the input
 * @param type float, half or bytes
 * @param planes whether channels come before rows and columns: [B, 3, H, W], else [B, H, W, 3]
 * @param batch pictures per pass that the graph is declared for; 0 where it takes any number
 * @param height of the picture, pixels
 * @param width of the picture, pixels
 * @param masks other inputs, which say which pixels of the batch are picture: [B, H, W], all 1
 * @param scale of the pixels; bytes are taken as they are
 */
record PictureInput(
    String name,
    DataType type,
    boolean planes,
    int batch,
    int height,
    int width,
    List<ValueInfoProto> masks,
    PixelScale scale) {

  private static final int CHANNELS = 3;
  private static final String BATCH = "batch";

  /** The picture's input; its size where it is free is that of the settings. */
  static PictureInput of(OnnxGraph graph, ForeignModel.Settings settings) throws GraphException {
    List<ValueInfoProto> pictures = graph.inputs().stream().filter(i -> rank(i) == 4).toList();
    List<ValueInfoProto> others = graph.inputs().stream().filter(i -> rank(i) != 4).toList();
    if (pictures.size() != 1) {
      throw new GraphException(
          "one input must take a picture, [B, 3, H, W] or [B, H, W, 3]; the graph takes "
              + describe(graph.inputs()));
    }
    for (ValueInfoProto other : others) {
      if (rank(other) != 3 || !other.getName().contains("mask")) {
        throw new GraphException(
            "the graph needs %s beside the picture, and nothing is known that would fit"
                .formatted(describe(List.of(other))));
      }
    }
    ValueInfoProto input = pictures.get(0);
    long[] shape = shape(input);
    boolean planes = planes(input, settings);
    int rows = planes ? 2 : 1;
    return new PictureInput(
        input.getName(),
        type(input),
        planes,
        (int) Math.max(0, shape[0]),
        side("height", shape[rows], settings.height()),
        side("width", shape[rows + 1], settings.width()),
        others,
        settings.scale());
  }

  private static boolean planes(ValueInfoProto input, ForeignModel.Settings settings)
      throws GraphException {
    long[] shape = shape(input);
    boolean planes =
        settings
            .layout()
            .map(layout -> layout == ForeignModel.Layout.NCHW)
            .orElse(shape[3] != CHANNELS);
    long channels = shape[planes ? 1 : 3];
    if (channels != CHANNELS && channels > 0) {
      throw new GraphException(
          "the input must take 3 channels, the graph takes " + describe(List.of(input)));
    }
    if (channels <= 0 && settings.layout().isEmpty()) {
      throw new GraphException(
          "the input %s does not say where its channels are; say so with --layout nchw or nhwc"
              .formatted(describe(List.of(input))));
    }
    return planes;
  }

  private static DataType type(ValueInfoProto input) throws GraphException {
    DataType type = DataType.forNumber(input.getType().getTensorType().getElemType());
    if (type != DataType.FLOAT && type != DataType.FLOAT16 && type != DataType.UINT8) {
      throw new GraphException(
          "the input must be float32, float16 or uint8, is " + describe(List.of(input)));
    }
    return type;
  }

  private static int side(String side, long declared, int wanted) throws GraphException {
    if (declared <= 0 && wanted == 0) {
      throw new GraphException(
          "the graph takes pictures of any %s; choose one with --input-size WIDTHxHEIGHT"
              .formatted(side));
    }
    if (declared > 0 && wanted > 0 && declared != wanted) {
      throw new GraphException(
          "the graph takes pictures of %s %d only, --input-size says %d; export it for that size"
              .formatted(side, declared, wanted));
    }
    return (int) (declared > 0 ? declared : wanted);
  }

  private static int rank(ValueInfoProto value) {
    return value.getType().getTensorType().getShape().getDimCount();
  }

  /** Declared lengths of the axes, -1 where they are free. */
  static long[] shape(ValueInfoProto value) {
    return value.getType().getTensorType().getShape().getDimList().stream()
        .mapToLong(dim -> dim.getDimValue() > 0 ? dim.getDimValue() : -1)
        .toArray();
  }

  /** Names, types and shapes for a message. */
  static String describe(List<ValueInfoProto> values) {
    List<String> texts = new ArrayList<>();
    for (ValueInfoProto value : values) {
      DataType type = DataType.forNumber(value.getType().getTensorType().getElemType());
      List<String> lengths = new ArrayList<>();
      for (long length : shape(value)) {
        lengths.add(length < 0 ? "?" : Long.toString(length));
      }
      texts.add("%s %s [%s]".formatted(value.getName(), type, String.join(", ", lengths)));
    }
    return texts.isEmpty() ? "nothing" : String.join("; ", texts);
  }

  /** The model with this size declared, and a batch; 0 for any number of pictures. */
  ModelProto declared(ModelProto model, int pictures) {
    ModelProto.Builder result = model.toBuilder();
    for (ValueInfoProto.Builder input : result.getGraphBuilder().getInputBuilderList()) {
      boolean mask = masks.stream().anyMatch(m -> m.getName().equals(input.getName()));
      if (input.getName().equals(name) || mask) {
        TypeProto.Tensor.Builder tensor = input.getTypeBuilder().getTensorTypeBuilder();
        tensor.setShape(shape(pictures, mask));
      }
    }
    return result.build();
  }

  private TensorShapeProto shape(int pictures, boolean mask) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    if (pictures > 0) {
      dims.addDimBuilder().setDimValue(pictures);
    } else {
      dims.addDimBuilder().setDimParam(BATCH);
    }
    for (long length : mask ? new long[] {height, width} : lengths()) {
      dims.addDimBuilder().setDimValue(length);
    }
    return dims.build();
  }

  private long[] lengths() {
    return planes ? new long[] {CHANNELS, height, width} : new long[] {height, width, CHANNELS};
  }

  /** Inputs for pictures of H·W·3 bytes, RGB. */
  Map<String, GraphRun.Value> values(List<byte[]> pictures) {
    int count = pictures.size();
    float[] values = new float[count * height * width * CHANNELS];
    for (int b = 0; b < count; b++) {
      for (int c = 0; c < CHANNELS; c++) {
        copy(pictures.get(b), b, c, values);
      }
    }
    Map<String, GraphRun.Value> inputs = new TreeMap<>();
    long[] l = lengths();
    inputs.put(name, new GraphRun.Value(new long[] {count, l[0], l[1], l[2]}, values));
    for (ValueInfoProto mask : masks) {
      float[] ones = new float[count * height * width];
      Arrays.fill(ones, 1);
      inputs.put(mask.getName(), new GraphRun.Value(new long[] {count, height, width}, ones));
    }
    return inputs;
  }

  /** One channel of a picture. */
  private void copy(byte[] rgb, int picture, int channel, float[] values) {
    int pixels = height * width;
    float factor = type == DataType.UINT8 ? 1 : scale.factors()[channel];
    float offset = type == DataType.UINT8 ? 0 : scale.offsets()[channel];
    int step = planes ? 1 : CHANNELS;
    int at =
        planes ? (picture * CHANNELS + channel) * pixels : picture * pixels * CHANNELS + channel;
    for (int n = 0; n < pixels; n++) {
      int value = rgb[CHANNELS * n + scale.channel(channel)] & 0xFF;
      values[at + n * step] = value * factor + offset;
    }
  }

  /** What the graph takes, made from bytes [B, H, W, 3]. */
  OnnxValue from(GraphBuilder graph, OnnxOps ops, OnnxValue image) {
    if (type == DataType.UINT8) {
      OnnxValue ordered = ordered(graph, image);
      return planes ? ops.transpose(ordered, 0, 3, 1, 2) : ordered;
    }
    OnnxValue floats = ordered(graph, ops.floats(image));
    OnnxValue placed = planes ? ops.transpose(floats, 0, 3, 1, 2) : floats;
    long[] perChannel = planes ? new long[] {1, CHANNELS, 1, 1} : new long[] {1, 1, 1, CHANNELS};
    OnnxValue scaled = ops.multiply(placed, ops.constant(scale.factors(), perChannel));
    OnnxValue result = ops.add(scaled, ops.constant(scale.offsets(), perChannel));
    if (type == DataType.FLOAT16) {
      return graph.node(
          "Cast", List.of(result), List.of(attribute("to", type.getNumber())), result.shape());
    }
    return result;
  }

  /** Channels in the order of the network: [B, H, W, 3]. */
  private OnnxValue ordered(GraphBuilder graph, OnnxValue image) {
    if (!scale.bgr()) {
      return image;
    }
    List<OnnxValue> inputs = List.of(image, graph.longs(2, 1, 0));
    return graph.node("Gather", inputs, List.of(attribute("axis", 3)), image.shape());
  }
}
