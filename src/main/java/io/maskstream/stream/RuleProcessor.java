package io.maskstream.stream;

import io.maskstream.event.Event;
import io.maskstream.event.EventSteps;
import io.maskstream.event.Rule;
import io.maskstream.event.RuleEvaluator;
import io.maskstream.event.RuleState;
import io.maskstream.metrics.Metrics;
import io.maskstream.topic.ClassStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Statistics of frames to events. Where a rule stands for a camera is in the store that is
 * committed with the events, so a new owner of the camera goes on where the last one was.
 */
final class RuleProcessor extends ContextualProcessor<String, ClassStats, String, Event> {

  /** An event ends when its camera has given no frame for so long. */
  static final Duration SILENCE = Duration.ofSeconds(30);

  private static final Duration CHECK = Duration.ofSeconds(1);

  private final Map<String, RuleEvaluator> rules;
  private final Metrics metrics;
  private KeyValueStore<String, RuleState> states;

  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  RuleProcessor(List<Rule> rules, Metrics metrics) {
    this.rules =
        rules.stream()
            .map(RuleEvaluator::new)
            .collect(Collectors.toMap(each -> each.rule().name(), Function.identity()));
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<String, Event> context) {
    super.init(context);
    states = context.getStateStore(SegmentTopology.RULE_STATES);
    context.schedule(CHECK, PunctuationType.WALL_CLOCK_TIME, this::endSilent);
  }

  @Override
  public void process(Record<String, ClassStats> record) {
    for (RuleEvaluator evaluator : rules.values()) {
      if (evaluator.rule().watches(record.key())) {
        String key = record.key() + "/" + evaluator.rule().name();
        EventSteps.Step step = evaluator.step(states.get(key), record.value(), record.timestamp());
        states.put(key, step.state());
        step.event().ifPresent(event -> emit(event, record.timestamp()));
      }
    }
  }

  private void endSilent(long nowMillis) {
    List<KeyValue<String, RuleState>> silent = new ArrayList<>();
    try (KeyValueIterator<String, RuleState> all = states.all()) {
      while (all.hasNext()) {
        KeyValue<String, RuleState> entry = all.next();
        if (nowMillis - entry.value.lastMillis() > SILENCE.toMillis()) {
          silent.add(entry);
        }
      }
    }
    for (KeyValue<String, RuleState> entry : silent) {
      int slash = entry.key.lastIndexOf('/');
      RuleEvaluator evaluator = rules.get(entry.key.substring(slash + 1));
      states.delete(entry.key);
      if (evaluator != null) {
        evaluator
            .silence(entry.value, entry.key.substring(0, slash), nowMillis)
            .event()
            .ifPresent(event -> emit(event, nowMillis));
      }
    }
  }

  private void emit(Event event, long millis) {
    String camera = event.data().camera();
    metrics.events().notice(camera, event.subject(), event.notice());
    context()
        .forward(
            new Record<>(camera, event, millis, new RecordHeaders()), SegmentTopology.EVENTS_SINK);
  }
}
