package io.maskstream.stream;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * From the lanes to a task's stream thread. After its end, what is in it and what still comes is
 * thrown away: the task's next life finds those frames among the pending ones. Used by all threads.
 */
final class OutcomeQueue {
  private final AtomicInteger unsettled;
  private final Queue<Outcome> outcomes = new ArrayDeque<>();
  private boolean ended;

  /**
   * An empty queue.
   *
   * @param unsettled counts what is in it, with that of other queues
   */
  OutcomeQueue(AtomicInteger unsettled) {
    this.unsettled = unsettled;
  }

  synchronized void add(Outcome outcome) {
    if (!ended) {
      outcomes.add(outcome);
      unsettled.incrementAndGet();
    }
  }

  private synchronized Optional<Outcome> poll() {
    return Optional.ofNullable(outcomes.poll());
  }

  /** Takes what is there, one after the other. */
  void drain(Consumer<Outcome> taker) {
    for (Optional<Outcome> next = poll(); next.isPresent(); next = poll()) {
      try {
        taker.accept(next.get());
      } finally {
        unsettled.decrementAndGet();
      }
    }
  }

  synchronized void end() {
    ended = true;
    unsettled.addAndGet(-outcomes.size());
    outcomes.clear();
  }
}
