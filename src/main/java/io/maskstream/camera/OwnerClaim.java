package io.maskstream.camera;

import io.maskstream.topic.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * A record of the topic {@code cameras} with which a process says that it has taken a partition's
 * cameras over. The broker orders and dates claims: of two processes the later one is the owner,
 * and the epochs of its connections begin at the claim's time, above all that were before.
 *
 * @param owner name of the process
 */
record OwnerClaim(String owner) {
  /** No camera can have this id. */
  static final String KEY = "@owner";

  static byte[] key() {
    return KEY.getBytes(StandardCharsets.UTF_8);
  }

  byte[] write() {
    return Json.write(this);
  }

  static Optional<OwnerClaim> read(byte @Nullable [] value) {
    try {
      return value == null ? Optional.empty() : Optional.of(Json.read(value, OwnerClaim.class));
    } catch (SerializationException e) {
      return Optional.empty(); // not ours; it claims nothing
    }
  }
}
