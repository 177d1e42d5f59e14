package io.maskstream.app.model;

import com.google.protobuf.ByteString;
import io.maskstream.onnx.format.GraphProto;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Graphs whose last convolution reads features times a factor, and divides by it. */
final class LargeFeatures {

  private LargeFeatures() {}

  static ModelProto of(ModelProto model, float factor) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    NodeProto last =
        model.getGraph().getNodeList().stream()
            .filter(node -> node.getOpType().equals("Conv"))
            .reduce((before, after) -> after)
            .orElseThrow();
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.equals(last)) {
        graph.addNodeBuilder().setOpType("Mul").addInput(node.getInput(0)).addInput("factor");
        graph.getNodeBuilder(graph.getNodeCount() - 1).addOutput("large");
      }
      graph.addNode(node.equals(last) ? node.toBuilder().setInput(0, "large").build() : node);
    }
    graph.addInitializer(floats(TensorProto.newBuilder().setName("factor"), new float[] {factor}));
    for (TensorProto.Builder weight : graph.getInitializerBuilderList()) {
      if (weight.getName().equals(last.getInput(1))) {
        var values = weight.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] small = new float[values.remaining() / Float.BYTES];
        values.asFloatBuffer().get(small);
        for (int i = 0; i < small.length; i++) {
          small[i] /= factor;
        }
        floats(weight, small);
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static TensorProto.Builder floats(TensorProto.Builder tensor, float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return tensor
        .setDataType(TensorProto.DataType.FLOAT.getNumber())
        .setRawData(ByteString.copyFrom(bytes));
  }
}
