package io.maskstream.onnx;

import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import io.maskstream.onnx.format.TensorProto.DataType;
import java.util.Optional;

/**
 * A tensor that holds the bytes of the picture in another scale: scale · (byte - zero), the same
 * for all channels. Then the bytes are its quantized form, without any rounding.
 *
 * @param input name of the picture, uint8
 * @param transpose the one change of the order of its axes, where there is one
 */
record PictureBytes(String input, Optional<NodeProto> transpose, float scale, int zero) {

  /** How far a zero may be from a whole number. */
  private static final double WHOLE = 1e-3;

  private static final int LARGEST = 255;

  /** Finds the picture behind a tensor; empty where its bytes are not scaled alike. */
  static Optional<PictureBytes> of(OnnxGraph graph, String tensor) throws GraphException {
    double scale = 1; // the tensor is scale · current + offset
    double offset = 0;
    Optional<NodeProto> transpose = Optional.empty();
    String current = tensor;
    Optional<NodeProto> producer = graph.producer(current);
    while (producer.isPresent()) {
      NodeProto node = producer.get();
      switch (node.getOpType()) {
        case "Cast", "Identity" -> {}
        case "Transpose" -> {
          if (transpose.isPresent()) {
            return Optional.empty();
          }
          transpose = Optional.of(node);
        }
        case "Mul", "Div", "Add", "Sub" -> {
          Optional<Double> number = number(graph, node);
          if (number.isEmpty()) {
            return Optional.empty();
          }
          switch (node.getOpType()) {
            case "Mul" -> scale *= number.get();
            case "Div" -> scale /= number.get();
            case "Add" -> offset += scale * number.get();
            default -> offset -= scale * number.get();
          }
        }
        default -> {
          return Optional.empty();
        }
      }
      current = node.getInput(0);
      producer = graph.producer(current);
    }
    double zero = -offset / scale;
    boolean whole = zero >= 0 && zero <= LARGEST && Math.abs(zero - Math.rint(zero)) < WHOLE;
    return isPicture(graph, current) && scale > 0 && whole
        ? Optional.of(new PictureBytes(current, transpose, (float) scale, (int) Math.rint(zero)))
        : Optional.empty();
  }

  private static boolean isPicture(OnnxGraph graph, String tensor) {
    return graph.inputs().stream()
        .filter(input -> input.getName().equals(tensor))
        .anyMatch(
            input -> input.getType().getTensorType().getElemType() == DataType.UINT8.getNumber());
  }

  /** The one number that a node takes beside its first input. */
  private static Optional<Double> number(OnnxGraph graph, NodeProto node) throws GraphException {
    Optional<TensorProto> constant =
        node.getInputCount() == 2 ? graph.constant(node.getInput(1)) : Optional.empty();
    boolean single =
        constant.isPresent()
            && Tensors.count(constant.get()) == 1
            && constant.get().getDataType() == DataType.FLOAT.getNumber();
    return single ? Optional.of((double) Tensors.floats(constant.get())[0]) : Optional.empty();
  }
}
