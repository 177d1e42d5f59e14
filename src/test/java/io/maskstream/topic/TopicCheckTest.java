package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.topic.TopicCheck.Difference;
import io.maskstream.topic.TopicCheck.Found;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;

class TopicCheckTest {
  private static final TopicSettings SETTINGS = TopicSettings.defaults("t").withPartitions(4);

  private static Map<String, Found> asWanted() {
    Map<String, Found> found = new LinkedHashMap<>();
    for (NewTopic topic : SETTINGS.topics()) {
      found.put(topic.name(), new Found(4, 1, topic.configs()));
    }
    found.put("app-pending-changelog", new Found(4, 1, Map.of()));
    return found;
  }

  private static Map<String, Found> with(String topic, Found changed) {
    Map<String, Found> found = asWanted();
    found.put(topic, changed);
    return found;
  }

  private static Map<String, String> framesWith(String key, String value) {
    Map<String, String> settings = new HashMap<>(asWanted().get("t.frames").settings());
    settings.put(key, value);
    return settings;
  }

  private static List<Difference> compare(Map<String, Found> found) {
    return TopicCheck.compare(SETTINGS, found);
  }

  @Test
  void topicsAsWanted_andTopicsThatAreMissing_areNoDifference() {
    assertThat(compare(asWanted())).isEmpty();
    assertThat(compare(Map.of())).isEmpty();
  }

  @Test
  void partitions_fewerBreak_moreAreTold() {
    Found masks = asWanted().get("t.segmented-frames");
    assertThat(compare(with("t.segmented-frames", new Found(3, 1, masks.settings()))))
        .containsExactly(
            new Difference(true, "t.segmented-frames: partitions is 3, the file wants 4"));
    assertThat(compare(with("t.segmented-frames", new Found(5, 1, masks.settings()))))
        .containsExactly(
            new Difference(false, "t.segmented-frames: partitions is 5, the file wants 4"));
  }

  @Test
  void changelog_withOtherPartitionsThanTheFrames_breaks() {
    List<Difference> differences =
        compare(with("app-pending-changelog", new Found(2, 1, Map.of())));
    assertThat(differences).hasSize(1);
    assertThat(differences.get(0).breaks()).isTrue();
    assertThat(differences.get(0).sentence())
        .startsWith("app-pending-changelog has 2 partitions and the frames 4");
  }

  @Test
  void largestRecord_smallerBreaks_largerIsTold() {
    for (int bytes : new int[] {1_000_000, 9_000_000}) {
      String value = Integer.toString(bytes);
      assertThat(compare(with("t.frames", new Found(4, 1, framesWith("max.message.bytes", value)))))
          .containsExactly(
              new Difference(
                  bytes < 8_000_000,
                  "t.frames: max.message.bytes is %d, the file wants 8000000".formatted(bytes)));
    }
  }

  @Test
  void retentionTimeAndReplicas_areTold() {
    Found frames = new Found(4, 3, framesWith("retention.ms", "1"));
    assertThat(compare(with("t.frames", frames)))
        .containsExactly(
            new Difference(false, "t.frames: replicas is 3, the file wants 1"),
            new Difference(false, "t.frames: retention.ms is 1, the file wants 300000"));
    assertThat(
            compare(
                with(
                    "t.frames",
                    new Found(4, 1, framesWith("message.timestamp.type", "CreateTime")))))
        .containsExactly(
            new Difference(
                false,
                "t.frames: message.timestamp.type is CreateTime, the file wants LogAppendTime"));
  }
}
