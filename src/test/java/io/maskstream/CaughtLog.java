package io.maskstream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** What a class logs while this is open. */
public final class CaughtLog implements AutoCloseable {
  private final Logger logger;
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  /** Listens from now on. */
  public CaughtLog(Class<?> of) {
    logger = (Logger) LoggerFactory.getLogger(of);
    appender.start();
    logger.addAppender(appender);
  }

  /** The texts so far. */
  public List<String> texts() {
    return List.copyOf(appender.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** Contexts of the lines whose text holds a part. */
  public List<Map<String, String>> contexts(String part) {
    return List.copyOf(appender.list).stream()
        .filter(event -> event.getFormattedMessage().contains(part))
        .map(ILoggingEvent::getMDCPropertyMap)
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
  }
}
