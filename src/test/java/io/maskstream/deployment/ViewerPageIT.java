package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page in a real browser, fed by a real broker. */
class ViewerPageIT {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** A closed connection is noticed at once, whatever else the machine does. */
  private static final Duration AT_ONCE = Duration.ofSeconds(6);

  private static DeploymentConfig config(String view) throws Exception {
    String yaml =
        """
        name: page
        kafka: {bootstrap: embedded}
        topics: {prefix: page, partitions: 2}
        cameras:
          - {id: a, url: 'synthetic:street?seed=1', fps: 8, partition: 0}
          - {id: b, url: 'synthetic:street?seed=2', fps: 8, partition: 1}
          - {id: gone, url: 'http://127.0.0.1:1/video', reconnectDelay: 9s, partition: 0}
          - {id: over, url: 'synthetic:street?seed=3', maxFrames: 3, partition: 1}
        view: {%s}
        monitor: {port: 0}
        """
            .formatted(view);
    return YamlReader.parse("page.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  /** Mean colour of a canvas, to see that it is drawn and changes. */
  private static List<Long> colour(ChromeDriver browser, String camera) {
    Object sums =
        browser.executeScript(
            """
            const canvas = document.querySelector("article[data-camera='" + arguments[0] + "'] canvas");
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            const sums = [0, 0, 0];
            for (let i = 0; i < data.length; i += 4) for (let c = 0; c < 3; c++) sums[c] += data[i + c];
            return sums;
            """,
            camera);
    return ((List<?>) sums).stream().map(value -> ((Number) value).longValue()).toList();
  }

  @Test
  @Tag("chromium")
  void page_inABrowser_showsMovesTogglesAndReconnects() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ChromeDriver browser = PageBrowser.start();
    try (EmbeddedBroker broker = EmbeddedBroker.start(java.util.Optional.empty(), 0)) {
      DeploymentConfig config = external(config("port: " + port), broker);
      Set<Role> work = EnumSet.of(Role.INGEST, Role.SEGMENT);
      try (Deployment working = Deployment.start(config, work)) {
        assertThat(working.page()).isEmpty();
        await()
            .atMost(TIMEOUT)
            .until(() -> working.metrics().text().contains("camera=\"over\",state=\"finished\""));
        Deployment view = Deployment.start(config, EnumSet.of(Role.VIEW));
        browser.manage().window().setSize(new Dimension(1200, 900));
        browser.get("http://127.0.0.1:" + port + "/");
        PageBrowser.awaitFrame(browser, "a", "");
        PageBrowser.awaitFrame(browser, "b", "");
        picturesChange(browser);
        togglesAct(browser);
        keysAct(browser);
        camerasAreFound(browser);
        legendIsUsedByKeys(browser);
        assertThat(PageBrowser.errors(browser)).isEmpty();
        smallScreenFits(browser);
        deadCameraIsShownWithReason(browser, view);
        operatorChangesCameras(browser);
        // The refusal, and perhaps pictures of a camera that was just removed.
        assertThat(PageBrowser.errors(browser))
            .isNotEmpty()
            .allMatch(entry -> entry.getMessage().contains("/new"));
        PageBrowser.look(browser, "page.png");
        browser.manage().window().setSize(new Dimension(500, 800));
        view.close();
        await().atMost(AT_ONCE).until(() -> state(browser).contains("does not answer"));
        String before = PageBrowser.card(browser, "a").getDomAttribute("data-frame");
        try (Deployment again = Deployment.start(config, EnumSet.of(Role.VIEW))) {
          assertThat(again.page()).isPresent();
          PageBrowser.awaitFrame(browser, "a", before);
          await().atMost(TIMEOUT).until(() -> state(browser).contains("4 cameras, 1 silent"));
        }
      }
    } finally {
      browser.quit();
    }
  }

  private static void deadCameraIsShownWithReason(ChromeDriver browser, Deployment view)
      throws Exception {
    browser.manage().window().setSize(new Dimension(1200, 900));
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "gone").getText().contains("next try in"));
    WebElement picture = PageBrowser.card(browser, "gone").findElement(By.className("picture"));
    assertThat(picture.isDisplayed()).isFalse();
    assertThat(PageBrowser.card(browser, "gone").getText())
        .contains("no frame yet")
        .containsIgnoringCase("connection refused");
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "over").getText().contains("finished"));
    await().atMost(TIMEOUT).until(() -> state(browser).equals("4 cameras, 1 silent"));
    String cameras = body(view.page().orElseThrow() + "/api/cameras");
    assertThat(cameras).contains("\"camera\":\"gone\",\"state\":\"waiting\"");
  }

  private static void operatorChangesCameras(ChromeDriver browser) {
    browser.findElement(By.id("manage")).click();
    await().atMost(TIMEOUT).until(() -> registered(browser).size() == 4);
    add(browser, "new", "ftp://nowhere/x");
    await().atMost(TIMEOUT).until(() -> problem(browser).contains("ftp"));
    assertThat(registered(browser)).hasSize(4);
    browser.findElement(By.id("add")).findElement(By.name("url")).clear();
    browser.findElement(By.id("add")).findElement(By.name("id")).clear();
    add(browser, "new", "synthetic:street?seed=9");
    await().atMost(TIMEOUT).until(() -> registered(browser).size() == 5);
    assertThat(problem(browser)).isEmpty();
    PageBrowser.awaitFrame(browser, "new", "");
    press(browser, "Change new");
    WebElement form = browser.findElement(By.id("add"));
    await()
        .atMost(TIMEOUT)
        .until(() -> "new".equals(form.findElement(By.name("id")).getDomProperty("value")));
    form.findElement(By.name("fps")).sendKeys("2");
    form.findElement(By.name("more")).sendKeys("{\"quality\": 70}");
    PageBrowser.look(browser, "cameras.png");
    form.findElement(By.id("add-button")).click();
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.settings(browser, "new").contains("\"quality\":70"));
    assertThat(PageBrowser.settings(browser, "new")).contains("\"fps\":2");
    press(browser, "Change new");
    await()
        .atMost(TIMEOUT)
        .until(() -> !form.findElement(By.name("more")).getDomProperty("value").isEmpty());
    form.findElement(By.name("more")).clear();
    form.findElement(By.id("add-button")).click();
    await().atMost(TIMEOUT).until(() -> !PageBrowser.settings(browser, "new").contains("quality"));
    assertThat(problem(browser)).isEmpty();
    press(browser, "Pause new");
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "new").getText().contains("paused"));
    await().atMost(TIMEOUT).until(() -> !browser.findElements(button("Resume new")).isEmpty());
    press(browser, "Remove new");
    browser.switchTo().alert().accept();
    await().atMost(TIMEOUT).until(() -> registered(browser).size() == 4);
    By added = By.cssSelector("article[data-camera='new']");
    await().atMost(TIMEOUT).until(() -> browser.findElements(added).isEmpty());
    browser.findElement(By.id("registry")).sendKeys(Keys.ESCAPE);
  }

  private static void add(ChromeDriver browser, String id, String url) {
    WebElement form = browser.findElement(By.id("add"));
    form.findElement(By.name("id")).sendKeys(id);
    form.findElement(By.name("url")).sendKeys(url);
    form.findElement(By.tagName("button")).click();
  }

  private static List<WebElement> registered(ChromeDriver browser) {
    return browser.findElements(By.cssSelector("#registered tr"));
  }

  private static String problem(ChromeDriver browser) {
    return browser.findElement(By.id("problem")).getText();
  }

  private static void press(ChromeDriver browser, String label) {
    browser.findElement(button(label)).click();
  }

  private static By button(String label) {
    return By.cssSelector("button[aria-label='" + label + "']");
  }

  private static String body(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static DeploymentConfig external(DeploymentConfig config, EmbeddedBroker broker) {
    return config.withKafka(io.maskstream.topic.KafkaConnection.plain(broker.bootstrap()));
  }

  private static String state(ChromeDriver browser) {
    return browser.findElement(By.id("state")).getText();
  }

  private static void picturesChange(ChromeDriver browser) {
    List<Long> first = colour(browser, "a");
    assertThat(first).allMatch(sum -> sum > 0);
    PageBrowser.awaitFrame(
        browser, "a", PageBrowser.card(browser, "a").getDomAttribute("data-frame"));
    await().atMost(TIMEOUT).until(() -> !colour(browser, "a").equals(first));
    await().atMost(TIMEOUT).until(() -> PageBrowser.card(browser, "a").getText().contains(" fps"));
    assertThat(PageBrowser.card(browser, "a").getText()).contains("latency").contains("resets");
  }

  private static void togglesAct(ChromeDriver browser) {
    browser.executeScript(
        "const o = document.getElementById('opacity'); o.value = 100; o.dispatchEvent(new Event('input'));");
    WebElement road = browser.findElement(By.cssSelector("#legend button[data-name='road']"));
    long with = roadPixels(browser);
    assertThat(with).isGreaterThan(1_000);
    road.click();
    assertThat(
            browser
                .findElement(By.cssSelector("#legend button[data-name='road']"))
                .getDomAttribute("aria-pressed"))
        .isEqualTo("false");
    await().atMost(TIMEOUT).until(() -> roadPixels(browser) == 0);
    browser.findElement(By.tagName("body")).sendKeys("0");
    await().atMost(TIMEOUT).until(() -> roadPixels(browser) > 1_000);
    browser.findElement(By.id("privacy")).click();
    // In privacy mode every pixel is a class's colour or black.
    await().atMost(TIMEOUT).until(() -> strangePixels(browser) == 0);
    browser.findElement(By.id("privacy")).click();
  }

  private static long roadPixels(ChromeDriver browser) {
    return count(browser, "data[i] === 128 && data[i + 1] === 64 && data[i + 2] === 128");
  }

  private static long strangePixels(ChromeDriver browser) {
    return count(
        browser,
        "![...tables.values()].flat().some(e => e.rgb[0] === data[i] && e.rgb[1] === data[i + 1]"
            + " && e.rgb[2] === data[i + 2]) && data[i] + data[i + 1] + data[i + 2] > 0");
  }

  private static long count(ChromeDriver browser, String condition) {
    Object found =
        browser.executeScript(
            "const c = document.querySelector(\"article[data-camera='a'] canvas\");"
                + "const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                + "let n = 0; for (let i = 0; i < data.length; i += 4) if ("
                + condition
                + ") n++; return n;");
    return ((Number) found).longValue();
  }

  private static void keysAct(ChromeDriver browser) {
    browser.findElement(By.tagName("body")).sendKeys(Keys.ARROW_RIGHT);
    await().atMost(TIMEOUT).until(() -> !PageBrowser.card(browser, "b").isDisplayed());
    assertThat(PageBrowser.card(browser, "a").isDisplayed()).isTrue();
    await()
        .atMost(TIMEOUT)
        .until(() -> PageBrowser.card(browser, "a").getText().contains("vulnerable road user"));
    browser.findElement(By.tagName("body")).sendKeys(Keys.ESCAPE);
    await().atMost(TIMEOUT).until(() -> PageBrowser.card(browser, "b").isDisplayed());
  }

  private static void camerasAreFound(ChromeDriver browser) {
    browser.findElement(By.tagName("body")).sendKeys("/");
    browser.switchTo().activeElement().sendKeys("GO");
    assertThat(PageBrowser.card(browser, "a").isDisplayed()).isFalse();
    assertThat(PageBrowser.card(browser, "gone").isDisplayed()).isTrue();
    assertThat(browser.getCurrentUrl()).endsWith("/?find=GO");
    assertThat(wallColumns(browser)).isEqualTo(1); // no empty ones beside the match
    browser.switchTo().activeElement().sendKeys("x");
    assertThat(browser.findElement(By.id("no-match")).getText())
        .isEqualTo("No camera has “GOx” in its name.");
    browser.findElement(By.id("find")).sendKeys(Keys.ESCAPE);
    await().atMost(TIMEOUT).until(() -> PageBrowser.card(browser, "a").isDisplayed());
    assertThat(browser.getCurrentUrl()).endsWith("/");
    browser.executeScript("document.activeElement.blur()");
  }

  private static int wallColumns(ChromeDriver browser) {
    return PageBrowser.number(
            browser,
            "return getComputedStyle(document.getElementById('wall')).gridTemplateColumns"
                + ".split(' ').filter((width) => width !== '0px').length")
        .intValue();
  }

  /** Every class, also those without a digit; a new table leaves the focus where it is. */
  private static void legendIsUsedByKeys(ChromeDriver browser) {
    browser.findElement(By.tagName("body")).sendKeys("c");
    assertThat(focusedClass(browser)).isEqualTo("sky");
    browser.switchTo().activeElement().sendKeys(Keys.ARROW_LEFT);
    assertThat(focusedClass(browser)).isEqualTo("bicyclist"); // the last one
    assertThat(PageBrowser.card(browser, "b").isDisplayed()).isTrue(); // not the next camera
    browser.switchTo().activeElement().sendKeys(Keys.ENTER);
    browser.executeScript(
        "tables.set('other', [{name: 'tram', color: '#ffffff', rgb: [255, 255, 255]}]); legend();");
    assertThat(focusedClass(browser)).isEqualTo("bicyclist");
    assertThat(browser.switchTo().activeElement().getDomAttribute("aria-pressed"))
        .isEqualTo("false");
    browser.switchTo().activeElement().sendKeys(Keys.ARROW_RIGHT);
    assertThat(focusedClass(browser)).isEqualTo("tram");
    browser.executeScript("document.activeElement.blur()");
    browser.findElement(By.tagName("body")).sendKeys("0");
  }

  private static String focusedClass(ChromeDriver browser) {
    return browser.switchTo().activeElement().getDomAttribute("data-name");
  }

  private static void smallScreenFits(ChromeDriver browser) {
    browser.manage().window().setSize(new Dimension(500, 800));
    assertThat(PageBrowser.overflow(browser)).isZero();
    assertThat(PageBrowser.headerRows(browser)).isEqualTo(2);
    WebElement opacity = browser.findElement(By.id("opacity"));
    assertThat(opacity.isDisplayed()).isFalse();
    browser.findElement(By.id("more")).click();
    assertThat(opacity.isDisplayed()).isTrue();
    PageBrowser.look(browser, "phone-more.png");
    browser.findElement(By.id("more")).click();
    assertThat(opacity.isDisplayed()).isFalse();
  }

  @Test
  void page_withPassword_opensToThoseWhoKnowIt() throws Exception {
    try (Deployment deployment =
        Deployment.start(
            config("port: 0, user: guard, password: 'let me see'"), EnumSet.of(Role.VIEW))) {
      String page = deployment.page().orElseThrow() + "/api/cameras";
      assertThat(status(page, null)).isEqualTo(401);
      assertThat(status(page, "guard:wrong")).isEqualTo(401);
      assertThat(status(page, "guard:let me see")).isEqualTo(200);
    }
  }

  private static int status(String url, String credentials) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    if (credentials != null) {
      request.header(
          "Authorization",
          "Basic "
              + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
