package io.maskstream.app;

import io.maskstream.app.Deployment.Role;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.inference.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs roles of a deployment until it is stopped. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Runs what a topology file describes, until Ctrl-C.")
final class RunCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

  @Parameters(paramLabel = "TOPOLOGY.yaml", description = "See topologies/ for examples.")
  private Path file;

  @Option(
      names = "--roles",
      split = ",",
      description = "ingest, segment, view; all of them where left out.")
  private List<Role> roles = List.of();

  @Option(names = "--home", hidden = true, defaultValue = "${sys:maskstream.home:-.}")
  private Path home;

  @Option(names = "--seconds", description = "Stop after this time.")
  private long seconds;

  @Override
  public Integer call() throws IOException, ConfigException, ModelException, InterruptedException {
    DeploymentConfig config =
        YamlReader.read(file, DeploymentConfig.class, System.getenv()).withHome(home);
    Set<Role> chosen = roles.isEmpty() ? Deployment.allRoles() : EnumSet.copyOf(roles);
    log.info("{}", config);
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread hook = new Thread(() -> stopOnSignal(stop, stopped), "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try (Deployment deployment = Deployment.start(config, chosen)) {
      deployment.page().ifPresent(page -> log.info("page at {}", page));
      await(stop);
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  private void await(CountDownLatch stop) throws InterruptedException {
    if (seconds > 0) {
      var unused = stop.await(seconds, TimeUnit.SECONDS);
    } else {
      stop.await();
    }
  }

  /** Lets the deployment close before the process ends. */
  private static void stopOnSignal(CountDownLatch stop, CountDownLatch stopped) {
    stop.countDown();
    try {
      var unused = stopped.await(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
