package io.maskstream.tensorrt;

import io.maskstream.frame.Picture;
import io.maskstream.inference.SegmentationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Requests of noise for the committed models; equal calls give equal ones. Safe for threads. */
final class RandomRequests {
  static final int WIDTH = 480;
  static final int HEIGHT = 360;
  static final int ROWS = 11;
  static final int FEATURES = 64;

  private final Random random = new Random(1);

  synchronized List<SegmentationRequest> take(int count) {
    List<SegmentationRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] rgb = new byte[3 * WIDTH * HEIGHT];
      random.nextBytes(rgb);
      requests.add(
          new SegmentationRequest(
              new Picture(WIDTH, HEIGHT, rgb), floats(ROWS * FEATURES), floats(ROWS)));
    }
    return requests;
  }

  synchronized float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }
}
