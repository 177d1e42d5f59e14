package io.maskstream.app.serve;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.rollout.ModelOrders;
import io.maskstream.rollout.RolloutCommand;
import io.maskstream.rollout.RolloutReport;
import io.maskstream.rollout.ShadowRule;
import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes the model of a running deployment, or undoes the change. */
@Command(
    name = "swap",
    mixinStandardHelpOptions = true,
    description =
        "Changes the model of a running deployment. Every worker loads the new one, runs it "
            + "in the shadow of the old one on the same frames, and takes it over when they agree "
            + "enough; else all workers go back. Prints a report a worker. Ends with 0 when all "
            + "have taken it over.")
public final class SwapCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "TOPOLOGY.yaml", description = "The deployment.")
  private Path file;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "MODEL",
      description = "Folder of the new bundle, as the workers see it.")
  private @Nullable Path model;

  @Option(names = "--rollback", description = "Go back to the model before the last change.")
  private boolean rollback;

  @Option(
      names = "--slot",
      description =
          "Id of the model in the topology file to replace; the new one's id if left out.")
  private @Nullable String slot;

  @Option(
      names = "--shadow",
      defaultValue = "60",
      description = "Seconds that both run side by side; 0 for none. Default: ${DEFAULT-VALUE}.")
  private int shadowSeconds;

  @Option(
      names = "--agreement",
      defaultValue = "0.85",
      description = "Least share of pixels with the same class, 0 to 1. Default: ${DEFAULT-VALUE}.")
  private double agreement;

  @Option(names = "--home", hidden = true, defaultValue = "${sys:maskstream.home:-.}")
  private Path home;

  @Override
  public Integer call() throws IOException, ConfigException, ModelException, InterruptedException {
    if ((model == null) != rollback) {
      throw new ParameterException(spec.commandLine(), "give either MODEL or --rollback");
    }
    ShadowRule rule = new ShadowRule(Duration.ofSeconds(shadowSeconds), agreement);
    DeploymentConfig config =
        YamlReader.read(file, DeploymentConfig.class, System.getenv()).withHome(home);
    KafkaConnection kafka = TopicsCommand.external(file, config);
    ModelOrders orders =
        new ModelOrders(kafka, config.topics().names(), config.name(), Clock.systemUTC());
    ModelOrders.Slot place = place(config);
    RolloutCommand order = model == null ? orders.rollback(place) : orders.swap(place, model, rule);
    int workers = orders.workers();
    System.out.printf(
        "ordered %s in place of %s for %d worker%s%n",
        order.folder(), order.previous(), workers, workers == 1 ? "" : "s");
    return await(orders, order, workers) ? 0 : 1;
  }

  private ModelOrders.Slot place(DeploymentConfig config) throws ModelException {
    String name = slot == null ? slotOf(config) : slot;
    List<String> names = new ArrayList<>();
    for (Path folder : config.segment().folders()) {
      ModelOrders.Slot found = ModelOrders.Slot.of(ModelBundle.read(folder));
      if (found.name().equals(name)) {
        return found;
      }
      names.add(found.name());
    }
    throw new ParameterException(
        spec.commandLine(),
        "%s has no model '%s' to replace; its models are %s, and --slot says which one"
            .formatted(file, name, names));
  }

  private String slotOf(DeploymentConfig config) throws ModelException {
    if (model != null && Files.isDirectory(model)) {
      return ModelBundle.read(model).card().id();
    }
    if (config.segment().models().isEmpty()) {
      return ModelBundle.read(config.segment().model()).card().id();
    }
    throw new ParameterException(
        spec.commandLine(), "the deployment has several models; say which with --slot");
  }

  private static boolean await(ModelOrders orders, RolloutCommand order, int workers)
      throws InterruptedException {
    List<RolloutReport> refused = new ArrayList<>();
    int heard =
        orders.await(
            order,
            workers,
            report -> {
              print(report);
              if (!report.takenOver()) {
                refused.add(report);
              }
            });
    if (heard < workers) {
      System.out.printf(
          "%d of %d workers have not reported; a worker without frames decides with its first%n",
          workers - heard, workers);
    }
    return refused.isEmpty() && heard == workers;
  }

  private static void print(RolloutReport report) {
    System.out.printf(
        "%s: %s, %s (%s -> %s)%n",
        report.worker(), report.outcome(), report.reason(), report.from(), report.to());
    if (report.frames() == 0) {
      return;
    }
    System.out.printf("  time of a frame: %.2f of the other's%n", report.timeRatio());
    report.classAgreement().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> System.out.printf("  %-14s %.3f%n", entry.getKey(), entry.getValue()));
  }
}
