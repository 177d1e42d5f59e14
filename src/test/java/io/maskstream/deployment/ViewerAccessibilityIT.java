package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page's states by the rules of axe, at desktop and phone width, light and dark. */
@Tag("chromium")
class ViewerAccessibilityIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final String TOPOLOGY =
      """
      name: page
      kafka: {bootstrap: '%s'}
      topics: {prefix: page, partitions: 1}
      cameras:
        - id: a
          url: synthetic:street?seed=1
          fps: 2
          zones:
            - {name: near, polygon: [[0, 0.6], [1, 0.6], [1, 1], [0, 1]], regions: [road]}
        - {id: gone, url: 'http://127.0.0.1:1/video', reconnectDelay: 9s}
      rules:
        - {name: road-near, cameras: [a], zone: near, classes: [road], above: 0.05, hold: 500ms}
      view: {port: 0}
      monitor: {port: 0}
      """;

  /** Runs axe; a violation is a text with its rule, element and remedy. */
  private static final String RUN =
      """
      const done = arguments[arguments.length - 1];
      axe.run(document, {resultTypes: ['violations']}).then(
        (found) => done(found.violations.flatMap((violation) => violation.nodes.map((node) =>
          violation.id + ' at ' + node.target + ': ' + node.failureSummary))),
        (error) => done(['axe failed: ' + error]));
      """;

  private record Screen(String name, int width, int height) {}

  private static final List<Screen> SCREENS =
      List.of(new Screen("desktop", 1280, 860), new Screen("phone", 390, 844));

  private final SoftAssertions softly = new SoftAssertions();
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

  @Test
  void page_inEveryState_breaksNoRule() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      DeploymentConfig config =
          YamlReader.parse(
              "page", TOPOLOGY.formatted(broker.bootstrap()), DeploymentConfig.class, Map.of());
      Deployment view = Deployment.start(config, EnumSet.of(Role.VIEW));
      browser.get(view.page().orElseThrow());
      loadAxe();
      await().atMost(TIMEOUT).until(() -> state().equals("Waiting for cameras…"));
      body().sendKeys("e"); // events, of which there is none
      assertAccessible("empty");
      try (Deployment working = Deployment.start(config, EnumSet.of(Role.INGEST, Role.SEGMENT))) {
        PageBrowser.awaitFrame(browser, "a", "");
        wallAndEvents();
        singleCamera();
        zonesEditor();
        dialogs();
        working.stopCameras();
        view.close();
      }
      await().atMost(TIMEOUT).until(() -> state().contains("does not answer"));
      assertAccessible("away");
      aBrokenRuleIsFound();
    }
    softly.assertAll();
  }

  private void wallAndEvents() {
    await()
        .atMost(TIMEOUT)
        .until(() -> !browser.findElements(By.cssSelector("#event-list li")).isEmpty());
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "gone").getText().contains("next try in"));
    body().sendKeys("1"); // a class that is not shown
    assertAccessible("wall");
    filtersOfAPhone();
    body().sendKeys("0e");
    assertAccessible("wall-alone");
  }

  /** They are one row that unfolds to three. */
  private void filtersOfAPhone() {
    WebElement folded = browser.findElement(By.id("choice-title"));
    WebElement filters = browser.findElement(By.id("chosen"));
    assertThat(folded.isDisplayed()).isFalse();
    emulate(SCREENS.get(1));
    await().atMost(TIMEOUT).until(() -> folded.isDisplayed() && !filters.isDisplayed());
    assertThat(browser.findElement(By.id("choice")).getSize().height).isLessThan(40);
    folded.click();
    browser.findElement(By.id("of-rule")).sendKeys("road-near");
    await().atMost(TIMEOUT).until(() -> folded.getText().equals("Filter: road-near"));
    assertThat(PageBrowser.rows(browser, "#chosen > *")).isEqualTo(3);
    for (String scheme : List.of("light", "dark")) {
      assertAccessible("filters", SCREENS.get(1), scheme);
    }
    browser.findElement(By.cssSelector("#chosen button")).click();
    folded.click();
    browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    await().atMost(TIMEOUT).until(filters::isDisplayed);
  }

  private void singleCamera() {
    body().sendKeys(Keys.ARROW_RIGHT);
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "a").getText().contains("policy"));
    browser.executeScript("cards.get('a').areas.canvas.focus()");
    browser.switchTo().activeElement().sendKeys(Keys.ARROW_LEFT);
    assertAccessible("single");
    browser.executeScript("cards.get('a').timeline.tracks.focus()");
    browser.switchTo().activeElement().sendKeys(Keys.ARROW_LEFT);
    assertAccessible("single-event");
  }

  private void zonesEditor() {
    press("Edit zones");
    browser.findElement(By.cssSelector("button[aria-label='Change zone near']")).click();
    browser.findElement(By.cssSelector(".zone-editor summary")).click();
    assertAccessible("zones-editor");
    press("Cancel");
    press("New zone");
    browser.switchTo().activeElement().sendKeys("door", Keys.ENTER); // refused: it has no corner
    assertAccessible("zone-refused");
    press("Cancel");
    press("Done");
    body().sendKeys(Keys.ESCAPE);
  }

  private void dialogs() {
    body().sendKeys("?");
    assertAccessible("keys");
    browser.findElement(By.id("keys")).sendKeys(Keys.ESCAPE);
    browser.findElement(By.id("manage")).click();
    await()
        .atMost(TIMEOUT)
        .until(() -> browser.findElements(By.cssSelector("#registered tr")).size() == 2);
    browser.findElement(By.id("add")).findElement(By.name("id")).sendKeys("new");
    browser
        .findElement(By.id("add"))
        .findElement(By.name("url"))
        .sendKeys("ftp://no/x", Keys.ENTER);
    await()
        .atMost(TIMEOUT)
        .until(() -> browser.findElement(By.id("problem")).getText().contains("ftp"));
    assertAccessible("cameras");
    browser.findElement(By.id("registry")).sendKeys(Keys.ESCAPE);
    rules();
    models();
  }

  private void rules() {
    body().sendKeys("r");
    By state = By.cssSelector("#rule-list li.ongoing");
    await().atMost(TIMEOUT).until(() -> browser.findElements(state).size() == 1);
    assertAccessible("rules");
    browser.findElement(By.id("new-rule")).click();
    assertAccessible("rule-form");
    browser.switchTo().activeElement().sendKeys("road-far");
    browser.findElement(By.name("threshold")).sendKeys("0.1", Keys.ENTER);
    By problem = By.id("rule-problem");
    await()
        .atMost(TIMEOUT)
        .until(
            () -> browser.findElement(problem).getText().equals("rule road-far must name classes"));
    assertAccessible("rule-refused");
    browser.findElement(By.id("cancel-rule")).click();
    browser.findElement(By.id("rules")).sendKeys(Keys.ESCAPE);
  }

  private void models() {
    browser.findElement(By.id("manage-models")).click();
    await().atMost(TIMEOUT).until(() -> slots().contains("Never changed"));
    WebElement form = browser.findElement(By.id("swap"));
    form.findElement(By.name("folder")).sendKeys("/none", Keys.ENTER);
    By problem = By.id("models-problem");
    await()
        .atMost(TIMEOUT)
        .until(() -> browser.findElement(problem).getText().endsWith("no such folder: /none"));
    assertAccessible("models-refused");
    form.findElement(By.name("folder")).clear();
    form.findElement(By.name("folder")).sendKeys("models/street-ssa");
    form.findElement(By.name("shadow")).clear();
    form.findElement(By.name("shadow")).sendKeys("0", Keys.ENTER);
    await().atMost(TIMEOUT).until(() -> slots().contains("1 of 1 worker has reported"));
    assertThat(slots()).contains("Roll back to models/street-ssa", "taken-over");
    assertThat(browser.findElement(By.id("models-state")).getText()).endsWith(", taken-over");
    assertAccessible("models");
    browser.findElement(By.id("models")).sendKeys(Keys.ESCAPE);
  }

  private String slots() {
    return browser.findElement(By.id("slots")).getText();
  }

  /** That axe looks at this page. */
  private void aBrokenRuleIsFound() {
    browser.executeScript("document.getElementById('opacity').parentElement.firstChild.remove()");
    assertThat(violations()).singleElement().asString().startsWith("label at #opacity");
  }

  private void assertAccessible(String state) {
    for (Screen screen : SCREENS) {
      emulate(screen);
      for (String scheme : List.of("light", "dark")) {
        assertAccessible(state, screen, scheme);
      }
      softly.assertThat(PageBrowser.overflow(browser)).as("%s, %s", state, screen.name).isZero();
      softly
          .assertThat(PageBrowser.headerRows(browser))
          .as("rows of the header: %s, %s", state, screen.name)
          .isLessThanOrEqualTo(2);
    }
    browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
  }

  private void emulate(Screen screen) {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            screen.width,
            "height",
            screen.height,
            "deviceScaleFactor",
            1,
            "mobile",
            false));
  }

  private void assertAccessible(String state, Screen screen, String scheme) {
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    PageBrowser.look(browser, "axe-%s-%s-%s.png".formatted(state, screen.name, scheme));
    softly.assertThat(violations()).as("%s, %s, %s", state, screen.name, scheme).isEmpty();
  }

  private void loadAxe() throws IOException {
    try (InputStream script =
        Objects.requireNonNull(ViewerAccessibilityIT.class.getResourceAsStream("/axe.min.js"))) {
      browser.executeScript(new String(script.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private List<?> violations() {
    return (List<?>) browser.executeAsyncScript(RUN);
  }

  private void press(String text) {
    PageBrowser.card(browser, "a")
        .findElement(By.xpath(".//button[normalize-space()='" + text + "']"))
        .click();
  }

  private WebElement body() {
    return browser.findElement(By.tagName("body"));
  }

  private String state() {
    return browser.findElement(By.id("state")).getText();
  }
}
