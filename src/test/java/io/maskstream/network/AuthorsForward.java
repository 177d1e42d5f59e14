package io.maskstream.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * Reads {@code golden/authors_forward.json}: the forward passes of the papers' authors, transcribed
 * in {@code golden/authors_forward.py} independently of this code base.
 */
public final class AuthorsForward {

  private AuthorsForward() {}

  /** The numbers of one head: {@code ssa} or {@code protoseg}. */
  public static JsonNode of(String head) {
    return root().path(head);
  }

  /** A size: classes, features, rows, columns. */
  public static int size(String name) {
    return root().path(name).asInt();
  }

  private static JsonNode root() {
    String file = "/golden/authors_forward.json";
    try (InputStream in = AuthorsForward.class.getResourceAsStream(file)) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in, file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An array of numbers. */
  public static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) array.get(i).asDouble();
    }
    return values;
  }

  /** An array of whole numbers. */
  public static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }
}
