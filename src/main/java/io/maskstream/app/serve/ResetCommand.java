package io.maskstream.app.serve;

import io.maskstream.camera.CameraRegistry;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.DeploymentConfig;
import io.maskstream.stream.ControlProcessor;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.TopicReader;
import io.maskstream.topic.TopicWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.ProducerRecord;
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
    byte[] key = camera.getBytes(StandardCharsets.UTF_8);
    TopicWriter.write(
        kafka,
        kafka.common(),
        TopicReader.partitions(kafka, topic).stream()
            .map(partition -> new ProducerRecord<>(topic, partition.partition(), key, request))
            .toList());
    boolean known = new CameraRegistry(kafka, config.topics()).list().containsKey(camera);
    System.out.println(
        "asked for a reset of %s%s"
            .formatted(
                camera, known ? "" : ", which " + config.topics().names().cameras() + " has not"));
    return 0;
  }
}
