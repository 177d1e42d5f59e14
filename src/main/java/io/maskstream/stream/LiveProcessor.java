package io.maskstream.stream;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Micros;
import io.maskstream.inference.Dispatcher;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.topic.DropRecord.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The live path: a frame is read, put into its camera's mailbox of one, and the frame it displaces
 * is dropped with a record. The dispatcher's lanes take the newest frame of the camera whose turn
 * it is; outcomes come back through a queue that this stream thread empties, so stores and outputs
 * are its alone.
 *
 * <p>Under overload most frames are displaced: their records are sent together every {@link
 * #DROPS_INTERVAL}, since each would be a request of its own for worker, broker and readers.
 *
 * <p>A frame whose outcome was not sent is in the store {@code pending}, which is committed with
 * offsets and outputs. When the task ends, what lanes still bring is thrown away with the task's
 * queue; its next owner finds those frames in the store and drops them as lost with the worker. So
 * does this processor where Kafka Streams revives its task: {@link #init} begins with nothing but
 * the stores.
 */
final class LiveProcessor extends ContextualProcessor<String, byte[], String, Object> {
  /** Between two times at which what was dropped is sent. */
  static final Duration DROPS_INTERVAL = Duration.ofMillis(100);

  /** So many are sent at once: a backlog is read within one interval. */
  static final int MOST_DROPPED = 500;

  private static final Duration DRAIN = Duration.ofMillis(2);
  private static final Duration SWEEP = Duration.ofMinutes(1);

  private final Parts parts;
  private final long maxAgeMicros;
  private final Map<String, LiveCamera> cameras = new HashMap<>();
  private final Map<String, Dispatcher.Camera> turns = new HashMap<>();
  private final Queue<Outcome.Dropped> dropped = new ArrayDeque<>();
  private final Map<String, PendingFrames> lost = new HashMap<>();
  private final Map<String, Long> unwantedSince = new HashMap<>(); // requests, milliseconds
  private long startMillis;
  private OutcomeQueue outcomes;
  private OutcomeForwarder forwarder;
  private FrameOffsets offsets;
  private KeyValueStore<String, CameraMemory> memories;
  private KeyValueStore<String, byte[]> requests;
  private KeyValueStore<String, PendingFrames> pending;

  /**
   * What the processors of a worker share.
   *
   * @param maxAge of a frame, from capture to the start of its segmentation
   * @param unsettled outcomes that lanes have brought and stream threads have not taken yet
   * @param forgetAfter time without a frame after which what is kept of a camera is freed
   * @param memoryInterval between two writes of a camera's memory, by capture time
   * @param maxRecordBytes largest record that is sent
   */
  record Parts(
      FrameReader reader,
      FrameSegmentation segmentation,
      Dispatcher dispatcher,
      Overload overload,
      Duration maxAge,
      Duration forgetAfter,
      Duration memoryInterval,
      int maxRecordBytes,
      AtomicInteger unsettled,
      Metrics metrics,
      FrameTraces traces,
      InstantSource clock) {}

  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  LiveProcessor(Parts parts) {
    this.parts = parts;
    this.maxAgeMicros = Micros.of(parts.maxAge());
    this.outcomes = new OutcomeQueue(parts.unsettled());
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    super.init(context);
    cameras.clear();
    turns.clear();
    dropped.clear();
    lost.clear();
    outcomes = new OutcomeQueue(parts.unsettled());
    forwarder =
        new OutcomeForwarder(context, parts.metrics(), parts.traces(), parts.maxRecordBytes());
    offsets = new FrameOffsets(context, parts.metrics());
    memories = context.getStateStore(SegmentTopology.PROTOTYPES);
    requests = context.getStateStore(SegmentTopology.REQUESTS);
    pending = context.getStateStore(SegmentTopology.PENDING);
    try (KeyValueIterator<String, PendingFrames> all = pending.all()) {
      while (all.hasNext()) {
        KeyValue<String, PendingFrames> entry = all.next();
        lost.put(entry.key, entry.value);
      }
    }
    startMillis = parts.clock().millis();
    context.schedule(DRAIN, PunctuationType.WALL_CLOCK_TIME, now -> drain());
    context.schedule(SWEEP, PunctuationType.WALL_CLOCK_TIME, now -> sweep(parts.clock().millis()));
    context.schedule(DROPS_INTERVAL, PunctuationType.WALL_CLOCK_TIME, now -> sendDropped());
  }

  @Override
  public void process(Record<String, byte[]> record) {
    recordLost();
    context().recordMetadata().ifPresent(place -> offsets.read(record, place));
    FrameRecord read = parts.reader().read(record, context().recordMetadata());
    LiveCamera camera = camera(read.camera());
    FrameRecord frame = camera.place(read);
    camera.seen(parts.clock().millis());
    parts.metrics().clockOffset(read.camera(), camera.clockOffsetMicros() / 1e6);
    long age = frame.ageMicros(nowMicros());
    Optional<Reason> useless = useless(camera, frame, age);
    if (useless.isPresent()) {
      forwarder.forward(new Outcome.Dropped(frame, useless.get(), age));
      return;
    }
    if (requests.get(frame.camera()) != null) {
      camera.requestReset();
    }
    camera
        .put(frame)
        .ifPresent(
            displaced -> {
              long waited = displaced.ageMicros(nowMicros());
              drop(new Outcome.Dropped(displaced, Reason.SUPERSEDED, waited));
            });
    savePending(frame.camera(), camera);
    turn(frame.camera(), camera).ready();
  }

  /** Why a frame is not worth a turn, where it is not. */
  private Optional<Reason> useless(LiveCamera camera, FrameRecord frame, long age) {
    if (camera.fences(frame)) {
      return Optional.of(Reason.FENCED);
    }
    return frame.missing().isEmpty() && age > maxAgeMicros
        ? Optional.of(Reason.STALE)
        : frame.missing();
  }

  private LiveCamera camera(String id) {
    return cameras.computeIfAbsent(id, key -> new LiveCamera(memories.get(key), parts.overload()));
  }

  private Dispatcher.Camera turn(String id, LiveCamera camera) {
    return turns.computeIfAbsent(
        id, key -> parts.dispatcher().register(new CameraTurns(camera, parts, outcomes::add)));
  }

  /** Settles what lanes have brought. */
  private void drain() {
    recordLost();
    outcomes.drain(
        outcome -> {
          if (outcome instanceof Outcome.Dropped drop) {
            drop(drop);
          } else {
            settle(outcome);
          }
        });
  }

  private void drop(Outcome.Dropped outcome) {
    dropped.add(outcome);
    if (dropped.size() >= MOST_DROPPED) {
      sendDropped();
    }
  }

  private void sendDropped() {
    for (Outcome next = dropped.poll(); next != null; next = dropped.poll()) {
      settle(next); // taken out before: what cannot be sent must not come up again
    }
  }

  private void settle(Outcome outcome) {
    String id = outcome.frame().camera();
    LiveCamera camera = camera(id);
    camera.settle(outcome.frame());
    savePending(id, camera);
    if (outcome instanceof Outcome.Segmented segmented) {
      keep(id, camera, segmented);
    }
    forwarder.forward(outcome);
  }

  private void keep(String id, LiveCamera camera, Outcome.Segmented segmented) {
    if (camera.storeIsDue(segmented, Micros.of(parts.memoryInterval()))) {
      memories.put(id, segmented.memory().withoutDense());
    }
    if (segmented.reset().equals(Optional.of(ResetReason.OPERATOR))) {
      requests.delete(id);
      camera.resetIsSettled();
    }
  }

  private void savePending(String id, LiveCamera camera) {
    if (camera.pending().isEmpty()) {
      pending.delete(id);
    } else {
      pending.put(id, new PendingFrames(camera.pending()));
    }
  }

  /** Drops the frames that the task's last owner had read and not settled. */
  private void recordLost() {
    if (lost.isEmpty()) {
      return;
    }
    Map<String, PendingFrames> found = new HashMap<>(lost);
    lost.clear();
    long now = parts.clock().millis();
    found.forEach(
        (camera, frames) -> {
          for (FrameId frame : frames.frames()) {
            forwarder.dropLost(frame, now);
          }
          pending.delete(camera);
        });
  }

  /** Frees what is kept of cameras that have gone. */
  private void sweep(long nowMillis) {
    List<String> gone = new ArrayList<>();
    for (Iterator<Map.Entry<String, LiveCamera>> all = cameras.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<String, LiveCamera> entry = all.next();
      LiveCamera camera = entry.getValue();
      boolean quiet = nowMillis - camera.lastSeenMillis() > parts.forgetAfter().toMillis();
      if (quiet && camera.pending().isEmpty()) {
        gone.add(entry.getKey());
        all.remove();
      }
    }
    for (String camera : gone) {
      Optional.ofNullable(turns.remove(camera))
          .ifPresent(turn -> turn.leave(() -> parts.segmentation().forget(camera)));
      parts.metrics().forgetSegmentation(camera);
    }
    if (nowMillis - startMillis > parts.forgetAfter().toMillis()) {
      forgetMemories();
    }
    forgetRequests(nowMillis);
  }

  /** They go to all partitions: those of cameras that are elsewhere are for nobody here. */
  private void forgetRequests(long nowMillis) {
    Set<String> found = new HashSet<>();
    try (KeyValueIterator<String, byte[]> all = requests.all()) {
      all.forEachRemaining(entry -> found.add(entry.key));
    }
    found.removeAll(cameras.keySet());
    unwantedSince.keySet().retainAll(found);
    for (String camera : found) {
      long since = unwantedSince.computeIfAbsent(camera, key -> nowMillis);
      if (nowMillis - since > parts.forgetAfter().toMillis()) {
        requests.delete(camera);
      }
    }
  }

  /** Deletes the memories of cameras that are not here, those of former owners included. */
  private void forgetMemories() {
    List<String> gone = new ArrayList<>();
    try (KeyValueIterator<String, CameraMemory> all = memories.all()) {
      while (all.hasNext()) {
        String id = all.next().key;
        if (!cameras.containsKey(id)) {
          gone.add(id);
        }
      }
    }
    for (String id : gone) {
      memories.delete(id);
      requests.delete(id);
    }
  }

  private long nowMicros() {
    return Micros.now(parts.clock());
  }

  /**
   * Frames in work end by themselves; what they bring is for nobody. How the cameras are is for
   * their next owner to say.
   */
  @Override
  public void close() {
    turns.forEach((camera, turn) -> turn.leave(() -> parts.segmentation().handOver(camera)));
    outcomes.end();
  }
}
