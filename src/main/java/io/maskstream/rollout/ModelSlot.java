package io.maskstream.rollout;

import io.maskstream.inference.FrameSegmenter;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ServedModel;
import io.maskstream.metrics.Metrics;
import io.maskstream.rollout.ShadowReport.Outcome;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a model in a worker: who serves now, and who is on trial to take over.
 *
 * <p>Every frame opens a segmenter of the model that serves at that time, so a change falls between
 * two frames of a camera and none is lost.
 */
public final class ModelSlot implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModelSlot.class);

  private final String name;
  private final InstantSource clock;
  private final Metrics metrics;
  private volatile ServedModel active;
  private volatile @Nullable ShadowTrial trial;
  private boolean closed;

  /** A segmenter with the model it belongs to. */
  public record SegmenterHandle(ServedModel model, FrameSegmenter segmenter) {}

  /**
   * A slot with its first model.
   *
   * @param name id of the model that the configuration names
   */
  public ModelSlot(String name, ServedModel first, InstantSource clock, Metrics metrics) {
    this.name = name;
    this.active = first;
    this.clock = clock;
    this.metrics = metrics;
    metrics.model(first.card().id(), first.card().version(), first.engine());
    Arrays.stream(Outcome.values()).forEach(outcome -> metrics.slot(name, outcome.label()));
  }

  public String name() {
    return name;
  }

  /** The model that serves. */
  public ServedModel active() {
    return active;
  }

  /** The trial that runs, if any. */
  public Optional<ShadowTrial> trial() {
    return Optional.ofNullable(trial);
  }

  /** Opens a segmenter of the model that serves. */
  public synchronized SegmenterHandle open() {
    return new SegmenterHandle(active, active.borrowSegmenter());
  }

  /** Opens a segmenter of the model on trial; empty when that trial is over. */
  public synchronized Optional<FrameSegmenter> open(ShadowTrial of) {
    return of == trial ? Optional.of(of.candidate().borrowSegmenter()) : Optional.empty();
  }

  /**
   * Puts a model on trial, or in service where the rule asks for no trial. An earlier trial is
   * rolled back.
   *
   * @param onEnd gets the report, on the thread that ends the trial
   */
  public synchronized void tryOut(
      ServedModel candidate, ShadowRule rule, Consumer<ShadowReport> onEnd) {
    stopTrial("replaced by " + candidate.card().name());
    String from = active.card().name();
    if (rule.time().isZero()) {
      take(candidate);
      deliver(
          onEnd,
          ShadowReport.untried(
              from, candidate.card().name(), Outcome.TAKEN_OVER, "without a trial"));
      return;
    }
    if (!sameClasses(candidate)) {
      candidate.retire();
      deliver(
          onEnd,
          ShadowReport.untried(
              from,
              candidate.card().name(),
              Outcome.REJECTED,
              otherClasses(candidate.card(), active.card()) + ": their masks cannot be compared"));
      return;
    }
    trial = new ShadowTrial(active, candidate, rule, onEnd, clock);
    log.info(
        "{}: {} runs in the shadow of {} for {} s",
        name,
        candidate.card().name(),
        from,
        rule.time().toMillis() / 1e3);
  }

  private static String otherClasses(ModelCard candidate, ModelCard used) {
    if (!candidate.classTable().equals(used.classTable())) {
      return "its class table is %s, that of the model in use is %s"
          .formatted(candidate.classTable(), used.classTable());
    }
    List<String> names = candidate.table().names();
    List<String> expected = used.table().names();
    if (names.size() != expected.size()) {
      return "its class table %s has %d classes, that of the model in use %d"
          .formatted(candidate.classTable(), names.size(), expected.size());
    }
    for (int id = 0; id < names.size(); id++) {
      if (!names.get(id).equals(expected.get(id))) {
        return "class %d of its class table %s is %s, that of the model in use is %s"
            .formatted(id, candidate.classTable(), names.get(id), expected.get(id));
      }
    }
    return "its class table %s has other colors or groups than that of the model in use"
        .formatted(candidate.classTable());
  }

  private boolean sameClasses(ServedModel candidate) {
    return candidate.card().classTable().equals(active.card().classTable())
        && candidate.card().classes().equals(active.card().classes());
  }

  /** What both models said of a frame; may end the trial. */
  public void compare(ShadowTrial of, ShadowTrial.ModelOutput used, ShadowTrial.ModelOutput fresh) {
    of.compare(used, fresh).ifPresent(report -> settle(of, report));
  }

  /** The new model failed; it is put away. */
  public void failed(ShadowTrial of, Throwable failure) {
    of.stop("it failed on a frame: " + failure.getMessage())
        .ifPresent(report -> settle(of, report));
  }

  synchronized void settle(ShadowTrial of, ShadowReport ended) {
    boolean current = of == trial; // another order may have come since its last frame
    ShadowReport report = current ? ended : ended.rolledBack("replaced by another order");
    if (report.outcome() == Outcome.TAKEN_OVER) {
      take(of.candidate());
    } else {
      of.candidate().retire();
    }
    trial = current ? null : trial;
    if (!closed) {
      deliver(of.onEnd(), report);
    }
  }

  private void deliver(Consumer<ShadowReport> onEnd, ShadowReport report) {
    log.info("{}: {} {}: {}", name, report.to(), report.outcome(), report.reason());
    metrics.swapped(name, report.outcome().label());
    try {
      onEnd.accept(report);
    } catch (RuntimeException e) { // the frame that ended the trial has nothing to do with it
      log.error("{}: the report of {} could not be sent", name, report.to(), e);
    }
  }

  private void take(ServedModel next) {
    ServedModel before = active;
    active = next;
    metrics.modelGone(before.card().id(), before.card().version(), before.engine());
    metrics.model(next.card().id(), next.card().version(), next.engine());
    before.retire();
  }

  /** Ends the trial that runs, if any, without a verdict. */
  public synchronized void withdraw(String reason) {
    stopTrial(reason);
  }

  private void stopTrial(String reason) {
    ShadowTrial running = trial;
    if (running != null) {
      running.stop(reason).ifPresent(report -> settle(running, report));
      trial = null; // also where its last frame has just ended it, and waits to settle it
    }
  }

  /** Unloads; called when the stream threads have ended. */
  @Override
  public synchronized void close() {
    closed = true;
    stopTrial("the worker stops");
    active.retire();
  }
}
