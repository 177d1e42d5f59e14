package io.maskstream.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.LogContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;

class LogFormatTest {

  /** What a process with this format writes for one line and one exception. */
  @SuppressWarnings("try") // the context is for what is logged inside
  private static String written(LogFormat format) {
    try (var unusedContext = LogContext.ofCamera("gate")) {
      return line(format);
    }
  }

  private static String line(LogFormat format) {
    PrintStream before = System.err;
    ByteArrayOutputStream caught = new ByteArrayOutputStream();
    System.setErr(new PrintStream(caught, true, StandardCharsets.UTF_8));
    try {
      LoggerContext context = new LoggerContext();
      context.setMDCAdapter(MDC.getMDCAdapter());
      PatternLayoutEncoder lines = new PatternLayoutEncoder();
      lines.setContext(context);
      lines.setPattern("%level %msg%n");
      lines.start();
      ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
      console.setContext(context);
      console.setName("console");
      console.setTarget("System.err");
      console.setEncoder(lines);
      console.start();
      context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console);
      format.apply(context);
      context
          .getLogger("io.maskstream.x")
          .warn("a \"word\" of {}", "gate", new IllegalStateException("why"));
      context.stop();
    } finally {
      System.setErr(before);
    }
    return caught.toString(StandardCharsets.UTF_8);
  }

  @Test
  void json_isAnObjectPerLineWithContextAndException() throws Exception {
    String[] lines = written(LogFormat.JSON).strip().split("\n");
    assertThat(lines).hasSize(1);
    JsonNode event = new ObjectMapper().readTree(lines[0]);
    assertThat(event.path("level").asText()).isEqualTo("WARN");
    assertThat(event.path("formattedMessage").asText()).isEqualTo("a \"word\" of gate");
    assertThat(event.path("loggerName").asText()).isEqualTo("io.maskstream.x");
    assertThat(event.path("mdc").path("camera").asText()).isEqualTo("gate");
    assertThat(event.path("throwable").path("message").asText()).isEqualTo("why");
    assertThat(event.path("timestamp").asLong()).isPositive();
  }

  @Test
  @SuppressWarnings("try") // the context is for what is logged inside
  void context_isInTheLineUntilItIsClosed() throws Exception {
    JsonNode frame;
    try (var unusedContext = LogContext.ofFrame(new FrameId("gate", 7, 3, 0))) {
      frame = new ObjectMapper().readTree(line(LogFormat.JSON)).path("mdc");
    }
    assertThat(frame.path("camera").asText()).isEqualTo("gate");
    assertThat(frame.path("frame").asText()).isEqualTo("gate/7/3");
    JsonNode record;
    try (LogContext place = LogContext.ofRecord("frames", 2, 40)) {
      place.andCamera("lobby");
      record = new ObjectMapper().readTree(line(LogFormat.JSON)).path("mdc");
    }
    assertThat(record.path("topic").asText()).isEqualTo("frames");
    assertThat(record.path("partition").asText()).isEqualTo("2");
    assertThat(record.path("offset").asText()).isEqualTo("40");
    assertThat(record.path("camera").asText()).isEqualTo("lobby");
    assertThat(new ObjectMapper().readTree(line(LogFormat.JSON)).path("mdc").isEmpty()).isTrue();
  }

  @Test
  void text_staysAsItWas() {
    assertThat(written(LogFormat.TEXT)).startsWith("WARN a \"word\" of gate\n");
  }
}
