package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page where something is wrong: no worker, no such camera, long names, many windows. */
@Tag("chromium")
class ViewerFaultsIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String LONG = "n".repeat(100);

  /** More than the connections of a browser to a server. */
  private static final int WINDOWS = 7;

  private static final String TOPOLOGY =
      """
      name: page
      kafka: {bootstrap: embedded}
      topics: {prefix: page, partitions: 1}
      cameras:
        - {id: gate, url: 'synthetic:street?seed=1', fps: 1}
        - {id: yard, url: 'synthetic:street?seed=2', fps: 1}
        - {id: %s, url: 'http://127.0.0.1:1/video', reconnectDelay: 9s}
      view: {port: 0, user: guard, password: secret}
      monitor: {port: 0}
      """
          .formatted(LONG);

  private static Deployment deployment;

  private ChromeDriver browser;
  private String page;

  @BeforeAll
  static void startWithoutWorker() throws Exception {
    DeploymentConfig config = YamlReader.parse("page", TOPOLOGY, DeploymentConfig.class, Map.of());
    deployment = Deployment.start(config, EnumSet.of(Role.INGEST, Role.VIEW));
  }

  @AfterAll
  static void end() throws Exception {
    deployment.close();
  }

  @BeforeEach
  void open() {
    browser = PageBrowser.start();
    browser.manage().window().setSize(new Dimension(1280, 860));
    page = deployment.page().orElseThrow().replace("//", "//guard:secret@"); // as of a kiosk
    browser.get(page);
  }

  @AfterEach
  void quit() {
    browser.quit();
  }

  @Test
  void camerasWithoutWorker_areSaidToDeliver_andFoundByKeys() {
    await().atMost(TIMEOUT).until(() -> card("gate").contains("no mask yet"));
    assertThat(card("gate")).contains("The camera delivers; no worker has segmented");
    assertThat(card(LONG)).contains("no frame yet");
    assertThat(PageBrowser.card(browser, "gate").getSize().height).isLessThan(200);
    PageBrowser.look(browser, "no-worker.png");
    browser.executeScript("location.hash = '#nosuch'");
    assertThat(browser.findElement(By.id("no-match")).getText())
        .contains("There is no camera “nosuch”.");
    browser.executeScript("location.hash = ''; ask('find', 'a'); arrange()");
    for (String next : List.of("gate", "yard", "gate")) { // not the one without an a
      body().sendKeys(Keys.ARROW_RIGHT);
      await().atMost(TIMEOUT).until(() -> browser.getCurrentUrl().endsWith("#" + next));
    }
    assertThat(browser.executeScript("return amount({measure: 'change'}, 0.0001)"))
        .isEqualTo("0.01 %/s");
  }

  @Test
  void longNamesAndRefusedChanges_fitAPhone() {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 390, "height", 844, "deviceScaleFactor", 1, "mobile", true));
    await().atMost(TIMEOUT).until(() -> card(LONG).contains("no frame yet"));
    assertThat(cutOff("article")).isZero();
    PageBrowser.look(browser, "long-names.png");
    browser.executeScript(
        """
        const rule = { name: arguments[0], classes: [arguments[0]], cameras: [arguments[0]], measure: 'share',
          above: .5, release: .5, origin: 'page' };
        element('rules').showModal();
        element('rule-list').replaceChildren(ruleSection(rule));
        editRule(rule);
        """,
        LONG);
    assertThat(cutOff("#rules")).isZero();
    PageBrowser.look(browser, "long-names-rules.png");
    browser.findElement(By.id("rules")).sendKeys(Keys.ESCAPE);
    browser.findElement(By.id("more")).click();
    browser.findElement(By.id("manage")).click();
    await()
        .atMost(TIMEOUT)
        .until(() -> browser.findElements(By.cssSelector("#registered tr")).size() == 3);
    assertThat(cutOff("#registry")).isZero();
    WebElement form = browser.findElement(By.id("add"));
    form.findElement(By.name("id")).sendKeys("new");
    refused(form, "ftp://nowhere/x", "", "ftp");
    refused(form, "{\"file\": ", "", "An address that begins with { must be a JSON object");
    refused(form, "synthetic:street", "5", "Other settings must be a JSON object such as");
    PageBrowser.look(browser, "refused-phone.png");
  }

  /** The reason is where the button is. */
  private void refused(WebElement form, String url, String more, String reason) {
    for (Map.Entry<String, String> field : Map.of("url", url, "more", more).entrySet()) {
      form.findElement(By.name(field.getKey())).clear();
      form.findElement(By.name(field.getKey())).sendKeys(field.getValue());
    }
    form.findElement(By.id("add-button")).click();
    WebElement problem = form.findElement(By.id("problem"));
    await().atMost(TIMEOUT).until(() -> problem.getText().contains(reason));
    assertThat(problem.getDomAttribute("role")).isEqualTo("alert");
    assertThat(
            browser.executeScript(
                "const box = arguments[0].getBoundingClientRect();"
                    + "return box.top >= 0 && box.bottom <= innerHeight;",
                problem))
        .isEqualTo(true);
  }

  /** Elements with text that begin or end outside of the element around them. */
  private int cutOff(String around) {
    return PageBrowser.number(
            browser,
            """
            return [...document.querySelectorAll(arguments[0])].flatMap((outer) => {
              const box = outer.getBoundingClientRect();
              return [...outer.querySelectorAll('*')].filter((inner) => {
                const part = inner.getBoundingClientRect();
                return part.width && (part.right > box.right + 1
                  || inner.scrollWidth > inner.clientWidth + 1 && inner.clientWidth
                    && getComputedStyle(inner).overflowX === 'visible');
              });
            }).length;
            """,
            around)
        .intValue();
  }

  /** Headless Chromium shows one tab of a window, and all windows. */
  @Test
  void windowsOfOneBrowser_allShowTheCameras_andHiddenOnesHoldNoConnection() {
    List<String> tabs = opened(WindowType.TAB);
    allShowTheCameras(tabs);
    await().atMost(TIMEOUT).until(() -> connections() == 1); // the one that is shown
    allShowTheCameras(opened(WindowType.WINDOW));
    await().atMost(TIMEOUT).until(() -> connections() == 3);
    await().atMost(TIMEOUT).until(() -> since() < 1500); // this one polls
    show(false);
    browser.executeScript(
        "happened.set('old', {id: 'old', camera: 'gate', rule: 'r', classes: [], measure: 'share',"
            + " peak: 1, startMillis: 1, lastMillis: 1, ongoing: true}); listHappened();");
    assertThat(events()).isEqualTo("Events (1 ongoing)");
    await().during(Duration.ofSeconds(2)).atMost(TIMEOUT).until(() -> since() > 1500);
    show(true);
    await().atMost(TIMEOUT).until(() -> since() < 1500 && events().equals("Events"));
  }

  private List<String> opened(WindowType type) {
    List<String> made = new ArrayList<>();
    for (int at = 0; at < WINDOWS; at++) {
      made.add(browser.switchTo().newWindow(type).getWindowHandle());
      browser.get(page);
    }
    return made;
  }

  private void allShowTheCameras(List<String> windows) {
    for (String window : windows) {
      browser.switchTo().window(window);
      await().atMost(TIMEOUT).until(() -> state().equals("3 cameras, 1 silent, 2 without masks"));
    }
  }

  /** Milliseconds since the page heard of the cameras. */
  private long since() {
    return PageBrowser.number(browser, "return Date.now() - heard").longValue();
  }

  private String events() {
    return browser.findElement(By.id("events")).getText();
  }

  private void show(boolean shown) {
    browser.executeScript(
        "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});"
            + "document.dispatchEvent(new Event('visibilitychange'))",
        !shown);
  }

  /** Windows that follow the server's events. */
  private int connections() {
    return PageBrowser.number(
            browser,
            "return Object.keys(localStorage).filter((key) => key.startsWith('maskstream-stream-'))"
                + ".length")
        .intValue();
  }

  private String state() {
    return browser.findElement(By.id("state")).getText();
  }

  private String card(String camera) {
    return PageBrowser.card(browser, camera).getText();
  }

  private WebElement body() {
    return browser.findElement(By.tagName("body"));
  }
}
