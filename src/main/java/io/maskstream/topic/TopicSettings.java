package io.maskstream.topic;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.YamlReader;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** How topics are created. */
@RecordBuilder
public record TopicSettings(
    @Key(value = "Name before every topic.", defaultValue = "maskstream") String prefix,
    @Key(value = "Partitions; at most as many workers share the cameras.", defaultValue = "4")
        int partitions,
    @Key(value = "Copies of each partition.", defaultValue = "1") int replication,
    @Key(
            value = "Largest record, bytes; every limit on its way is raised to it.",
            defaultValue = "8_000_000")
        int maxRecordBytes,
    @Key(value = "How long frames are kept.", defaultValue = "5m") Duration framesRetention,
    @Key(value = "Bytes of frames kept per partition.", defaultValue = "1_000_000_000")
        long framesRetentionBytes,
    @Key(value = "How long masks are kept.", defaultValue = "1h") Duration masksRetention,
    @Key(
            value = "How long redacted frames are kept; framesRetentionBytes holds for them, too.",
            defaultValue = "1h")
        Duration redactedRetention,
    @Key(value = "How long statistics, drops and dead letters are kept.", defaultValue = "7d")
        Duration statsRetention)
    implements TopicSettingsBuilder.With {

  /** Closed segments alone are removed, so frames come in small ones. */
  private static final int FRAMES_SEGMENT_BYTES = 64_000_000;

  private static final Duration FRAMES_SEGMENT_TIME = Duration.ofMinutes(1);

  public TopicSettings {
    Checks.require(partitions >= 1, "partitions must be at least 1, is " + partitions);
    Checks.require(replication >= 1, "replication must be at least 1, is " + replication);
    Checks.require(
        maxRecordBytes >= 100_000, "maxRecordBytes must be at least 100000, is " + maxRecordBytes);
    var unused = new TopicNames(prefix);
  }

  /** The defaults under a prefix. */
  public static TopicSettings defaults(String prefix) {
    return YamlReader.defaults(TopicSettings.class, Map.of("prefix", prefix));
  }

  public TopicNames names() {
    return new TopicNames(prefix);
  }

  /** All topics with their settings. */
  public List<NewTopic> topics() {
    TopicNames names = names();
    Map<String, String> stats = timed(statsRetention);
    return List.of(
        topic(names.frames(), frames()),
        topic(names.segmentedFrames(), timed(masksRetention)),
        topic(names.redactedFrames(), redacted()),
        topic(names.classStats(), compressed(stats)),
        topic(names.classStatsWindowed(), compressed(stats)),
        topic(names.events(), compressed(stats)),
        topic(names.drops(), compressed(stats)),
        topic(names.deadLetters(), timed(statsRetention)),
        topic(names.classTables(), compacted()),
        topic(names.cameraStatus(), compacted()),
        topic(names.cameras(), cameras()),
        topic(names.rules(), compacted()),
        topic(names.control(), timed(Duration.ofHours(1))),
        topic(names.modelOrders(), compacted()),
        topic(names.modelReports(), compressed(stats)));
  }

  private NewTopic topic(String name, Map<String, String> settings) {
    return new NewTopic(name, partitions, (short) replication).configs(settings);
  }

  private Map<String, String> timed(Duration retention) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxRecordBytes));
    settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
    return settings;
  }

  private Map<String, String> redacted() {
    Map<String, String> settings = timed(redactedRetention);
    settings.put(TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(framesRetentionBytes));
    settings.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(FRAMES_SEGMENT_BYTES));
    settings.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(FRAMES_SEGMENT_TIME.toMillis()));
    settings.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "producer");
    return settings;
  }

  private Map<String, String> frames() {
    Map<String, String> settings = redacted();
    settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(framesRetention.toMillis()));
    // The broker's time: ages and retention do not depend on the clocks of camera hosts.
    settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    return settings;
  }

  /** Claims of ingest processes have the broker's time: epochs begin with it. */
  private static Map<String, String> cameras() {
    Map<String, String> settings = new LinkedHashMap<>(compacted());
    settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    return settings;
  }

  private static Map<String, String> compressed(Map<String, String> settings) {
    Map<String, String> result = new LinkedHashMap<>(settings);
    result.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    return result;
  }

  private static Map<String, String> compacted() {
    return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
  }
}
