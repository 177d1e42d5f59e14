package io.maskstream.camera;

import io.maskstream.frame.Micros;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.HeldPictures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands frames to the producer from one short queue per camera, in turn.
 *
 * <p>The queues decide about drops: where Kafka is slower than a camera, its oldest waiting frame
 * goes. A camera has a few frames at most inside the producer, so a partition without a leader, or
 * a broker that is away, cannot fill the producer's memory for all. What is inside the producer is
 * never declared lost before the producer says so: each frame has one outcome.
 */
final class FrameSender implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FrameSender.class);

  /** Frames of a camera that wait; half a second at 15 frames per second. */
  static final int QUEUE_FRAMES = 8;

  /** Frames of a camera inside the producer. */
  static final int IN_FLIGHT_FRAMES = 8;

  /** How long a stop waits for the producer. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  /** Between two looks at the number of partitions, and two attempts while no broker answers. */
  private static final Duration PARTITIONS_INTERVAL = Duration.ofSeconds(5);

  private static final Duration RETRY_INTERVAL = Duration.ofMillis(100);

  private final Producer<byte[], byte[]> producer;
  private final DropLedger drops;
  private final Optional<HeldPictures> held;
  private final Metrics metrics;
  private final InstantSource clock;
  private final SendHealth sending = new SendHealth(System::nanoTime);
  private final Map<String, Lane> lanes = new LinkedHashMap<>();
  private final Thread thread;
  private boolean stopped;
  private int partitions;
  private long partitionsNanos;

  /** What waits of one camera. */
  private static final class Lane {
    final Deque<WaitingFrame> waiting = new ArrayDeque<>();
    int inFlight;
    boolean forgotten;

    boolean ready() {
      return !waiting.isEmpty() && inFlight < IN_FLIGHT_FRAMES;
    }
  }

  /** A frame that was taken from its queue. */
  private record Turn(Lane lane, WaitingFrame frame) {}

  FrameSender(FramePublisher.Parts parts) {
    this.producer = parts.producer();
    this.drops = parts.drops();
    this.held = parts.held();
    this.metrics = parts.metrics();
    this.clock = parts.clock();
    this.thread = new Thread(this::run, "frame-sender");
    thread.start();
  }

  /**
   * Takes a frame over.
   *
   * @param patient whether to wait for a place in the queue rather than to drop the oldest frame
   */
  synchronized void add(WaitingFrame frame, boolean patient) {
    Lane lane = lanes.computeIfAbsent(frame.id().camera(), id -> new Lane());
    while (patient && !stopped && lane.waiting.size() >= QUEUE_FRAMES) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        drop(frame, Reason.SHUTDOWN);
        return;
      }
    }
    if (stopped) {
      drop(frame, Reason.SHUTDOWN);
      return;
    }
    if (lane.waiting.size() >= QUEUE_FRAMES) {
      drop(lane.waiting.removeFirst(), Reason.QUEUE_FULL);
    }
    lane.waiting.addLast(frame);
    notifyAll();
  }

  /** Records that a frame does not get to Kafka. */
  void drop(WaitingFrame frame, Reason reason) {
    long now = Micros.now(clock);
    held.ifPresent(pictures -> pictures.remove(frame.id()));
    drops.add(frame.dropped(reason, now));
    frame.trace().dropped(reason.label(), now);
  }

  private void run() {
    try {
      for (Turn turn = take(); turn != null; turn = take()) {
        if (!send(turn)) {
          putBack(turn);
          TimeUnit.NANOSECONDS.sleep(RETRY_INTERVAL.toNanos());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next frame of the camera whose turn it is; waits for one; null at the end. */
  private synchronized @Nullable Turn take() throws InterruptedException {
    while (true) {
      for (Map.Entry<String, Lane> entry : lanes.entrySet()) {
        Lane lane = entry.getValue();
        if (lane.ready()) {
          lanes.remove(entry.getKey()); // to the end: the others come first
          lanes.put(entry.getKey(), lane);
          lane.inFlight++;
          return new Turn(lane, lane.waiting.removeFirst());
        }
      }
      if (stopped && lanes.values().stream().allMatch(lane -> lane.waiting.isEmpty())) {
        return null;
      }
      wait();
    }
  }

  private synchronized void putBack(Turn turn) {
    turn.lane.inFlight--;
    if (stopped || turn.lane.forgotten) {
      drop(turn.frame, Reason.SHUTDOWN);
    } else {
      turn.lane.waiting.addFirst(turn.frame);
    }
  }

  /** Gives a frame to the producer, or says that the producer does not take any now. */
  private boolean send(Turn turn) {
    AtomicReference<Exception> refusal = new AtomicReference<>();
    try {
      if (!partitionExists(turn.frame.record())) {
        refuse(turn, Reason.NO_SUCH_PARTITION, "the camera's partition is not there");
        return true;
      }
      Thread caller = Thread.currentThread();
      var unused =
          producer.send(
              turn.frame.record(),
              (metadata, failure) -> {
                if (failure != null && Thread.currentThread() == caller) {
                  refusal.set(failure); // before the record was inside the producer
                } else {
                  settle(turn, failure);
                }
              });
    } catch (RuntimeException e) {
      refusal.compareAndSet(null, e);
    }
    Exception failure = refusal.get();
    if (failure instanceof TimeoutException) {
      return false; // no broker answers, or the producer's memory is full
    }
    if (failure != null) {
      settle(turn, failure);
    }
    return true;
  }

  /** A record for a partition that does not exist would block the producer for all. */
  private boolean partitionExists(ProducerRecord<byte[], byte[]> record) {
    if (record.partition() == null) {
      return true;
    }
    long now = System.nanoTime();
    if (partitions == 0 || now - partitionsNanos > PARTITIONS_INTERVAL.toNanos()) {
      partitions = producer.partitionsFor(record.topic()).size();
      partitionsNanos = now;
    }
    return record.partition() < partitions;
  }

  /** The outcome of a frame that was taken from its queue. */
  private void settle(Turn turn, @Nullable Exception failure) {
    if (failure != null) {
      refuse(turn, SendFailure.reason(failure), String.valueOf(failure.getMessage()));
      return;
    }
    landed(turn);
    sending.taken();
    metrics.cameras().published(turn.frame.id().camera());
    turn.frame.trace().published(Micros.now(clock));
  }

  private void refuse(Turn turn, Reason reason, String message) {
    landed(turn);
    sending.refused(reason, message);
    drop(turn.frame, reason);
  }

  private synchronized void landed(Turn turn) {
    turn.lane.inFlight--;
    notifyAll();
  }

  /** Whether Kafka takes frames. */
  Health.CheckResult check() {
    return sending.check();
  }

  /** Forgets a camera; what it has inside the producer keeps its outcome. */
  synchronized void forget(String camera) {
    Lane lane = lanes.remove(camera);
    if (lane != null) {
      lane.forgotten = true;
      dropWaiting(lane);
      notifyAll();
    }
  }

  private synchronized int inFlight() {
    return lanes.values().stream().mapToInt(lane -> lane.inFlight).sum();
  }

  /** Sends what waits, for a few seconds; what cannot be sent gets a drop record. */
  @Override
  public void close() {
    long end = System.nanoTime() + STOP_TIMEOUT.toNanos();
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    try {
      thread.join(STOP_TIMEOUT.toMillis());
      thread.interrupt();
      synchronized (this) {
        lanes.values().forEach(this::dropWaiting);
        while (inFlight() > 0 && System.nanoTime() < end) {
          wait(RETRY_INTERVAL.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (inFlight() > 0) {
      log.error("{} frames are still in the producer; their outcome is not known", inFlight());
    }
  }

  private void dropWaiting(Lane lane) {
    lane.waiting.forEach(frame -> drop(frame, Reason.SHUTDOWN));
    lane.waiting.clear();
  }
}
