package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.app.Maskstream;
import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.Json;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.TopicReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * The walk of {@code docs/yard.md}: {@code topologies/yard.yaml} on a looping clip, with a broker
 * and a browser. {@code -Dmaskstream.write=true} writes the pictures of that page.
 */
@Tag("chromium")
@Tag("data")
class YardWalkIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final TopicNames TOPICS = new TopicNames("yard");
  private static final Path PICTURES = Path.of("docs", "images");

  @TempDir private Path folder;
  private ChromeDriver browser;

  @BeforeEach
  void open() {
    browser = PageBrowser.start();
    browser.manage().window().setSize(new Dimension(1280, 860));
  }

  @AfterEach
  void quit() {
    browser.quit();
  }

  /** The example, with the clip's old codec and free ports. */
  private static String topology(String bootstrap) throws IOException {
    String example = Files.readString(Path.of("topologies", "yard.yaml"));
    return example
            .replace("${KAFKA_BOOTSTRAP}", bootstrap)
            .replace(
                "${YARD_CAMERA}",
                Path.of(System.getProperty("maskstream.data"), "video", "vtest.avi")
                    .toAbsolutePath()
                    .toString())
            .replace(
                "    loop: true\n", "    loop: true\n    allow: {codecs: [msmpeg4v2, msmpeg4]}\n")
        + "\nview: {port: 0}\nmonitor: {port: 0}\n";
  }

  @Test
  void yard_isWatched_redacted_shownAndReplayed() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      Path file = Files.writeString(folder.resolve("yard.yaml"), topology(broker.bootstrap()));
      DeploymentConfig config = YamlReader.read(file, DeploymentConfig.class, Map.of());
      try (Deployment deployment = Deployment.start(config, Deployment.allRoles())) {
        eventsStart(deployment);
        zonesAreMeasured(deployment);
        picturesAreRedacted(deployment);
        masksAreServed(deployment.page().orElseThrow());
        pageShowsIt(deployment.page().orElseThrow());
      }
      assertThat(run("audit", file.toString())).as("exit code of audit").isZero();
      Path out = folder.resolve("replayed");
      assertThat(run("replay", file.toString(), "--from", "20s", "--out", out.toString())).isZero();
      assertThat(Files.readString(out.resolve("report.md"))).contains("yard");
    }
  }

  private static int run(String... command) {
    return Maskstream.commandLine().execute(command);
  }

  private static Stream<ConsumerRecord<byte[], byte[]>> records(
      Deployment deployment, String topic) {
    return TopicReader.readAll(deployment.kafka(), topic).stream();
  }

  private static void eventsStart(Deployment deployment) {
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                records(deployment, TOPICS.events())
                    .map(record -> Json.read(record.value(), Event.class))
                    .anyMatch(event -> "somebody-on-the-path".equals(event.subject())));
  }

  private static void zonesAreMeasured(Deployment deployment) {
    List<ClassStats> stats =
        records(deployment, TOPICS.classStats())
            .map(record -> Json.read(record.value(), ClassStats.class))
            .toList();
    assertThat(stats)
        .isNotEmpty()
        .allSatisfy(one -> assertThat(one.zones()).containsOnlyKeys("path", "corner"))
        .anySatisfy(
            one ->
                assertThat(
                        Objects.requireNonNull(one.zones().get("path")).classes().get("pedestrian"))
                    .satisfies(
                        person ->
                            assertThat(Objects.requireNonNull(person).regions()).isPositive()));
  }

  private static void picturesAreRedacted(Deployment deployment) throws IOException {
    ConsumerRecord<byte[], byte[]> record =
        records(deployment, TOPICS.redactedFrames())
            .filter(one -> Integer.parseInt(header(one, "redacted-pixels")) > 1_000)
            .findFirst()
            .orElseThrow();
    assertThat(header(record, "redacted-classes")).isEqualTo("pedestrian,bicyclist");
    assertThat(ImageIO.read(new ByteArrayInputStream(record.value())).getWidth()).isEqualTo(480);
    keep("yard-redacted.jpg", record.value());
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static void masksAreServed(String page) throws IOException, InterruptedException {
    for (String path :
        List.of(
            "cameras/yard/mask.png",
            "cameras/yard/mask.rle.json",
            "cameras/yard/mask.polygons.json",
            "cameras/yard/zones",
            "schemas")) {
      URI address = URI.create(page).resolve("/api/" + path);
      HttpResponse<byte[]> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofByteArray());
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(answer.body()).as(path).isNotEmpty();
    }
  }

  private void pageShowsIt(String page) {
    browser.get(page);
    PageBrowser.awaitFrame(browser, "yard", "");
    body().sendKeys("e");
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "yard").getText().contains("corner"));
    await()
        .atMost(TIMEOUT)
        .until(() -> !browser.findElements(By.cssSelector("#event-list li")).isEmpty());
    look("yard-wall.jpg");
    PageBrowser.card(browser, "yard").findElement(By.linkText("yard")).click();
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "yard").getText().contains("policy"));
    look("yard-camera.jpg");
    body().sendKeys("r");
    await()
        .atMost(TIMEOUT)
        .until(
            () ->
                browser.findElement(By.id("rule-list")).getText().contains("somebody-on-the-path"));
    look("yard-rules.jpg");
    browser.findElement(By.id("rules")).sendKeys(Keys.ESCAPE);
    assertThat(PageBrowser.errors(browser)).isEmpty();
  }

  private WebElement body() {
    return browser.findElement(By.tagName("body"));
  }

  private void look(String name) {
    byte[] png = browser.getScreenshotAs(OutputType.BYTES);
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    try {
      BufferedImage shot = ImageIO.read(new ByteArrayInputStream(png));
      BufferedImage opaque =
          new BufferedImage(shot.getWidth(), shot.getHeight(), BufferedImage.TYPE_INT_RGB);
      opaque.getGraphics().drawImage(shot, 0, 0, null);
      ImageIO.write(opaque, "jpg", jpeg);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    keep(name, jpeg.toByteArray());
  }

  private static void keep(String name, byte[] picture) {
    if (!Boolean.getBoolean("maskstream.write")) {
      return;
    }
    try {
      Files.write(PICTURES.resolve(name), picture);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
