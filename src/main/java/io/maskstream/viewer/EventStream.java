package io.maskstream.viewer;

import io.javalin.http.sse.SseClient;
import io.maskstream.topic.Json;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Pushes what the page shows beside the pictures, as server-sent events: all cameras at first and
 * every two seconds, those that have changed in between, and the events of rules, all at first and
 * then those that are new or have changed. Every browser has a thread of its own, so a slow one
 * holds nobody up, and gets the newest when it is ready.
 */
final class EventStream implements AutoCloseable {

  /** Where it is. */
  static final String PATH = "/api/events";

  /** Browsers at a time; the page of another one polls. */
  static final int MAX_CLIENTS = 100;

  /** All cameras are sent this often, so that a server that is away is noticed. */
  static final Duration BEAT = Duration.ofSeconds(2);

  /** Changes of one moment are sent together. */
  private static final long GATHER_MILLIS = 30;

  /** All cameras; those that are not among them are gone. */
  private static final String ALL = "all";

  /** Those that have changed. */
  private static final String CHANGED = "changed";

  private static final String FULL = "full";

  /** Events of rules. */
  private static final String HAPPENED = "happened";

  /** Before the first change. */
  private static final long NEVER = -1;

  private final Map<String, CameraState> cameras;
  private final RecentEvents happened;
  private final Set<SseClient> clients = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread made = new Thread(task, "page-events");
            made.setDaemon(true);
            return made;
          });
  private long changes;
  private boolean closed;

  EventStream(Map<String, CameraState> cameras, RecentEvents happened) {
    this.cameras = cameras;
    this.happened = happened;
  }

  /**
   * Something changes.
   *
   * @param update makes the change, given its number
   */
  synchronized void change(LongConsumer update) {
    update.accept(++changes);
    notifyAll();
  }

  private synchronized void await(long seen, long untilNanos) throws InterruptedException {
    while (changes == seen && !closed) {
      long left = TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime());
      if (left <= 0) {
        return;
      }
      wait(left);
    }
  }

  /** Takes a browser. */
  void open(SseClient client) {
    if (clients.size() >= MAX_CLIENTS) {
      client.sendEvent(FULL, "too many pages are open; this one polls");
      return;
    }
    client.keepAlive();
    clients.add(client);
    client.onClose(() -> clients.remove(client));
    threads.execute(() -> push(client));
  }

  private void push(SseClient client) {
    try {
      long seen = NEVER;
      long beat = System.nanoTime();
      while (clients.contains(client) && !client.terminated()) {
        boolean all = System.nanoTime() >= beat;
        long before = seen;
        seen = changes();
        sendCameras(client, all ? NEVER : before);
        sendHappened(client, before);
        beat = all ? System.nanoTime() + BEAT.toNanos() : beat;
        await(seen, beat);
        TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      clients.remove(client);
      client.close();
    }
  }

  private synchronized long changes() {
    return changes;
  }

  private void sendCameras(SseClient client, long since) {
    long now = System.currentTimeMillis();
    List<CameraState.View> views =
        cameras.values().stream()
            .filter(state -> state.changed() > since)
            .map(state -> state.view(now))
            .toList();
    client.sendEvent(since == NEVER ? ALL : CHANGED, new ByteArrayInputStream(Json.write(views)));
  }

  private void sendHappened(SseClient client, long since) {
    List<RecentEvents.View> events = happened.since(since);
    boolean news = since == NEVER || !events.isEmpty();
    if (news && !client.terminated()) { // the page may have gone as the cameras were sent
      client.sendEvent(HAPPENED, new ByteArrayInputStream(Json.write(events)));
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    clients.forEach(SseClient::close);
    clients.clear();
    threads.shutdownNow();
  }
}
