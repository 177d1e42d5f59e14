package io.maskstream.deployment;

import io.maskstream.camera.CameraRegistry;
import io.maskstream.config.ConfigException;
import io.maskstream.viewer.CameraControl;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The topic of cameras, for the page's operators. */
record RegistryControl(CameraRegistry registry) implements CameraControl {

  @Override
  public Map<String, ?> list() {
    return registry.list();
  }

  @Override
  public void add(String id, Map<String, @Nullable Object> settings)
      throws IOException, ConfigException {
    registry.add(id, settings);
  }

  @Override
  public void set(String id, Map<String, @Nullable Object> changes)
      throws IOException, ConfigException {
    registry.set(id, changes);
  }

  @Override
  public void pause(String id, boolean paused) throws IOException {
    registry.pause(id, paused);
  }

  @Override
  public void remove(String id) throws IOException {
    registry.remove(id);
  }
}
