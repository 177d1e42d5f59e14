package io.maskstream.inference;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Which frames are on their way to a device: taken by a lane of the {@link Dispatcher} and not yet
 * with a {@link Batcher}. A batch need not wait for company that cannot come. Used by all threads.
 */
public final class Arrivals {
  private final Set<Thread> onTheWay = ConcurrentHashMap.newKeySet();
  private volatile BooleanSupplier nextInLine;

  private Arrivals(boolean unknown) {
    this.nextInLine = () -> unknown;
  }

  /** Arrivals that a dispatcher will report. */
  public static Arrivals tracked() {
    return new Arrivals(false);
  }

  /** For callers without a dispatcher: more may always come. */
  public static Arrivals unknown() {
    return new Arrivals(true);
  }

  /** Connects the line of cameras: whether a free lane is about to take a frame. */
  void follow(BooleanSupplier line) {
    nextInLine = line;
  }

  /** The calling thread has taken a frame. */
  void started() {
    onTheWay.add(Thread.currentThread());
  }

  /** The calling thread's frame is with a batcher, or has come to its end without one. */
  void arrived() {
    onTheWay.remove(Thread.currentThread());
  }

  /** Whether a further frame may reach the device soon. */
  boolean moreToCome() {
    return !onTheWay.isEmpty() || nextInLine.getAsBoolean();
  }
}
