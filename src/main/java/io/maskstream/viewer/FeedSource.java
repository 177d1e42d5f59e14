package io.maskstream.viewer;

import io.maskstream.topic.RecordLoop;
import io.maskstream.topic.TopicNames;
import java.util.Map;

/**
 * Where the page's feeds read.
 *
 * @param consumer settings of the consumers, without deserializers
 * @param pictures which pictures are shown with the masks
 * @param observer counts records of the topics that are not ours
 */
public record FeedSource(
    Map<String, Object> consumer,
    TopicNames topics,
    Pictures pictures,
    RecordLoop.Observer observer) {

  /** Which pictures are shown. */
  public enum Pictures {
    /** Those of the cameras. */
    RAW,
    /** Those without some classes. */
    REDACTED,
    /** Gray ones: there are no others. */
    NONE
  }

  /** The pictures of the cameras. */
  public static FeedSource raw(
      Map<String, Object> consumer, TopicNames topics, RecordLoop.Observer observer) {
    return new FeedSource(consumer, topics, Pictures.RAW, observer);
  }
}
