package io.maskstream.app.serve;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.inference.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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
public final class RunCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(RunCommand.class);

  @Parameters(paramLabel = "TOPOLOGY.yaml", description = "See topologies/ for examples.")
  private Path file;

  @Option(
      names = "--roles",
      split = ",",
      description = "Roles of this process: ingest, segment, view; all of them where left out.")
  private List<Role> roles = List.of();

  @Option(names = "--home", hidden = true, defaultValue = "${sys:maskstream.home:-.}")
  private Path home;

  @Option(names = "--seconds", description = "Stop after this time.")
  private long seconds;

  @Override
  public Integer call() throws IOException, ConfigException, ModelException, InterruptedException {
    Set<Role> chosen = roles.isEmpty() ? Deployment.allRoles() : EnumSet.copyOf(roles);
    DeploymentConfig config = config(chosen);
    config.monitor().log().apply();
    log.info("{}", config);
    try (StopSignal stop = new StopSignal();
        Deployment deployment = Deployment.start(config, chosen)) {
      Thread.setDefaultUncaughtExceptionHandler(deployment::threadEnded);
      deployment.page().ifPresent(page -> log.info("page at {}", page));
      CompletableFuture<String> fatal = deployment.whenFatal();
      var unusedEnd = fatal.thenRun(stop::stop);
      if (seconds > 0) {
        var unused = stop.await(Duration.ofSeconds(seconds));
      } else {
        stop.await();
      }
      if (fatal.isDone()) {
        throw new IOException(fatal.join());
      }
    }
    return 0;
  }

  /** Mistakes of the file are reported together with what else would stop the start. */
  private DeploymentConfig config(Set<Role> chosen) throws IOException, ConfigException {
    try {
      return YamlReader.read(file, DeploymentConfig.class, System.getenv()).withHome(home);
    } catch (ConfigException e) {
      throw e.with(
          e.value(DeploymentConfig.class)
              .map(config -> Deployment.problems(config.withHome(home), chosen))
              .orElse(List.of()));
    }
  }
}
