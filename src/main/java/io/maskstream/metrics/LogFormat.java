package io.maskstream.metrics;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this process writes its log to standard error. */
public enum LogFormat {
  /** Lines for people, as {@code logback.xml} says. */
  TEXT,
  /**
   * An object per line for collectors: time, level, thread, logger, message, the context that was
   * set for the thread, and the exception.
   */
  JSON;

  private static final String APPENDER = "console";

  /** From now on the log has this format; text is what a process starts with. */
  public void apply() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      apply(context);
    }
  }

  void apply(LoggerContext context) {
    var appender = context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(APPENDER);
    if (this == JSON && appender instanceof ConsoleAppender<ILoggingEvent> console) {
      console.stop();
      console.setEncoder(json(context));
      console.start();
    }
  }

  private static JsonEncoder json(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }
}
