package io.maskstream.deployment;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A browser for tests of the page. */
final class PageBrowser {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private PageBrowser() {}

  static ChromeDriver start() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(new File("/usr/bin/chromedriver"))
            .usingAnyFreePort()
            .build();
    return new ChromeDriver(service, options);
  }

  static WebElement card(ChromeDriver browser, String camera) {
    return browser.findElement(By.cssSelector("article[data-camera='" + camera + "']"));
  }

  /** Waits for a frame of a camera that is another than the one before. */
  static void awaitFrame(ChromeDriver browser, String camera, String after) {
    await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .until(
            () -> {
              String frame = card(browser, camera).getDomAttribute("data-frame");
              return frame != null && !frame.equals(after);
            });
  }

  /** Writes what the browser shows, to look at. */
  static void look(ChromeDriver browser, String file) {
    try {
      Files.write(Path.of("target", file), browser.getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Pixels by which the page is wider than the window. */
  static int overflow(ChromeDriver browser) {
    return number(
            browser,
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .intValue();
  }

  /** Rows of what can be seen in the header. */
  static int headerRows(ChromeDriver browser) {
    return rows(browser, "header > :not(div), #controls > *");
  }

  /** Rows of what can be seen; in one row all begin before the first ends. */
  static int rows(ChromeDriver browser, String selector) {
    return number(
            browser,
            """
            const boxes = [...document.querySelectorAll(arguments[0])]
                .map((part) => part.getBoundingClientRect()).filter((box) => box.height)
                .sort((a, b) => a.top - b.top);
            let rows = 0, end = -1;
            for (const box of boxes) {
              if (box.top >= end) { rows++; end = box.bottom; }
            }
            return rows;
            """,
            selector)
        .intValue();
  }

  static Number number(ChromeDriver browser, String script, Object... arguments) {
    return (Number) browser.executeScript(script, arguments);
  }

  /** A camera's settings as the server has them. */
  static String settings(ChromeDriver browser, String camera) {
    return String.valueOf(
        browser.executeAsyncScript(
            "const done = arguments[1]; fetch('/api/registry').then((answer) => answer.json())"
                + ".then((all) => done(JSON.stringify(all[arguments[0]].camera.settings)));",
            camera));
  }

  static List<LogEntry> errors(ChromeDriver browser) {
    return browser.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
        .toList();
  }
}
