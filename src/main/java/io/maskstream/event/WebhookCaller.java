package io.maskstream.event;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One call of a webhook: an event as CloudEvents JSON, signed as Standard Webhooks 1.0 says
 * (HMAC-SHA256 over id, time and body). Redirects are not followed, and an answer's body is not
 * read.
 */
final class WebhookCaller {
  static final String ID = "webhook-id";
  static final String TIMESTAMP = "webhook-timestamp";
  static final String SIGNATURE = "webhook-signature";
  private static final String TYPE = "application/cloudevents+json";

  /** Timeout, too early, too many requests: the receiver may take it later. */
  private static final Set<Integer> LATER = Set.of(408, 425, 429);

  private static final int SERVER_FAULT = 500;

  /** Outcome of a call. */
  enum Outcome {
    /** Answered with 2xx. */
    DELIVERED,
    /** May succeed when it is repeated. */
    FAILED,
    /** Will not succeed however often it is repeated. */
    REFUSED
  }

  /**
   * Result of a call.
   *
   * @param reason one sentence, without the address
   * @param after wait that the receiver asked for
   */
  record Result(Outcome outcome, String reason, Optional<Duration> after) {
    static Result of(Outcome outcome, String reason) {
      return new Result(outcome, reason, Optional.empty());
    }
  }

  private final WebhookConfig config;
  private final InstantSource clock;
  private final HttpClient client;

  WebhookCaller(WebhookConfig config, InstantSource clock) {
    this.config = config;
    this.clock = clock;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(config.timeout())
            .build();
  }

  /**
   * Calls.
   *
   * @param id the event's, the same whenever it is sent again
   * @param body the event as it is in the topic
   */
  Result call(String id, byte[] body) throws InterruptedException {
    String seconds = Long.toString(clock.instant().getEpochSecond());
    HttpRequest request =
        HttpRequest.newBuilder(config.address())
            .header("Content-Type", TYPE)
            .header(ID, id)
            .header(TIMESTAMP, seconds)
            .header(SIGNATURE, signature(id, seconds, body))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
    try {
      // The client's own timeout ends with the headers; a body may be without end.
      return result(answer.get(config.timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return Result.of(
          Outcome.FAILED,
          "the webhook gave no answer within " + config.timeout().toMillis() + " ms");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return Result.of(Outcome.FAILED, "the webhook cannot be called: " + reason(cause));
    } finally {
      answer.cancel(true);
    }
  }

  private static Result result(HttpResponse<Void> response) {
    int status = response.statusCode();
    String reason = "the webhook answered with " + status;
    if (status >= 200 && status < 300) {
      return Result.of(Outcome.DELIVERED, reason);
    }
    if (status < SERVER_FAULT && !LATER.contains(status)) {
      return Result.of(
          Outcome.REFUSED,
          status >= 300 && status < 400 ? reason + "; redirects are not followed" : reason);
    }
    return new Result(
        Outcome.FAILED,
        reason,
        response.headers().firstValue("Retry-After").flatMap(WebhookCaller::seconds));
  }

  /** A date, the other form, is ignored. */
  private static Optional<Duration> seconds(String retryAfter) {
    return retryAfter.matches("\\d{1,9}")
        ? Optional.of(Duration.ofSeconds(Long.parseLong(retryAfter)))
        : Optional.empty();
  }

  private static String reason(Throwable cause) {
    String kind = cause.getClass().getSimpleName();
    return cause instanceof IOException && cause.getMessage() != null
        ? kind + ": " + cause.getMessage()
        : kind;
  }

  private String signature(String id, String seconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(config.key(), mac.getAlgorithm()));
      mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC", e);
    }
  }
}
