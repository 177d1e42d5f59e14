package io.maskstream.tensorrt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Numbers on the host, on a device, or both. A model's output lies on the device; it goes into the
 * next forward pass of the same model without a copy to the host, which is only made when read.
 */
final class TrtArray extends NDArrayAdapter {
  private final long bytes;
  private @Nullable ByteBuffer host;
  private @Nullable Pointer device;
  private @Nullable StreamBuffers buffers;

  private TrtArray(NDManager manager, Shape shape, DataType type) {
    super(manager, null, shape, type, NDManager.nextUid());
    this.bytes = shape.size() * type.getNumOfBytes();
  }

  static TrtArray onHost(NDManager manager, ByteBuffer data, Shape shape, DataType type) {
    TrtArray array = new TrtArray(manager, shape, type);
    array.host = data;
    return array;
  }

  /** Takes device memory of the buffers, with whatever is in it. */
  static TrtArray onDevice(NDManager manager, StreamBuffers buffers, Shape shape, DataType type) {
    TrtArray array = new TrtArray(manager, shape, type);
    array.buffers = buffers;
    array.device = buffers.take(array.bytes);
    return array;
  }

  long bytes() {
    return bytes;
  }

  /** Puts the numbers into device memory of buffers, on their stream. */
  void copyTo(StreamBuffers target, Pointer memory) {
    if (device != null && buffers == target) {
      target.copy(device, memory, bytes);
    } else {
      target.upload(hostBytes(), memory);
    }
  }

  /** Device memory of an array that buffers filled. */
  Pointer device() {
    return Objects.requireNonNull(device, "the array is not on a device");
  }

  private ByteBuffer hostBytes() {
    if (host == null) {
      host = Objects.requireNonNull(buffers, "the array is closed").download(device(), bytes);
    }
    return host.duplicate().order(ByteOrder.nativeOrder());
  }

  @Override
  public ByteBuffer toByteBuffer(boolean tryDirect) {
    return hostBytes();
  }

  @Override
  public void intern(NDArray replaced) {
    TrtArray other = (TrtArray) replaced;
    release();
    host = other.host;
    device = other.device;
    buffers = other.buffers;
    other.device = null;
    other.close();
  }

  @Override
  public void detach() {
    manager.detachInternal(getUid());
  }

  @Override
  public void close() {
    if (!isClosed) {
      release();
    }
    super.close();
  }

  private void release() {
    if (device != null && buffers != null) {
      buffers.giveBack(device, bytes);
    }
    device = null;
    host = null;
  }
}
