package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;

/** Zones and events on the page in a real browser, fed by a real broker. */
@Tag("chromium")
class ViewerEventsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final String TOPOLOGY =
      """
      name: page
      kafka: {bootstrap: '%s'}
      topics: {prefix: page, partitions: 1}
      cameras:
        - id: a
          url: synthetic:street?seed=1
          fps: 5
          zones:
            - {name: near, polygon: [[0, 0.6], [1, 0.6], [1, 1], [0, 1]], regions: [road]}
        - {id: b, url: 'synthetic:street?seed=2', fps: 5}
      rules:
        - {name: road-near, cameras: [a], zone: near, classes: [road], above: 0.05, hold: 500ms}
        - {name: sky, classes: [sky], above: 0.001, hold: 500ms}
      segment: {maxAge: 3s}
      view: {port: 0}
      monitor: {port: 0}
      """;

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
  void zonesAndEvents_areShown_andOperatorsDrawZones() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      DeploymentConfig config =
          YamlReader.parse(
              "page", TOPOLOGY.formatted(broker.bootstrap()), DeploymentConfig.class, Map.of());
      EnumSet<Role> work = EnumSet.of(Role.INGEST, Role.SEGMENT);
      try (Deployment working = Deployment.start(config, work);
          Deployment view = Deployment.start(config, EnumSet.of(Role.VIEW))) {
        browser.get(view.page().orElseThrow());
        zonesAreDrawn();
        eventsAreListedAndFiltered();
        choiceIsInTheAddress(view.page().orElseThrow());
        singleViewShowsAllAtOnce();
        timelineIsReadByKeys();
        rulesAreShown();
        ruleIsAddedChangedAndRemoved();
        zoneIsDrawnByClicksAndKeys();
        chartIsReadByKeys();
        assertThat(PageBrowser.errors(browser)).isEmpty();
        working.stopCameras();
        pictureFallsBehind();
      }
    }
  }

  private void zonesAreDrawn() {
    PageBrowser.awaitFrame(browser, "a", "");
    eventually().atMost(TIMEOUT).until(() -> zoneNames("a").equals(List.of("near")));
    assertThat(zoneNames("b")).isEmpty();
    body().sendKeys("z");
    assertThat(zoneNames("a")).isEmpty();
    body().sendKeys("z");
    assertThat(zoneNames("a")).containsExactly("near");
    zonesWithOneCorner_haveNamesApart();
  }

  private void zonesWithOneCorner_haveNamesApart() {
    Object apart =
        browser.executeScript(
            """
            const layer = cards.get('b').zones;
            const before = layer.zones;
            layer.zones = ['one', 'two'].map((name) => ({ name, polygon: [[0, 0], [1, 0], [1, 1]] }));
            layer.draw();
            const [one, two] = [...layer.names.children].map((name) => name.getBoundingClientRect());
            const top = layer.names.parentElement.getBoundingClientRect().top;
            layer.zones = before;
            layer.draw();
            return one.top - top >= 30 && two.top >= one.bottom; // 30: how far it is behind
            """);
    assertThat(apart).isEqualTo(true);
  }

  private void eventsAreListedAndFiltered() {
    body().sendKeys("e");
    eventually().atMost(TIMEOUT).until(() -> listed().size() == 3);
    assertThat(browser.findElement(By.id("events")).getText()).isEqualTo("Events (3 ongoing)");
    assertThat(listed()).allMatch(text -> text.contains("since ") && text.contains("ongoing"));
    eventually().atMost(TIMEOUT).until(() -> picturesLoaded("#event-list img") == 3);
    choose("of-camera", "b");
    assertThat(listed()).hasSize(1).first().asString().contains("sky").contains("b");
    choose("of-class", "road");
    assertThat(listed()).isEmpty();
    assertThat(browser.findElement(By.id("no-event")).getText())
        .contains("No event of this choice");
    PageBrowser.look(browser, "events-none.png");
    choose("of-camera", "all");
    assertThat(listed()).hasSize(1).first().asString().contains("road-near");
    choose("of-class", "all");
    PageBrowser.look(browser, "events.png");
    browser.navigate().refresh();
    eventually().atMost(TIMEOUT).until(() -> listed().size() == 3);
    browser.manage().window().setSize(new Dimension(500, 800));
    assertThat(PageBrowser.overflow(browser)).isZero();
    PageBrowser.look(browser, "events-phone.png");
    browser.manage().window().setSize(new Dimension(1280, 860));
  }

  /** A link shows what its sender saw. */
  private void choiceIsInTheAddress(String page) {
    choose("of-camera", "a");
    choose("of-rule", "sky");
    assertThat(browser.getCurrentUrl()).endsWith("/?camera=a&rule=sky");
    browser.navigate().refresh();
    eventually().atMost(TIMEOUT).until(() -> listed().size() == 1);
    assertThat(listed()).first().asString().contains("sky");
    assertThat(chosen("of-rule")).isEqualTo("sky");
    browser.get(page + "?class=road&from=2020-01-01T00:00:00Z&find=B");
    eventually().atMost(TIMEOUT).until(() -> listed().size() == 1);
    assertThat(listed()).first().asString().contains("road-near");
    PageBrowser.awaitFrame(browser, "b", "");
    assertThat(card("b").isDisplayed()).isTrue();
    assertThat(card("a").isDisplayed()).isFalse();
    PageBrowser.look(browser, "events-link.png");
    browser.get(page + "?to=2020-01-01T00:00:00Z");
    eventually()
        .atMost(TIMEOUT)
        .until(() -> browser.findElement(By.id("no-event")).getText().contains("of this choice"));
    browser.findElement(By.cssSelector("#chosen button")).click();
    eventually().atMost(TIMEOUT).until(() -> listed().size() == 3);
    assertThat(browser.getCurrentUrl()).isEqualTo(page + "/");
    assertThat(chosen("to")).isEmpty();
  }

  /** Figures, charts and timeline are within the window. */
  private void singleViewShowsAllAtOnce() {
    card("a").findElement(By.linkText("a")).click();
    eventually().atMost(TIMEOUT).until(() -> card("a").getText().contains("policy"));
    assertThat(listed()).hasSize(2);
    eventually()
        .atMost(TIMEOUT)
        .until(() -> card("a").findElements(By.cssSelector(".bars i")).size() == 2);
    for (String part : List.of(".frame", ".figures", ".areas", ".timeline")) {
      Number below =
          PageBrowser.number(
              browser,
              "return document.querySelector(`article[data-camera='a'] ${arguments[0]}`)"
                  + ".getBoundingClientRect().bottom - innerHeight",
              part);
      assertThat(below.doubleValue()).as(part).isLessThanOrEqualTo(0);
    }
    PageBrowser.look(browser, "single.png");
  }

  /** Pictures of events that are there, 320 pixels wide. */
  private int picturesLoaded(String selector) {
    return PageBrowser.number(
            browser,
            "return [...document.querySelectorAll(arguments[0])].filter("
                + "(picture) => picture.complete && picture.naturalWidth === 320).length",
            selector)
        .intValue();
  }

  private void timelineIsReadByKeys() {
    WebElement tracks = card("a").findElement(By.className("tracks"));
    browser.executeScript("arguments[0].focus()", tracks);
    new Actions(browser).sendKeys(Keys.ARROW_LEFT, Keys.ARROW_LEFT).perform();
    WebElement tip = card("a").findElement(By.cssSelector(".timeline .tip"));
    assertThat(tip.getText()).contains("ongoing").containsAnyOf("sky", "road-near");
    eventually().atMost(TIMEOUT).until(() -> picturesLoaded(".timeline .tip img") == 1);
    assertThat(card("a").isDisplayed()).isTrue(); // the key did not go on to the next camera
    PageBrowser.look(browser, "timeline.png");
    browser.executeScript("arguments[0].blur()", tracks);
    assertThat(tip.isDisplayed()).isFalse();
  }

  private void rulesAreShown() {
    body().sendKeys("r");
    By states = By.cssSelector("#rule-list li");
    eventually()
        .atMost(TIMEOUT)
        .until(
            () ->
                browser.findElements(states).stream()
                    .map(WebElement::getText)
                    .filter(text -> text.matches("[ab] ongoing since .*"))
                    .count(),
            count -> count == 3);
    assertThat(browser.findElement(By.id("rule-list")).getText())
        .contains(
            "Starts where share of road in zone near is at least 5.0 % for 0.5 s, ends below 5.0 %"
                + " for 1 s. The next starts 10 s later or more; while it goes on, a notice every"
                + " 1 min.")
        .contains("Starts where share of sky in the picture is at least 0.1 %");
    PageBrowser.look(browser, "rules.png");
    browser.findElement(By.id("rules")).sendKeys(Keys.ESCAPE);
  }

  private void ruleIsAddedChangedAndRemoved() {
    body().sendKeys("r");
    By fresh = By.id("new-rule");
    eventually().atMost(TIMEOUT).until(() -> browser.findElement(fresh).isDisplayed());
    browser.findElement(fresh).click();
    browser.switchTo().activeElement().sendKeys("road-b");
    ruleField("threshold").sendKeys("0.01");
    ruleField("hold").clear();
    ruleField("hold").sendKeys("0");
    browser.findElement(By.cssSelector("#rule-classes input[value=road]")).click();
    assertThat(ruleField("zone").getText()).contains("near");
    browser.findElement(By.cssSelector("#rule-cameras input[value=b]")).click();
    assertThat(ruleField("zone").getText()).isEqualTo("whole picture"); // b has no zone
    PageBrowser.look(browser, "rule-form.png");
    ruleField("threshold").sendKeys(Keys.ENTER);
    awaitRule("b ongoing since");
    assertThat(browser.switchTo().activeElement().getDomAttribute("aria-label"))
        .isEqualTo("Change rule road-b");
    browser.switchTo().activeElement().sendKeys(Keys.ENTER);
    assertThat(ruleField("threshold").getDomProperty("value")).isEqualTo("0.01");
    ruleField("threshold").clear();
    ruleField("threshold").sendKeys("2", Keys.ENTER); // more than a share can be
    assertThat(
            browser.executeScript(
                "return arguments[0].validity.rangeOverflow", ruleField("threshold")))
        .isEqualTo(true);
    ruleField("threshold").clear();
    ruleField("threshold").sendKeys("0.99", Keys.ENTER);
    eventually()
        .atMost(TIMEOUT)
        .until(() -> browser.findElement(rule()).getText().contains("at least 99.0 %"));
    awaitRule("b quiet; last event");
    assertThat(browser.findElement(rule()).getText())
        .contains("for 0 s", "From an operator. Cameras:");
    PageBrowser.look(browser, "rule-changed.png");
    browser.findElement(By.cssSelector("button[aria-label='Remove rule road-b']")).click();
    browser.switchTo().alert().accept();
    eventually().atMost(TIMEOUT).until(() -> browser.findElements(rule()).isEmpty());
    assertThat(browser.findElement(By.id("rule-list")).getText()).contains("sky");
    browser.findElement(By.id("rules")).sendKeys(Keys.ESCAPE);
  }

  private static By rule() {
    return By.cssSelector("section[data-rule=road-b]");
  }

  private WebElement ruleField(String name) {
    return browser.findElement(By.id("rule-form")).findElement(By.name(name));
  }

  private void awaitRule(String state) {
    By camera = By.cssSelector("section[data-rule=road-b] li");
    eventually()
        .atMost(TIMEOUT)
        .until(
            () ->
                browser.findElements(camera).stream()
                    .anyMatch(entry -> entry.getText().startsWith(state)));
  }

  private void zoneIsDrawnByClicksAndKeys() {
    press("Edit zones");
    press("New zone");
    WebElement frame = card("a").findElement(By.className("frame"));
    browser.switchTo().activeElement().sendKeys("door");
    for (int side : new int[] {-100, 100}) {
      new Actions(browser).moveToElement(frame, side, -80).click().perform();
    }
    press("Save zone");
    assertThat(problem()).contains("at least 3 corners; this one has 2");
    press("Add corner"); // in the middle, with the focus
    WebElement corner = browser.switchTo().activeElement();
    assertThat(corner.getDomAttribute("aria-label"))
        .isEqualTo("Corner 3 at 50 % from the left, 50 % from the top");
    corner.sendKeys(Keys.ARROW_DOWN, Keys.chord(Keys.SHIFT, Keys.ARROW_RIGHT));
    assertThat(corner.getDomAttribute("aria-label"))
        .isEqualTo("Corner 3 at 55 % from the left, 51 % from the top");
    PageBrowser.look(browser, "zone-editor.png");
    press("Save zone");
    eventually().atMost(TIMEOUT).until(() -> zoneNames("a").equals(List.of("near", "door")));
    eventually().atMost(TIMEOUT).until(() -> activeText().equals("New zone"));
    assertThat(settings("a")).contains("[0.55,0.51]").contains("\"regions\":[\"road\"]");
    browser.findElement(By.cssSelector("button[aria-label='Remove zone door']")).click();
    browser.switchTo().alert().accept();
    eventually().atMost(TIMEOUT).until(() -> zoneNames("a").equals(List.of("near")));
    assertThat(settings("a")).doesNotContain("door");
    press("Done");
    assertThat(activeText()).isEqualTo("Edit zones");
  }

  private void chartIsReadByKeys() {
    browser.executeScript(
        "arguments[0].focus()", card("a").findElement(By.cssSelector(".chart .areas")));
    new Actions(browser).sendKeys(Keys.ARROW_LEFT).perform();
    assertThat(card("a").findElement(By.className("tip")).getText())
        .containsPattern("\\d\\d:\\d\\d:\\d\\d.*road \\d+\\.\\d %");
    assertThat(card("a").isDisplayed()).isTrue(); // the key did not go on to the next camera
    PageBrowser.look(browser, "chart.png");
    body().sendKeys(Keys.ESCAPE);
  }

  private void pictureFallsBehind() {
    By badge = By.className("behind");
    eventually()
        .atMost(TIMEOUT)
        .until(() -> card("a").findElement(badge).getText().matches("behind by [3-9]\\.\\d s"));
    PageBrowser.look(browser, "behind.png");
  }

  private WebElement card(String camera) {
    return PageBrowser.card(browser, camera);
  }

  private WebElement body() {
    return browser.findElement(By.tagName("body"));
  }

  private String activeText() {
    return browser.switchTo().activeElement().getText();
  }

  private void choose(String select, String option) {
    By named = By.xpath("option[.='" + option + "']");
    browser.findElement(By.id(select)).findElement(named).click();
  }

  /** Waits; the page may replace an element while it is looked at. */
  private static ConditionFactory eventually() {
    return await().ignoreException(StaleElementReferenceException.class);
  }

  private String chosen(String filter) {
    return browser.findElement(By.id(filter)).getDomProperty("value");
  }

  private List<String> zoneNames(String camera) {
    return card(camera).findElements(By.cssSelector(".zone-names span")).stream()
        .map(WebElement::getText)
        .toList();
  }

  private List<String> listed() {
    return browser.findElements(By.cssSelector("#event-list li")).stream()
        .map(WebElement::getText)
        .toList();
  }

  private void press(String text) {
    card("a").findElement(By.xpath(".//button[normalize-space()='" + text + "']")).click();
  }

  private String problem() {
    return card("a").findElement(By.className("problem")).getText();
  }

  /** A camera's settings as the server has them. */
  private String settings(String camera) {
    return PageBrowser.settings(browser, camera);
  }
}
