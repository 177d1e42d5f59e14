package io.maskstream.app.bench;

import io.maskstream.deployment.Deployment;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.deployment.DeploymentConfig.BrokerConfig;
import io.maskstream.inference.ModelException;
import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Utils;

/** A broker that can be stopped and started again with its data and its address. */
final class BenchBroker implements AutoCloseable {
  private final DeploymentConfig config;
  private Deployment running;

  private BenchBroker(DeploymentConfig config, Deployment running) {
    this.config = config;
    this.running = running;
  }

  /** Starts it and makes the topics of a deployment. */
  static BenchBroker start(DeploymentConfig config, Path folder)
      throws IOException, ModelException, InterruptedException {
    Deployment first = Deployment.start(at(config, folder, 0), Set.of());
    String address = first.kafka().bootstrap();
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    return new BenchBroker(at(config, folder, port), first);
  }

  private static DeploymentConfig at(DeploymentConfig config, Path folder, int port) {
    return config.withBroker(new BrokerConfig(Optional.of(folder), port));
  }

  KafkaConnection kafka() {
    return running.kafka();
  }

  void stop() {
    running.close();
  }

  void startAgain() throws IOException, ModelException, InterruptedException {
    running = Deployment.start(config, Set.of());
  }

  /** Stops it and deletes its data. */
  @Override
  public void close() throws IOException {
    running.close();
    Utils.delete(config.broker().folder().orElseThrow().toFile());
  }
}
