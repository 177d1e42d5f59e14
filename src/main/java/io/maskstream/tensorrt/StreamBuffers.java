package io.maskstream.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaFreeHost;
import static org.bytedeco.cuda.global.cudart.cudaHostAlloc;
import static org.bytedeco.cuda.global.cudart.cudaHostAllocDefault;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A CUDA stream with the memory that work on it uses: device buffers and pinned host buffers, both
 * reused by size, rounded up. A buffer given back may be taken again at once, because work on one
 * stream is done in order. Safe for several threads; closed once all work is done.
 */
final class StreamBuffers implements AutoCloseable {
  private final int device;
  private final CUstream_st stream = new CUstream_st();
  private final Map<Long, Deque<Pointer>> freeDevice = new HashMap<>();
  private final Map<Long, Deque<BytePointer>> freePinned = new HashMap<>();
  private final Deque<BytePointer> copying = new ArrayDeque<>();
  private final Deque<Pointer> allDevice = new ArrayDeque<>();
  private final Deque<BytePointer> allPinned = new ArrayDeque<>();
  private boolean closed;

  StreamBuffers(int device) {
    this.device = device;
    Cuda.use(device);
    Cuda.check(
        cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  }

  CUstream_st stream() {
    return stream;
  }

  /** Makes the buffers' device the calling thread's. */
  void use() {
    Cuda.use(device);
  }

  /** Device memory until the buffers are closed. */
  synchronized Pointer reserve(long bytes) {
    requireOpen();
    Pointer pointer = new Pointer();
    use();
    Cuda.check(cudaMalloc(pointer, Math.max(1, bytes)), "cudaMalloc of " + bytes + " bytes");
    allDevice.push(pointer);
    return pointer;
  }

  /** Device memory; give it back with {@link #giveBack}. */
  synchronized Pointer take(long bytes) {
    Pointer free = freeDevice.computeIfAbsent(room(bytes), unused -> new ArrayDeque<>()).poll();
    return free == null ? reserve(room(bytes)) : free;
  }

  synchronized void giveBack(Pointer pointer, long bytes) {
    if (!closed) {
      freeDevice.computeIfAbsent(room(bytes), unused -> new ArrayDeque<>()).push(pointer);
    }
  }

  /** The next power of two, so that batches of many sizes share few sizes of buffers. */
  private static long room(long bytes) {
    return bytes <= 1 ? 1 : Long.highestOneBit(bytes - 1) << 1;
  }

  private BytePointer takePinned(long needed) {
    requireOpen();
    long bytes = room(needed);
    Deque<BytePointer> free = freePinned.computeIfAbsent(bytes, unused -> new ArrayDeque<>());
    BytePointer pointer = free.poll();
    if (pointer == null) {
      pointer = new BytePointer((Pointer) null);
      use();
      Cuda.check(cudaHostAlloc(pointer, bytes, cudaHostAllocDefault), "cudaHostAlloc");
      pointer.capacity(bytes);
      allPinned.push(pointer);
    }
    return pointer;
  }

  /**
   * Copies to the device through pinned memory without waiting; the source may change at once, its
   * pinned copy is used again after the next wait.
   */
  synchronized void upload(ByteBuffer source, Pointer target) {
    long bytes = source.remaining();
    BytePointer staging = takePinned(bytes);
    staging.asByteBuffer().put(source.duplicate());
    Cuda.check(cudaMemcpyAsync(target, staging, bytes, cudaMemcpyHostToDevice, stream), "upload");
    copying.push(staging);
  }

  /** Copies within the device. */
  synchronized void copy(Pointer source, Pointer target, long bytes) {
    requireOpen();
    Cuda.check(
        cudaMemcpyAsync(target, source, bytes, cudaMemcpyDeviceToDevice, stream), "device copy");
  }

  /** Copies from the device, after all work before it. */
  synchronized ByteBuffer download(Pointer source, long bytes) {
    BytePointer staging = takePinned(bytes);
    Cuda.check(cudaMemcpyAsync(staging, source, bytes, cudaMemcpyDeviceToHost, stream), "download");
    copying.push(staging);
    ByteBuffer result = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    synchronize();
    result.put(staging.asByteBuffer().limit((int) bytes)).rewind();
    return result;
  }

  /** Waits for all work so far. */
  synchronized void synchronize() {
    Cuda.check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
    while (!copying.isEmpty()) {
      BytePointer staging = copying.pop();
      freePinned.computeIfAbsent(staging.capacity(), unused -> new ArrayDeque<>()).push(staging);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the model of this array is closed");
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    use();
    synchronize();
    while (!allDevice.isEmpty()) {
      Cuda.check(cudaFree(allDevice.pop()), "cudaFree");
    }
    while (!allPinned.isEmpty()) {
      Cuda.check(cudaFreeHost(allPinned.pop()), "cudaFreeHost");
    }
    Cuda.check(cudaStreamDestroy(stream), "cudaStreamDestroy");
  }
}
