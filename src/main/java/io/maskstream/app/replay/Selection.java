package io.maskstream.app.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Chooses few frames among many. Pure functions. */
final class Selection {

  /** Two pictures of one camera nearer than this show the same thing. */
  static final long APART_MICROS = 1_000_000;

  private Selection() {}

  /**
   * The pairs that agree least, the worst first; of each camera no two within a second. Pairs that
   * are identical are never among them.
   */
  static List<MaskPair> worst(List<MaskPair> pairs, int most) {
    List<MaskPair> chosen = new ArrayList<>();
    pairs.stream()
        .filter(pair -> !pair.identical())
        .sorted(Comparator.comparingDouble(MaskPair::agreement))
        .forEach(
            pair -> {
              if (chosen.size() < most
                  && apart(pair.score(), chosen, MaskPair::score, APART_MICROS)) {
                chosen.add(pair);
              }
            });
    return chosen;
  }

  private static <T> boolean apart(
      FrameScore frame, List<T> others, Function<T, FrameScore> score, long micros) {
    return others.stream()
        .map(score)
        .filter(other -> other.camera().equals(frame.camera()))
        .allMatch(other -> Math.abs(other.captureMicros() - frame.captureMicros()) >= micros);
  }

  /**
   * The frames of least confidence, spread over cameras and time: the cameras take turns, and each
   * gives its least confident frame that keeps a distance from those that it gave. The distance
   * begins with half an equal share of the camera's time and is halved when no camera has a frame
   * left that keeps it, so that as many come as were asked for, where there are as many.
   */
  static List<FrameScore> uncertain(List<FrameScore> frames, int most) {
    Map<String, List<FrameScore>> byCamera = new LinkedHashMap<>();
    frames.stream()
        .sorted(Comparator.comparingDouble(FrameScore::confidence))
        .forEach(
            frame -> byCamera.computeIfAbsent(frame.camera(), id -> new ArrayList<>()).add(frame));
    List<FrameScore> chosen = new ArrayList<>();
    long apart = byCamera.isEmpty() ? 0 : span(frames) * byCamera.size() / (2L * Math.max(1, most));
    while (chosen.size() < Math.min(most, frames.size())) {
      int before = chosen.size();
      for (List<FrameScore> ofCamera : byCamera.values()) {
        take(ofCamera, chosen, most, apart);
      }
      if (chosen.size() == before) {
        apart /= 2;
      }
    }
    return chosen;
  }

  private static void take(
      List<FrameScore> ofCamera, List<FrameScore> chosen, int most, long apart) {
    ofCamera.stream()
        .filter(frame -> chosen.size() < most && apart(frame, chosen, Function.identity(), apart))
        .findFirst()
        .ifPresent(
            frame -> {
              chosen.add(frame);
              ofCamera.remove(frame);
            });
  }

  /** Time between the first frame and the last, microseconds. */
  static long span(List<FrameScore> frames) {
    long first = frames.stream().mapToLong(FrameScore::captureMicros).min().orElse(0);
    long last = frames.stream().mapToLong(FrameScore::captureMicros).max().orElse(0);
    return last - first;
  }
}
