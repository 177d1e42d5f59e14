package io.maskstream.app.serve;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.frame.Micros;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.rollout.RolloutCommand;
import io.maskstream.rollout.RolloutReport;
import io.maskstream.rollout.ShadowRule;
import io.maskstream.topic.AdminSession;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.Json;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.KafkaReach;
import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
    description = {
      "Changes the model of a running deployment. Every worker loads the new one, runs it in the",
      "shadow of the old one on the same frames, and takes it over when they agree enough; else all",
      "workers go back. Prints a report a worker. Ends with 0 when all have taken it over."
    })
public final class SwapCommand implements Callable<Integer> {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int FETCH_BYTES = 1_000_000;

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
  public Integer call()
      throws IOException,
          ConfigException,
          ModelException,
          InterruptedException,
          ExecutionException {
    if ((model == null) != rollback) {
      throw new ParameterException(spec.commandLine(), "give either MODEL or --rollback");
    }
    var unused = new ShadowRule(Duration.ofSeconds(shadowSeconds), agreement);
    DeploymentConfig config =
        YamlReader.read(file, DeploymentConfig.class, System.getenv()).withHome(home);
    KafkaConnection kafka = TopicsCommand.external(file, config);
    TopicNames topics = config.topics().names();
    String place = slot == null ? slotOf(config) : slot;
    String configured = configured(config, place);
    Optional<RolloutCommand> last =
        orders(kafka, topics).stream()
            .filter(order -> order.slot().equals(place) && order.configured().equals(configured))
            .reduce((first, second) -> second);
    RolloutCommand order = order(place, configured, last);
    int workers = workers(kafka, config.name());
    try (KafkaProducer<byte[], byte[]> producer = ByteClients.producer(kafka.common())) {
      producer
          .send(
              new ProducerRecord<>(
                  topics.modelOrders(), place.getBytes(StandardCharsets.UTF_8), Json.write(order)))
          .get();
    }
    System.out.printf(
        "ordered %s in place of %s for %d worker%s%n",
        order.folder(), order.previous(), workers, workers == 1 ? "" : "s");
    return await(kafka, topics, order, workers) ? 0 : 1;
  }

  private static List<RolloutCommand> orders(KafkaConnection kafka, TopicNames topics) {
    List<RolloutCommand> orders = new ArrayList<>();
    try (RecordLoop loop =
        reader(
            kafka,
            topics.modelOrders(),
            value -> orders.add(Json.read(value, RolloutCommand.class)))) {
      loop.catchUp();
    }
    return orders;
  }

  private static RecordLoop reader(KafkaConnection kafka, String topic, Consumer<byte[]> values) {
    return new RecordLoop(
        new RecordLoop.Subject("swap", Set.of(topic), Set.of()),
        kafka.consumer(FETCH_BYTES),
        record -> Optional.ofNullable(record.value()).ifPresent(values),
        RecordLoop.Observer.none());
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

  private String configured(DeploymentConfig config, String place) throws ModelException {
    List<Path> folders = new ArrayList<>(List.of(config.segment().model()));
    config.segment().models().forEach(entry -> folders.add(entry.model()));
    List<String> ids = new ArrayList<>();
    for (Path folder : folders) {
      String id = ModelBundle.read(folder).card().id();
      if (id.equals(place)) {
        return folder.toString();
      }
      ids.add(id);
    }
    throw new ParameterException(
        spec.commandLine(),
        "%s has no model '%s' to replace; its models are %s".formatted(file, place, ids));
  }

  private RolloutCommand order(String place, String configured, Optional<RolloutCommand> last) {
    long now = Micros.of(Instant.now());
    if (rollback) {
      RolloutCommand order =
          last.orElseThrow(
              () ->
                  new ParameterException(
                      spec.commandLine(), "the model of " + place + " was never changed"));
      return order.undone(now, "asked for by an operator");
    }
    return new RolloutCommand(
        place,
        configured,
        Objects.requireNonNull(model).toString(),
        last.map(RolloutCommand::folder).orElse(configured),
        TimeUnit.SECONDS.toMillis(shadowSeconds),
        agreement,
        now,
        false,
        "asked for by an operator");
  }

  /** Processes of the group; a stream thread is a member whose client id begins with them. */
  private static int workers(KafkaConnection kafka, String group)
      throws IOException, InterruptedException, ExecutionException {
    try (AdminSession session = AdminSession.open(kafka)) {
      return (int)
          session
              .admin()
              .describeConsumerGroups(List.of(group))
              .all()
              .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
              .values()
              .stream()
              .flatMap(description -> description.members().stream())
              .map(member -> member.clientId().replaceAll("-StreamThread-.*", ""))
              .distinct()
              .count();
    } catch (TimeoutException e) {
      throw KafkaReach.failure(kafka, TIMEOUT, e);
    }
  }

  private boolean await(KafkaConnection kafka, TopicNames topics, RolloutCommand order, int workers)
      throws InterruptedException {
    long end = System.nanoTime() + Duration.ofMillis(order.shadowMillis()).plus(TIMEOUT).toNanos();
    int heard = 0;
    boolean all = true;
    BlockingQueue<RolloutReport> reports = new LinkedBlockingQueue<>();
    try (RecordLoop loop =
        reader(
            kafka,
            topics.modelReports(),
            value -> reports.add(Json.read(value, RolloutReport.class)))) {
      loop.start();
      while (heard < workers && System.nanoTime() < end) {
        RolloutReport report = reports.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (report != null && report.answers(order)) {
          heard++;
          all &= report.outcome().equals("taken-over");
          print(report);
        }
      }
    }
    if (heard < workers) {
      System.out.printf(
          "%d of %d workers have not reported; a worker without frames decides with its first%n",
          workers - heard, workers);
    }
    return all && heard == workers;
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
