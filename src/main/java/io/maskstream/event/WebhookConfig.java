package io.maskstream.event;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** Where events are sent to over HTTP. */
public record WebhookConfig(
    @Key("https:// or http:// address that takes the events; {file: PATH} keeps it secret.")
        Secret url,
    @Key(
            "Key of the signatures, 16 characters or more, or whsec_ and its Base64; "
                + "${WEBHOOK_SECRET} or {file: PATH} keep it out of this file.")
        Secret secret,
    @Key(value = "Longest wait for an answer.", defaultValue = "10s") Duration timeout,
    @Key(value = "First wait before a call is repeated; it doubles each time.", defaultValue = "1s")
        Duration retryDelay,
    @Key(value = "Longest wait before a call is repeated.", defaultValue = "60s")
        Duration maxRetryDelay,
    @Key(
            value = "Age of an event after which its call is not repeated any more.",
            defaultValue = "24h")
        Duration giveUpAfter) {

  private static final String ENCODED = "whsec_";
  private static final int LEAST_KEY_BYTES = 16;

  public WebhookConfig {
    var unused = address(url.value());
    Checks.require(
        key(secret.value()).length >= LEAST_KEY_BYTES,
        "secret must have at least %d bytes, has %d"
            .formatted(LEAST_KEY_BYTES, key(secret.value()).length));
    Checks.require(timeout.toMillis() > 0, "timeout must be above 0, is " + timeout);
    Checks.require(retryDelay.toMillis() > 0, "retryDelay must be above 0, is " + retryDelay);
    Checks.require(
        maxRetryDelay.compareTo(retryDelay) >= 0,
        "maxRetryDelay must be at least retryDelay, is " + maxRetryDelay);
    Checks.require(!giveUpAfter.isNegative(), "giveUpAfter must not be negative");
  }

  /** The address. */
  URI address() {
    return address(url.value());
  }

  /** Bytes of the signatures' key. */
  byte[] key() {
    return key(secret.value());
  }

  private static URI address(String url) {
    URI parsed;
    try {
      parsed = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("url must be a URL: " + e.getReason(), e);
    }
    Checks.require(
        ("https".equals(parsed.getScheme()) || "http".equals(parsed.getScheme()))
            && parsed.getHost() != null,
        "url must begin with https:// or http:// and a host");
    Checks.require(
        parsed.getRawUserInfo() == null, "url must have no user and password: nobody sends them");
    return parsed;
  }

  private static byte[] key(String secret) {
    if (!secret.startsWith(ENCODED)) {
      return secret.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(secret.substring(ENCODED.length()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("secret must be Base64 after " + ENCODED, e);
    }
  }
}
