package io.maskstream.viewer;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Takes changes of cameras and models and remembers them. */
record RecordedControl(List<String> changes) implements CameraControl {

  /** A deployment that does nothing but that. */
  static ViewServer.Deployed deployed(List<String> changes) {
    return new ViewServer.Deployed(
        new RecordedControl(changes), new Models(changes), new Rules(changes), false);
  }

  /** The slot whose rollback finds no Kafka. */
  static final String AWAY = "away";

  private record Models(List<String> changes) implements ModelControl {
    @Override
    public List<?> list() {
      return List.of();
    }

    @Override
    public void swap(String slot, Swap swap) {
      changes.add(slot + " to " + swap.folder());
    }

    @Override
    public void rollback(String slot) throws IOException {
      if (slot.equals(AWAY)) {
        throw new IOException("cannot reach Kafka at nowhere:1");
      }
      changes.add(slot + " rolled back");
    }
  }

  private record Rules(List<String> changes) implements RuleControl {
    @Override
    public List<Known> list() {
      return List.of();
    }

    @Override
    public void put(String name, Map<String, Object> settings) throws IOException {
      if (name.equals(AWAY)) {
        throw new IOException("cannot reach Kafka at nowhere:1");
      }
      changes.add("rule " + name + " " + settings);
    }

    @Override
    public void remove(String name) {
      changes.add("no rule " + name);
    }
  }

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
