package io.maskstream.stream;

import io.maskstream.event.Event;
import io.maskstream.event.EventSteps;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.event.RuleState;
import io.maskstream.frame.Silence;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ClassStats;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of frames to events. Where a rule stands for a camera is in the store that is
 * committed with the events, so a new owner of the camera goes on where the last one was. Rules may
 * change at any time: the event of one that is gone or says something else ends.
 */
final class RuleProcessor extends ContextualProcessor<String, ClassStats, String, Event> {

  /** An event ends when its camera has given no frame for so long; longer for slow cameras. */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final Supplier<Map<String, RuleEvaluator>> rules;
  private final TaskTime time;
  private final Metrics metrics;
  private DecodedStore<RuleState> states;

  /**
   * A processor.
   *
   * @param rules as they are now, by name; asked for every frame
   */
  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  RuleProcessor(Supplier<Map<String, RuleEvaluator>> rules, TaskTime time, Metrics metrics) {
    this.rules = rules;
    this.time = time;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, Event> context) {
    super.init(context);
    states = new DecodedStore<>(context.getStateStore(SegmentTopology.RULE_STATES));
    context.schedule(CHECK, PunctuationType.WALL_CLOCK_TIME, now -> endOver());
  }

  @Override
  public void process(Record<String, ClassStats> record) {
    time.frame(record.key(), record.timestamp());
    for (RuleEvaluator evaluator : rules.get().values()) {
      if (evaluator.rule().watches(record.key())) {
        step(evaluator, record);
      }
    }
  }

  private void step(RuleEvaluator evaluator, Record<String, ClassStats> record) {
    String camera = record.key();
    String key = camera + "/" + evaluator.rule().name();
    long millis = record.timestamp();
    boolean measured = evaluator.measures(record.value());
    RuleState before = states.get(key);
    if (before != null && !(measured && evaluator.continues(before, camera))) {
      RuleEvaluator.end(before, evaluator, camera, millis).ifPresent(end -> emit(end, millis));
      states.delete(key);
      before = null;
    }
    if (!measured) {
      return;
    }
    EventSteps.Step step = evaluator.step(before, record.value(), millis);
    states.put(key, step.state());
    step.event().ifPresent(event -> emit(event, millis));
  }

  /**
   * Ends the events of cameras that are silent and of rules that are gone, changed or elsewhere.
   */
  private void endOver() {
    Map<String, RuleEvaluator> current = Map.copyOf(rules.get()); // they may change meanwhile
    states
        .where((key, state) -> isOver(current.get(rule(key)), key, state, now(key, state)))
        .forEach(
            (key, state) -> {
              long nowMillis = now(key, state);
              states.delete(key);
              RuleEvaluator.end(state, current.get(rule(key)), camera(key), nowMillis)
                  .ifPresent(event -> emit(event, nowMillis));
            });
    states
        .where((key, state) -> !state.quiet() && isSilent(key, state))
        .forEach(
            (key, state) -> {
              long nowMillis = now(key, state);
              RuleEvaluator evaluator = Objects.requireNonNull(current.get(rule(key)));
              EventSteps.Step step = evaluator.silence(state, camera(key), nowMillis);
              states.put(key, step.state());
              step.event().ifPresent(event -> emit(event, nowMillis));
            });
  }

  private long now(String key, RuleState state) {
    return time.now(camera(key), state.lastMillis());
  }

  private boolean isSilent(String key, RuleState state) {
    return isSilent(state.lastMillis(), state.intervalMillis(), now(key, state));
  }

  /** Whether a rule is gone, changed or elsewhere, or its camera gone for long. */
  private static boolean isOver(
      @Nullable RuleEvaluator evaluator, String key, RuleState state, long nowMillis) {
    return evaluator == null
        || !evaluator.continues(state, camera(key))
        || nowMillis - state.lastMillis() > Silence.MOST.toMillis();
  }

  /** Whether a camera's events end because it has given no frame. */
  static boolean isSilent(long lastMillis, long intervalMillis, long nowMillis) {
    return nowMillis - lastMillis > Silence.after(SILENCE, intervalMillis).toMillis();
  }

  /** A camera's id may have slashes, a rule's name has none. */
  private static String camera(String key) {
    return key.substring(0, key.lastIndexOf('/'));
  }

  private static String rule(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  private void emit(Event event, long millis) {
    String camera = event.data().camera();
    metrics.events().notice(camera, event.subject(), event.notice());
    context()
        .forward(
            new Record<>(camera, event, millis, new RecordHeaders()), SegmentTopology.EVENTS_SINK);
  }
}
