package io.maskstream.onnx;

import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.ValueInfoProto;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Inputs of a contract graph for one picture and a cold camera. */
final class ContractInputs {

  private ContractInputs() {}

  /**
   * The picture, and zeros for what a camera remembers.
   *
   * @param picture of the graph's size, H·W·3
   */
  static Map<String, GraphRun.Value> of(ModelProto model, byte[] picture) throws GraphException {
    Map<String, GraphRun.Value> inputs = new TreeMap<>();
    for (ValueInfoProto input : new OnnxGraph(model.getGraph()).inputs()) {
      long[] shape = PictureInput.shape(input);
      shape[0] = 1;
      long count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      if (count < 1) {
        throw new GraphException(
            "the input %s of a contract graph has no fixed shape".formatted(input.getName()));
      }
      float[] values = new float[(int) count];
      if (input.getName().equals(ContractTensors.IMAGE)) {
        for (int i = 0; i < values.length; i++) {
          values[i] = picture[i] & 0xFF;
        }
      }
      inputs.put(input.getName(), new GraphRun.Value(shape, values));
    }
    return inputs;
  }

  /** Rows and columns of the picture that a contract graph takes. */
  static int[] size(ModelProto model) throws GraphException {
    for (ValueInfoProto input : model.getGraph().getInputList()) {
      if (input.getName().equals(ContractTensors.IMAGE)) {
        long[] shape = PictureInput.shape(input);
        return new int[] {(int) shape[1], (int) shape[2]};
      }
    }
    throw new GraphException("the graph has no input 'image': it does not meet the contract");
  }
}
