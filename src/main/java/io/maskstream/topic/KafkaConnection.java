package io.maskstream.topic;

import io.maskstream.config.Key;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/** A Kafka cluster and how to reach it. */
public record KafkaConnection(
    @Key("host:port of one or more brokers, or 'embedded' for a broker in this process.")
        String bootstrap,
    @Key(
            value =
                "Settings of every Kafka client, such as security.protocol or sasl.jaas.config.",
            defaultValue = "{}")
        Map<String, String> settings,
    @Key(value = "Settings of Kafka Streams alone.", defaultValue = "{}")
        Map<String, String> streams,
    @Key(
            value = "Settings of producers alone, those of Kafka Streams included.",
            defaultValue = "{}")
        Map<String, String> producer,
    @Key(
            value = "Settings of consumers alone, those of Kafka Streams included.",
            defaultValue = "{}")
        Map<String, String> consumer) {

  public static final String EMBEDDED = "embedded";

  /** A producer's memory for records on their way: a few seconds of several cameras. */
  private static final long BUFFER_BYTES = 64_000_000;

  private static final int FETCH_BYTES = 50_000_000;

  public KafkaConnection {
    settings = Map.copyOf(settings);
    streams = Map.copyOf(streams);
    producer = Map.copyOf(producer);
    consumer = Map.copyOf(consumer);
  }

  /** A cluster with settings for every client alike. */
  public KafkaConnection(String bootstrap, Map<String, String> settings) {
    this(bootstrap, settings, Map.of(), Map.of(), Map.of());
  }

  /** A cluster without security. */
  public static KafkaConnection plain(String bootstrap) {
    return new KafkaConnection(bootstrap, Map.of());
  }

  /** The same settings for a cluster at another address. */
  public KafkaConnection at(String address) {
    return new KafkaConnection(address, settings, streams, producer, consumer);
  }

  /** What every client needs. */
  public Map<String, Object> common() {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    return all;
  }

  /** A producer of large records; limits raised to the largest one. */
  public Map<String, Object> producer(int maxRecordBytes) {
    Map<String, Object> all = common();
    all.putAll(producer);
    all.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRecordBytes);
    all.putIfAbsent(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    return all;
  }

  /** A consumer of large records. */
  public Map<String, Object> consumer(int maxRecordBytes) {
    Map<String, Object> all = common();
    all.putAll(consumer);
    all.putIfAbsent(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, maxRecordBytes);
    all.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Math.max(FETCH_BYTES, maxRecordBytes));
    return all;
  }

  /**
   * What the file says for Kafka Streams and the clients in it.
   *
   * @param producerPrefix before a setting of its producers
   * @param consumerPrefix before a setting of its consumers
   */
  public Map<String, Object> streams(String producerPrefix, String consumerPrefix) {
    Map<String, Object> all = new LinkedHashMap<>(streams);
    producer.forEach((key, value) -> all.put(producerPrefix + key, value));
    consumer.forEach((key, value) -> all.put(consumerPrefix + key, value));
    return all;
  }

  /** Settings for a log, secrets hidden. */
  @Override
  public String toString() {
    return "%s %s streams %s producer %s consumer %s"
        .formatted(bootstrap, shown(settings), shown(streams), shown(producer), shown(consumer));
  }

  private static Map<String, String> shown(Map<String, String> secret) {
    Map<String, String> shown = new LinkedHashMap<>();
    secret.forEach((key, value) -> shown.put(key, isSecret(key) ? "***" : value));
    return shown;
  }

  private static boolean isSecret(String key) {
    String name = key.toLowerCase(Locale.ROOT);
    return name.contains("password")
        || name.contains("jaas")
        || name.contains("secret")
        || name.contains("key")
        || name.contains("token");
  }
}
