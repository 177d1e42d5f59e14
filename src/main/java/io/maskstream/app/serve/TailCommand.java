package io.maskstream.app.serve;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import io.maskstream.app.option.AtLeastOne;
import io.maskstream.topic.ByteClients;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.KafkaReach;
import io.maskstream.topic.TopicNames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A readable live view of a topic. */
@Command(
    name = "tail",
    mixinStandardHelpOptions = true,
    description = "Shows the records of one of our topics as they come.")
public final class TailCommand implements Callable<Integer> {
  /** Whoever writes records does not write to the terminal. */
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private static final Duration POLL = Duration.ofMillis(200);
  private static final int FETCH_BYTES = 16_000_000;

  @Parameters(
      paramLabel = "TOPIC",
      description = "Topic: frames, segmented-frames, class-stats, …, or a topic's full name.")
  private String topic;

  @Option(
      names = "--bootstrap",
      defaultValue = "localhost:9092",
      description = "Brokers. Default: ${DEFAULT-VALUE}.")
  private String bootstrap;

  @Option(
      names = "--prefix",
      defaultValue = TopicNames.DEFAULT_PREFIX,
      description = "Prefix of the topics. Default: ${DEFAULT-VALUE}.")
  private String prefix;

  @Option(names = "--kafka-config", description = "Properties file with client settings.")
  private @Nullable Path settings;

  @Option(names = "--from-beginning", description = "Start with the oldest record.")
  private boolean fromBeginning;

  @Option(
      names = "--max",
      converter = AtLeastOne.class,
      description = "Stop after this many records. Default: never.")
  private int max;

  @Override
  public Integer call() throws IOException, InterruptedException {
    TopicNames names = new TopicNames(prefix);
    String full = names.all().contains(topic) ? topic : prefix + "." + topic;
    if (!names.all().contains(full)) {
      throw new IllegalArgumentException(
          "no topic '%s'; the topics are %s".formatted(topic, names.all()));
    }
    KafkaConnection kafka = new KafkaConnection(bootstrap, clientSettings());
    KafkaReach.require(kafka);
    Map<String, Object> all = kafka.consumer(FETCH_BYTES);
    try (KafkaConsumer<byte[], byte[]> consumer = ByteClients.consumer(all)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(full).stream()
              .map(info -> new TopicPartition(full, info.partition()))
              .toList();
      if (partitions.isEmpty()) {
        throw new IOException("the topic " + full + " does not exist at " + bootstrap);
      }
      consumer.assign(partitions);
      if (fromBeginning) {
        consumer.seekToBeginning(partitions);
      } else {
        consumer.seekToEnd(partitions);
      }
      show(consumer, names);
    }
    return 0;
  }

  private Map<String, String> clientSettings() throws IOException {
    Properties properties = new Properties();
    if (settings != null) {
      try (InputStream in = Files.newInputStream(settings)) {
        properties.load(in);
      }
    }
    Map<String, String> result = new HashMap<>();
    properties.forEach((key, value) -> result.put(String.valueOf(key), String.valueOf(value)));
    return result;
  }

  private void show(KafkaConsumer<byte[], byte[]> consumer, TopicNames names) {
    long shown = 0;
    while (max == 0 || shown < max) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        System.out.println(line(record, names));
        if (++shown == max) {
          return;
        }
      }
    }
  }

  private static String line(ConsumerRecord<byte[], byte[]> record, TopicNames names) {
    String key = record.key() == null ? "-" : new String(record.key(), StandardCharsets.UTF_8);
    String line =
        "%s %s %s".formatted(Instant.ofEpochMilli(record.timestamp()), key, body(record, names));
    return CONTROL.matcher(line).replaceAll("\uFFFD");
  }

  private static String body(ConsumerRecord<byte[], byte[]> record, TopicNames names) {
    if (record.value() == null) {
      return "deleted";
    }
    if (record.topic().equals(names.segmentedFrames())) {
      return segmented(record.value());
    }
    boolean pictures =
        Set.of(names.frames(), names.redactedFrames(), names.deadLetters())
            .contains(record.topic());
    return pictures
        ? record.value().length + " bytes " + headers(record)
        : new String(record.value(), StandardCharsets.UTF_8);
  }

  private static String headers(ConsumerRecord<byte[], byte[]> record) {
    return java.util.Arrays.stream(record.headers().toArray())
        .collect(Collectors.toMap(Header::key, TailCommand::text, (a, b) -> b))
        .toString();
  }

  private static String text(Header header) {
    return header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static String segmented(byte[] value) {
    try {
      SegmentedFrame frame = SegmentedFrame.parseFrom(value);
      int size = frame.getMask().getSerializedSize();
      SegmentedFrame.Builder shown = frame.toBuilder().clearOverlayJpeg();
      shown.getMaskBuilder().clearData().clearRuns();
      return TextFormat.printer().emittingSingleLine(true).printToString(shown.build())
          + " mask bytes: "
          + size;
    } catch (InvalidProtocolBufferException e) {
      return "not a segmented frame: " + e.getMessage();
    }
  }
}
