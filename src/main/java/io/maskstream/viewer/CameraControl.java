package io.maskstream.viewer;

import io.maskstream.config.ConfigException;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deployment's cameras, as operators list and change them. A change that breaks a rule is an
 * IllegalArgumentException or a {@link ConfigException} that says which.
 */
public interface CameraControl {

  /** All cameras by id, as values for JSON. */
  Map<String, ?> list();

  void add(String id, Map<String, @Nullable Object> settings) throws IOException, ConfigException;

  /** Changes settings; a null value is the default. */
  void set(String id, Map<String, @Nullable Object> changes) throws IOException, ConfigException;

  void pause(String id, boolean paused) throws IOException;

  void remove(String id) throws IOException;
}
