package io.maskstream.viewer;

import java.util.List;
import java.util.Map;

/** Takes changes of cameras and remembers them. */
record RecordedControl(List<String> changes) implements CameraControl {
  @Override
  public Map<String, ?> list() {
    return Map.of();
  }

  @Override
  public void add(String id, Map<String, Object> settings) {
    changes.add("add " + id);
  }

  @Override
  public void set(String id, Map<String, Object> settings) {
    changes.add("set " + id);
  }

  @Override
  public void pause(String id, boolean paused) {
    changes.add((paused ? "pause " : "resume ") + id);
  }

  @Override
  public void remove(String id) {
    changes.add("remove " + id);
  }
}
