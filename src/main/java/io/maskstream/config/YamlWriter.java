package io.maskstream.config;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records whose components carry {@link Key} as plain values that {@link YamlReader} reads. */
public final class YamlWriter {
  private static final String NONE = "none";

  private YamlWriter() {}

  /**
   * The keys in which a record differs from another of its type, with their values. Secrets are
   * given as they were given to the reader: a reference stays one.
   */
  public static <T extends Record> Map<String, Object> differences(T value, T base) {
    Map<String, Object> keys = new LinkedHashMap<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object own = get(component, value);
      if (!Objects.equals(own, get(component, base))) {
        keys.put(component.getName(), plain(own));
      }
    }
    return keys;
  }

  /** All keys of a record with their values; optional ones that are not there are left out. */
  public static Map<String, Object> keys(Record value) {
    Map<String, Object> keys = new LinkedHashMap<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object own = get(component, value);
      if (!Optional.empty().equals(own)) {
        keys.put(component.getName(), plain(own));
      }
    }
    return keys;
  }

  private static @Nullable Object get(RecordComponent component, Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private static Object plain(@Nullable Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.map(YamlWriter::plain).orElse(NONE);
    }
    if (value instanceof Record part) {
      Map<String, Object> keys = new LinkedHashMap<>();
      for (RecordComponent component : part.getClass().getRecordComponents()) {
        keys.put(component.getName(), plain(get(component, part)));
      }
      return keys;
    }
    if (value instanceof List<?> list) {
      return list.stream().map(YamlWriter::plain).toList();
    }
    if (value instanceof Secret secret) {
      return secret.reference();
    }
    if (value instanceof Duration time) {
      return time.toNanos() % 1_000_000 == 0
          ? time.toMillis() + "ms"
          : time.toNanos() / 1_000 + "us";
    }
    if (value instanceof Enum<?> constant) {
      return Labels.of(constant);
    }
    return value instanceof Path ? value.toString() : Objects.requireNonNull(value);
  }
}
