package io.maskstream.app.serve;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.topic.AdminSession;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.KafkaReach;
import io.maskstream.topic.TopicAdmin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.TopicDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Creates and lists the topics of a deployment. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Creates and lists the topics of a deployment.")
public final class TopicsCommand {

  private static final String FILE = "TOPOLOGY.yaml";
  private static final String FILE_HELP = "Topology file of the deployment.";

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Creates the topics that are missing.")
  int create(@Parameters(paramLabel = FILE, description = FILE_HELP) Path file) throws Exception {
    DeploymentConfig config = read(file);
    KafkaConnection kafka = external(file, config);
    try (AdminSession session = AdminSession.open(kafka)) {
      List<String> created = new TopicAdmin(session.admin()).create(config.topics());
      created.forEach(topic -> System.out.println("created " + topic));
      if (created.isEmpty()) {
        System.out.println("all topics were there");
      }
    } catch (ExecutionException | TimeoutException e) {
      throw KafkaReach.failure(kafka, KafkaReach.PATIENCE, e);
    }
    return 0;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the topics with their partitions, and what is missing.")
  int list(@Parameters(paramLabel = FILE, description = FILE_HELP) Path file) throws Exception {
    DeploymentConfig config = read(file);
    KafkaConnection kafka = external(file, config);
    try (AdminSession session = AdminSession.open(kafka)) {
      TopicAdmin topics = new TopicAdmin(session.admin());
      for (TopicDescription topic : topics.describe(config.topics().names())) {
        System.out.printf("%-50s %d partitions%n", topic.name(), topic.partitions().size());
      }
      List<String> missing = topics.missing(config.topics().names());
      missing.forEach(topic -> System.out.printf("%-50s missing%n", topic));
      return missing.isEmpty() ? 0 : 1;
    } catch (ExecutionException | TimeoutException e) {
      throw KafkaReach.failure(kafka, KafkaReach.PATIENCE, e);
    }
  }

  private static DeploymentConfig read(Path file) throws IOException, ConfigException {
    DeploymentConfig config = YamlReader.read(file, DeploymentConfig.class, System.getenv());
    return config;
  }

  /** The cluster of a deployment that has one of its own, which answers. */
  public static KafkaConnection external(Path file, DeploymentConfig config)
      throws IOException, InterruptedException {
    String bootstrap = "localhost:" + config.broker().port();
    if (config.embedded() && config.broker().port() == 0) {
      throw new IllegalArgumentException(
          file + ": an embedded broker can be reached when broker.port is given, it is 0");
    }
    KafkaConnection kafka = config.embedded() ? config.kafka().at(bootstrap) : config.kafka();
    KafkaReach.require(kafka);
    return kafka;
  }
}
