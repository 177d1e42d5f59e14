package io.maskstream.onnx;

import io.maskstream.onnx.format.ModelProto;
import java.util.Objects;

/** A graph with what is known of it without a pass. */
public final class MeasuredGraph {
  private final ModelProto model;
  private final long parameters;
  private final long multiplyAdds;

  MeasuredGraph(ModelProto model, long parameters, long multiplyAdds) {
    this.model = Objects.requireNonNull(model);
    this.parameters = parameters;
    this.multiplyAdds = multiplyAdds;
  }

  ModelProto model() {
    return model;
  }

  /** Numbers that are learned. */
  public long parameters() {
    return parameters;
  }

  /** Multiplications with an addition, in convolutions and matrix products of one pass. */
  public long multiplyAdds() {
    return multiplyAdds;
  }
}
