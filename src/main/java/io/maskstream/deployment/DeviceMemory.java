package io.maskstream.deployment;

import ai.djl.engine.Engine;
import io.maskstream.metrics.Metrics;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.tensorrt.TrtEngine;
import java.util.Collection;

/** Memory in use on the GPU, for the metrics. */
final class DeviceMemory {

  private DeviceMemory() {}

  /** Reports a device where one of the models runs on it. */
  static void watch(Collection<ModelSlot> slots, int device, Metrics metrics) {
    if (slots.stream().anyMatch(slot -> slot.active().engine().equals(TrtEngine.NAME))) {
      TrtEngine engine = (TrtEngine) Engine.getEngine(TrtEngine.NAME);
      metrics.deviceMemory("gpu" + device, () -> engine.usedBytes(device));
    }
  }
}
