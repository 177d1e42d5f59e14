package io.maskstream.app.serve;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.stream.ControlProcessor;
import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Asks the workers to reset a camera's memory. */
@Command(
    name = "reset",
    mixinStandardHelpOptions = true,
    description = "Resets a camera's memory with its next frame.")
public final class ResetCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "TOPOLOGY.yaml", description = "The deployment.")
  private Path file;

  @Parameters(index = "1", paramLabel = "CAMERA", description = "Id of the camera.")
  private String camera;

  @Override
  public Integer call() throws IOException, ConfigException, InterruptedException {
    DeploymentConfig config = YamlReader.read(file, DeploymentConfig.class, System.getenv());
    String topic = config.topics().names().control();
    byte[] request = ControlProcessor.RESET.getBytes(StandardCharsets.UTF_8);
    KafkaConnection kafka = TopicsCommand.external(file, config);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(kafka.common(), new StringSerializer(), new ByteArraySerializer())) {
      for (PartitionInfo partition : producer.partitionsFor(topic)) {
        var unused =
            producer.send(new ProducerRecord<>(topic, partition.partition(), camera, request));
      }
    }
    System.out.println("asked for a reset of " + camera);
    return 0;
  }
}
