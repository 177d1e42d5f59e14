package io.maskstream.tensorrt;

import ai.djl.engine.EngineException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.bytedeco.cuda.cudart.cudaHostFn_t;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * TensorRT objects that are deleted, newest first, when this is closed.
 *
 * <p>The presets give TensorRT's objects no deallocator (javacpp-presets issue 1699). Classes
 * derived from INoCopy declare a virtual destructor first; under the Itanium C++ ABI slot 1 of
 * their vtable is the deleting destructor, which is called here through the presets' wrapper of a
 * plain function.
 */
final class NativeObjects implements AutoCloseable {

  /** Addresses below this are TensorRT's way of saying that a call failed. */
  private static final int LOWEST_ADDRESS_BITS = 16;

  private final Deque<Pointer> objects = new ArrayDeque<>();
  private final TrtLogger logger;

  NativeObjects(TrtLogger logger) {
    this.logger = logger;
  }

  private static final class Address extends Pointer {
    Address(long value) {
      this.address = value;
    }
  }

  /** Takes an object over, or throws where it is none. */
  <P extends Pointer> P own(@Nullable P object, String what) {
    P real = require(object, what, logger);
    objects.push(real);
    return real;
  }

  /** The object, or an exception with TensorRT's last message where it is none. */
  static <P extends Pointer> P require(@Nullable P object, String what, TrtLogger logger) {
    if (!isReal(object)) {
      throw new EngineException(what + " failed: " + logger.lastError());
    }
    return Objects.requireNonNull(object);
  }

  /** Whether a call gave an object: TensorRT answers a failure with null or a small address. */
  static boolean isReal(@Nullable Pointer object) {
    return object != null && object.address() >>> LOWEST_ADDRESS_BITS != 0;
  }

  @Override
  public void close() {
    while (!objects.isEmpty()) {
      Pointer object = objects.pop();
      long table = new LongPointer(object).get(0);
      new cudaHostFn_t(new Address(table + Long.BYTES)).call(object);
      object.setNull();
    }
  }
}
