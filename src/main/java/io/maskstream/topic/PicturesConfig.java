package io.maskstream.topic;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import java.util.Optional;

/** Where the pictures of frames wait for the worker. */
public record PicturesConfig(
    @Key(
            value =
                "kafka: in the topic of frames; process: in the memory of the one process that reads"
                    + " and segments the cameras, so that no picture goes to Kafka or to a disk.",
            defaultValue = "kafka")
        Place place,
    @Key(
            value =
                "place: process: bytes of encoded pictures that wait for each camera, at most; the"
                    + " oldest is dropped with a record.",
            defaultValue = "16_000_000")
        long heldBytes) {

  /** Where. */
  public enum Place {
    KAFKA,
    PROCESS
  }

  public PicturesConfig {
    Checks.require(heldBytes >= 1, "heldBytes must be at least 1, is " + heldBytes);
  }

  /** Whether no picture may go to Kafka. */
  public boolean held() {
    return place == Place.PROCESS;
  }

  /** What holds the pictures, where they do not go to Kafka. */
  public Optional<HeldPictures> hold() {
    return held() ? Optional.of(new HeldPictures(heldBytes)) : Optional.empty();
  }
}
