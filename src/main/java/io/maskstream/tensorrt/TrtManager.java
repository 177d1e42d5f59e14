package io.maskstream.tensorrt;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** Owner of arrays; new ones lie on the host until a model takes them. */
class TrtManager extends BaseNDManager {
  private static final class Root extends TrtManager implements NDManager.SystemNDManager {
    Root() {
      super(null, Device.gpu());
    }

    @Override
    public void close() {
      // lives as long as the engine
    }
  }

  TrtManager(@Nullable NDManager parent, Device device) {
    super(parent, device);
  }

  static TrtManager root() {
    return new Root();
  }

  @Override
  public ByteBuffer allocateDirect(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
  }

  @Override
  public NDArray from(NDArray array) {
    if (array == null || array instanceof TrtArray) {
      return array;
    }
    NDArray copy = create(array.toByteBuffer(), array.getShape(), array.getDataType());
    copy.setName(array.getName());
    return copy;
  }

  @Override
  public NDArray create(Buffer data, Shape shape, DataType type) {
    ByteBuffer bytes = allocateDirect(Math.toIntExact(shape.size() * type.getNumOfBytes()));
    copyBuffer(data, bytes);
    return adopt(TrtArray.onHost(this, bytes, shape, type));
  }

  @Override
  public NDArray zeros(Shape shape, DataType type) {
    ByteBuffer bytes = allocateDirect(Math.toIntExact(shape.size() * type.getNumOfBytes()));
    return adopt(TrtArray.onHost(this, bytes, shape, type));
  }

  TrtArray adopt(TrtArray array) {
    attachInternal(array.getUid(), array);
    return array;
  }

  @Override
  public NDManager newSubManager(Device device) {
    TrtManager manager = new TrtManager(this, device);
    attachInternal(manager.uid, manager);
    return manager;
  }

  /** DJL's registry knows it; the super class asks before a field of ours could be set. */
  @Override
  public Engine getEngine() {
    return Engine.getEngine(TrtEngine.NAME);
  }
}
