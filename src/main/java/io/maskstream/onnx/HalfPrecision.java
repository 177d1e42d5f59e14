package io.maskstream.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.maskstream.onnx.format.AttributeProto;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model in mixed precision for engines whose networks are strongly typed: convolutions and what
 * stands between two of them in float16; sums, norms, soft-max and all that the head does with them
 * in float32. Inputs and outputs keep their types.
 */
public final class HalfPrecision {
  private static final int FLOAT = TensorProto.DataType.FLOAT.getNumber();
  private static final int HALF = TensorProto.DataType.FLOAT16.getNumber();

  /** Operators that pass float16 on where their first input is float16. */
  private static final Set<String> FOLLOWERS = Set.of("Relu", "Clip", "Resize");

  private final GraphProto source;
  private final GraphProto.Builder result;
  private final Map<String, TensorProto> constants = new LinkedHashMap<>();
  private final Set<String> half = new HashSet<>();
  private final Map<String, String> casts = new HashMap<>();
  private final Set<String> halfConstants = new HashSet<>();

  private HalfPrecision(GraphProto source) {
    this.source = source;
    this.result = source.toBuilder().clearNode();
    source.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
  }

  /** Converts a serialised model that {@link ModelWriter} wrote. */
  public static byte[] convert(byte[] model) throws InvalidProtocolBufferException {
    ModelProto parsed = ModelProto.parseFrom(model);
    return parsed.toBuilder()
        .setGraph(new HalfPrecision(parsed.getGraph()).converted())
        .build()
        .toByteArray();
  }

  private GraphProto converted() {
    for (NodeProto node : source.getNodeList()) {
      boolean both =
          node.getOpType().equals("Add") && node.getInputList().stream().allMatch(half::contains);
      boolean follows = FOLLOWERS.contains(node.getOpType()) && half.contains(node.getInput(0));
      if (node.getOpType().equals("Conv") || both || follows) {
        result.addNode(inHalf(node));
        half.add(node.getOutput(0));
      } else if (node.getOpType().equals("Shape")) {
        result.addNode(node); // of either type
      } else {
        result.addNode(inSingle(node));
      }
    }
    return dropUnused().build();
  }

  private NodeProto inHalf(NodeProto node) {
    List<String> inputs = new ArrayList<>();
    boolean resize = node.getOpType().equals("Resize");
    for (int i = 0; i < node.getInputCount(); i++) {
      String input = node.getInput(i);
      boolean other = input.isEmpty() || (resize && i > 0); // sizes are integers
      inputs.add(other ? input : toHalf(input));
    }
    return node.toBuilder().clearInput().addAllInput(inputs).build();
  }

  private NodeProto inSingle(NodeProto node) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.getInputList()) {
      inputs.add(half.contains(input) ? cast(input, FLOAT) : input);
    }
    return node.toBuilder().clearInput().addAllInput(inputs).build();
  }

  private String toHalf(String name) {
    if (half.contains(name)) {
      return name;
    }
    TensorProto constant = constants.get(name);
    if (constant == null) {
      return cast(name, HALF);
    }
    String halfName = name + "/half";
    if (halfConstants.add(halfName)) {
      result.addInitializer(halved(constant, halfName));
    }
    return halfName;
  }

  private String cast(String name, int type) {
    String key = name + (type == HALF ? "/half" : "/single");
    String known = casts.get(key);
    if (known != null) {
      return known;
    }
    AttributeProto to = GraphBuilder.attribute("to", type);
    result.addNode(
        NodeProto.newBuilder()
            .setOpType("Cast")
            .setName("Cast_" + key)
            .addInput(name)
            .addOutput(key)
            .addAttribute(to));
    casts.put(key, key);
    return key;
  }

  private static TensorProto halved(TensorProto constant, String name) {
    ByteBuffer single = constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer halves = ByteBuffer.allocate(single.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
    while (single.hasRemaining()) {
      halves.putShort(toHalf(single.getFloat()));
    }
    return constant.toBuilder()
        .setName(name)
        .setDataType(HALF)
        .setRawData(ByteString.copyFrom(halves.rewind()))
        .build();
  }

  /**
   * IEEE 754 half precision, rounded to nearest even; too large becomes infinite, too small zero or
   * subnormal. (Java has this from version 20 on.)
   */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7FFFFFFF;
    if (magnitude >= 0x47800000) { // 65536 and above, infinities, not-a-numbers
      return (short) (magnitude > 0x7F800000 ? sign | 0x7E00 : sign | 0x7C00);
    }
    if (magnitude < 0x38800000) { // below 2^-14: subnormal
      int shift = 126 - (magnitude >>> 23);
      if (shift > 24) {
        return (short) sign;
      }
      int mantissa = (magnitude & 0x7FFFFF) | 0x800000;
      return (short) (sign | rounded(mantissa, shift));
    }
    return (short) (sign | rounded(magnitude - 0x38000000, 13));
  }

  /** The value of an IEEE 754 half. */
  static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >>> 10 & 0x1F;
    int mantissa = half & 0x3FF;
    if (exponent == 0) { // zero or subnormal: mantissa times 2^-24
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int bits = exponent == 0x1F ? 0x7F800000 : (exponent + 112) << 23;
    return Float.intBitsToFloat(sign | bits | (mantissa << 13));
  }

  /** Shifts to the right and rounds to nearest, ties to even. */
  private static int rounded(int value, int shift) {
    int down = value >>> shift;
    int rest = value & (1 << shift) - 1;
    int middle = 1 << (shift - 1);
    boolean up = rest > middle || (rest == middle && (down & 1) == 1);
    return up ? down + 1 : down;
  }

  /** Leaves out constants that only had readers in float32. */
  private GraphProto.Builder dropUnused() {
    Set<String> used = new HashSet<>();
    result.getNodeList().forEach(node -> used.addAll(node.getInputList()));
    List<TensorProto> kept =
        result.getInitializerList().stream()
            .filter(tensor -> used.contains(tensor.getName()))
            .toList();
    return result.clearInitializer().addAllInitializer(kept);
  }
}
