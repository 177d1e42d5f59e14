package io.maskstream.app;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.maskstream.frame.Picture;
import io.maskstream.network.Backbone;
import java.nio.ByteBuffer;

/** Pictures as a network takes them. */
final class NetworkInput {

  private NetworkInput() {}

  /** [1, 3, H, W]. */
  static NDArray of(NDManager manager, Picture picture) {
    Shape shape = new Shape(1, picture.height(), picture.width(), 3);
    return manager
        .create(ByteBuffer.wrap(picture.rgb()), shape, DataType.UINT8)
        .toType(DataType.FLOAT32, false)
        .sub(Backbone.PIXEL_MEAN)
        .div(Backbone.PIXEL_SCALE)
        .transpose(0, 3, 1, 2);
  }
}
