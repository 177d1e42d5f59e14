package io.maskstream.viewer;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpStatus;
import io.javalin.http.ServiceUnavailableResponse;
import io.maskstream.config.ConfigException;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * Requests that change something: done (204), the rule that they break (400), or no Kafka (503).
 */
final class Changes {
  private Changes() {}

  /** What a request does. */
  interface Change {
    void apply(Context context) throws IOException, ConfigException;
  }

  static Handler handler(Change change) {
    return context -> {
      try {
        change.apply(context);
        context.status(HttpStatus.NO_CONTENT);
      } catch (ConfigException e) {
        throw new BadRequestResponse(String.join("; ", e.problems()));
      } catch (IllegalArgumentException | SerializationException e) {
        throw new BadRequestResponse(String.valueOf(e.getMessage()));
      } catch (IOException | KafkaException e) {
        throw new ServiceUnavailableResponse(String.valueOf(e.getMessage()));
      }
    };
  }

  /** The body, which must be a JSON object. */
  @SuppressWarnings("unchecked") // keys of a JSON object are texts
  static Map<String, @Nullable Object> object(Context context) {
    try {
      return Json.read(context.bodyAsBytes(), Map.class);
    } catch (SerializationException e) {
      throw new IllegalArgumentException("the body must be a JSON object", e);
    }
  }
}
