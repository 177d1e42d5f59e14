package io.maskstream.stream;

import io.maskstream.frame.Mask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The last mask of each camera, for the metric of flipped labels. Holds the {@value #CAMERAS}
 * cameras that were segmented last. Used by all lanes.
 */
final class LastMasks {
  private static final int CAMERAS = 256;

  private final Map<String, Mask> masks =
      new LinkedHashMap<>(CAMERAS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Mask> eldest) {
          return size() > CAMERAS;
        }
      };

  /** Share of pixels whose label differs from the camera's mask before, 0 to 1, if there is one. */
  OptionalDouble flips(String camera, Mask mask) {
    Mask before;
    synchronized (this) {
      before = masks.put(camera, mask);
    }
    return before == null || before.labels().length != mask.labels().length
        ? OptionalDouble.empty()
        : OptionalDouble.of(flipped(before, mask));
  }

  /** A camera has gone. */
  synchronized void remove(String camera) {
    masks.remove(camera);
  }

  synchronized int size() {
    return masks.size();
  }

  /** Share of pixels whose label differs, 0 to 1; masks of one size. */
  static double flipped(Mask before, Mask now) {
    int flipped = 0;
    for (int i = 0; i < now.labels().length; i++) {
      flipped += before.labels()[i] == now.labels()[i] ? 0 : 1;
    }
    return (double) flipped / now.labels().length;
  }
}
