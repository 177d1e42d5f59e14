package io.maskstream.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebhookConfigTest {

  private static WebhookConfig config(String url, String secret) throws ConfigException {
    return YamlReader.parse(
        "webhook",
        "{url: '%s', secret: '%s', retryDelay: 1s, maxRetryDelay: 10s}".formatted(url, secret),
        WebhookConfig.class,
        Map.of());
  }

  @Test
  void mistakes_areSentences() {
    assertThatThrownBy(() -> config("ftp://a/b", "0123456789abcdef"))
        .hasMessageContaining("url must begin with https:// or http://");
    assertThatThrownBy(() -> config("https://u:p@a/b", "0123456789abcdef"))
        .hasMessageContaining("no user and password");
    assertThatThrownBy(() -> config("https://a/b", "short"))
        .hasMessageContaining("at least 16 bytes, has 5");
    assertThatThrownBy(() -> config("https://a/b", "whsec_!"))
        .hasMessageContaining("Base64 after whsec_");
  }

  @Test
  void secretsOfStandardWebhooks_areBase64_andAppearNowhere() throws Exception {
    WebhookConfig config = config("https://a/token", "whsec_MDEyMzQ1Njc4OWFiY2RlZg==");
    assertThat(new String(config.key(), StandardCharsets.US_ASCII)).isEqualTo("0123456789abcdef");
    assertThat(config.toString()).doesNotContain("token").doesNotContain("whsec_");
  }

  @Test
  void delay_doublesUpToTheLongest() throws Exception {
    WebhookConfig config = config("https://a/b", "0123456789abcdef");
    assertThat(WebhookSink.delay(config, 0)).isEqualTo(Duration.ofSeconds(1));
    assertThat(WebhookSink.delay(config, 3)).isEqualTo(Duration.ofSeconds(8));
    assertThat(WebhookSink.delay(config, 4)).isEqualTo(Duration.ofSeconds(10));
    assertThat(WebhookSink.delay(config, 1_000)).isEqualTo(Duration.ofSeconds(10));
  }
}
