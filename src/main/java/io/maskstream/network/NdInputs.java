package io.maskstream.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Plain values as the DJL arrays that a forward pass over {@link NdOps} takes. */
public final class NdInputs {

  private NdInputs() {}

  /**
   * Pictures, normalised.
   *
   * @param rgb B·H·W·3 bytes
   * @return [B, 3, H, W]
   */
  public static NDArray images(NDManager manager, byte[] rgb, int batch, int height, int width) {
    return manager
        .create(ByteBuffer.wrap(rgb), new Shape(batch, height, width, 3), DataType.UINT8)
        .toType(DataType.FLOAT32, false)
        .sub(Backbone.PIXEL_MEAN)
        .div(Backbone.PIXEL_SCALE)
        .transpose(0, 3, 1, 2);
  }

  /** Parameters by name. */
  public static Map<String, NDArray> parameters(NDManager manager, Parameters parameters) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    parameters
        .values()
        .forEach(
            (name, value) ->
                arrays.put(name, manager.create(value.data(), new Shape(value.shape()))));
    return arrays;
  }

  /** The prior of pictures of which nothing is remembered: zeros, without trust. */
  public static Prior<NDArray> cold(NDManager manager, SegmentationNetwork network, long pictures) {
    int prototypes = network.prototypes();
    return new Prior<>(
        manager.zeros(new Shape(pictures, prototypes, network.config().features())),
        manager.zeros(new Shape(pictures, prototypes)));
  }
}
