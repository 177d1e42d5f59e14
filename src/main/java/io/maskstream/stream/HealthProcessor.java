package io.maskstream.stream;

import io.maskstream.event.Event;
import io.maskstream.event.RuleState;
import io.maskstream.health.CameraCondition;
import io.maskstream.health.CameraHealthConfig;
import io.maskstream.health.HealthEvaluator;
import io.maskstream.health.HealthState;
import io.maskstream.health.PictureStats;
import io.maskstream.metrics.Metrics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Statistics of pictures to events of the cameras' health. What is usual for a camera and what is
 * wrong with it is in the store that is committed with the events.
 */
final class HealthProcessor extends ContextualProcessor<String, PictureStats, String, Event> {

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final CameraHealthConfig config;
  private final HealthEvaluator evaluator;
  private final Duration forgetAfter;
  private final TaskTime time;
  private final Metrics metrics;
  private final Set<String> reported = new HashSet<>();
  private DecodedStore<HealthState> states;

  /**
   * A processor.
   *
   * @param forgetAfter time without a picture after which what is usual for a camera is forgotten
   */
  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  HealthProcessor(CameraHealthConfig config, Duration forgetAfter, TaskTime time, Metrics metrics) {
    this.config = config;
    this.evaluator = new HealthEvaluator(config);
    this.forgetAfter = forgetAfter;
    this.time = time;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, Event> context) {
    super.init(context);
    states = new DecodedStore<>(context.getStateStore(SegmentTopology.HEALTH_STATES));
    context.schedule(CHECK, PunctuationType.WALL_CLOCK_TIME, now -> endSilent());
  }

  @Override
  public void process(Record<String, PictureStats> record) {
    String camera = record.key();
    time.frame(camera, record.timestamp());
    HealthEvaluator.Step step =
        evaluator.step(states.get(camera), record.value(), record.timestamp());
    states.put(camera, step.state());
    report(camera, step, record.timestamp());
  }

  private void endSilent() {
    states
        .where(
            (camera, state) ->
                RuleProcessor.isSilent(
                    state.lastMillis(), state.intervalMillis(), now(camera, state)))
        .forEach((camera, state) -> endSilent(camera, state, now(camera, state)));
  }

  private long now(String camera, HealthState state) {
    return time.now(camera, state.lastMillis());
  }

  private void endSilent(String camera, HealthState state, long nowMillis) {
    if (!state.conditions().values().stream().allMatch(RuleState::quiet)) {
      HealthEvaluator.Step step = evaluator.silence(state, camera, nowMillis);
      states.put(camera, step.state());
      report(camera, step, nowMillis);
    }
    if (nowMillis - state.lastMillis() > forgetAfter.toMillis()) {
      states.delete(camera);
      forget(camera);
    }
  }

  private void report(String camera, HealthEvaluator.Step step, long millis) {
    reported.add(camera);
    List<String> open = step.state().open();
    for (CameraCondition condition : config.conditions()) {
      metrics.events().condition(camera, condition.label(), open.contains(condition.label()));
    }
    for (Event event : step.events()) {
      metrics.events().notice(camera, event.subject(), event.notice());
      context()
          .forward(
              new Record<>(camera, event, millis, new RecordHeaders()),
              SegmentTopology.EVENTS_SINK);
    }
  }

  private void forget(String camera) {
    reported.remove(camera);
    metrics.events().forgetConditions(camera);
  }

  /** The cameras' next owner reports them. */
  @Override
  public void close() {
    reported.forEach(metrics.events()::forgetConditions);
    reported.clear();
  }
}
