package io.maskstream.camera;

import java.time.Duration;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A bound on the time that a thread spends inside FFmpeg's calls. FFmpeg asks the interrupt
 * callback many times per second whether to give up, also while it waits for a socket, so a call
 * ends at the bound or soon after {@link #cancel()}.
 *
 * <p>Timeouts of the protocols are not enough: a server that sends one byte each half second never
 * exceeds them.
 */
final class CallDeadline implements AutoCloseable {

  /**
   * One native function serves all contexts, because JavaCPP has only ten of a type. It reads the
   * deadline, nanoseconds of {@link System#nanoTime()}, from the memory that the context names.
   */
  private static final AVIOInterruptCB.Callback_Pointer EXPIRED =
      new AVIOInterruptCB.Callback_Pointer() {
        @Override
        public int call(Pointer opaque) {
          return System.nanoTime() - new LongPointer(opaque).get() >= 0 ? 1 : 0;
        }
      };

  private final LongPointer until = new LongPointer(1);
  private boolean cancelled;
  private boolean closed;

  CallDeadline() {
    until.put(Long.MAX_VALUE);
  }

  /** Calls of this context end at the deadline. The context must not outlive this object. */
  synchronized void attachTo(AVFormatContext context) {
    context.interrupt_callback().callback(EXPIRED).opaque(until);
  }

  /** What is called from now on must be over within this time. */
  synchronized void start(Duration limit) {
    if (!cancelled && !closed) {
      until.put(System.nanoTime() + limit.toNanos());
    }
  }

  /** Whether the time is over. */
  synchronized boolean expired() {
    return closed || System.nanoTime() - until.get() >= 0;
  }

  /** Ends the call that runs and every later one. Any thread may call this. */
  synchronized void cancel() {
    if (!closed) {
      cancelled = true;
      until.put(System.nanoTime());
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    until.close();
  }
}
