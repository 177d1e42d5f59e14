package io.maskstream.viewer;

import io.maskstream.event.Event;
import io.maskstream.topic.Json;
import io.maskstream.topic.RecordLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The page's one reader of the topic of events: of each partition the last {@link
 * RecentEvents#MOST} records from before its start, then what comes. So a page that has just
 * started knows recent events, which of them are ongoing, and what is wrong with pictures since
 * then; it does not know of a condition whose last notice is further back.
 */
final class EventFeed implements AutoCloseable {
  private static final String NAME = "page-event-feed";

  private final Consumer<Event> listener;
  private final RecordLoop loop;

  /**
   * Starts reading.
   *
   * @param listener called by the feed's thread
   */
  EventFeed(FeedSource source, Consumer<Event> listener) {
    this.listener = listener;
    Map<String, Object> committed = new HashMap<>(source.consumer());
    committed.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    RecordLoop.Subject subject =
        new RecordLoop.Subject(NAME, Set.of(), Set.of(source.topics().events()), RecentEvents.MOST);
    this.loop = new RecordLoop(subject, committed, this::take, source.observer()).start();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() != null) {
      listener.accept(Json.read(record.value(), Event.class));
    }
  }

  RecordLoop.Status status() {
    return loop.status();
  }

  @Override
  public void close() {
    loop.close();
  }
}
