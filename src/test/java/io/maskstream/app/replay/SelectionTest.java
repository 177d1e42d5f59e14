package io.maskstream.app.replay;

import static io.maskstream.app.replay.MadeFrames.pair;
import static io.maskstream.app.replay.MadeFrames.score;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {

  private static List<Double> agreements(List<MaskPair> pairs) {
    return pairs.stream().map(MaskPair::agreement).toList();
  }

  private static List<Long> millis(List<FrameScore> frames) {
    return frames.stream().map(frame -> frame.captureMicros() / 1_000).toList();
  }

  @Test
  void worst_neighboursOfOneCamera_areTheWorstOfThem() {
    List<MaskPair> pairs =
        List.of(
            pair("a", 0, 0.9),
            pair("a", 500, 0.3),
            pair("a", 1_000, 0.2),
            pair("b", 1_100, 0.4),
            pair("a", 2_000, 0.5));
    assertThat(agreements(Selection.worst(pairs, 8))).containsExactly(0.2, 0.4, 0.5, 0.9);
    assertThat(agreements(Selection.worst(pairs, 2))).containsExactly(0.2, 0.4);
    assertThat(Selection.worst(pairs, 0)).isEmpty();
  }

  @Test
  void worst_identicalPairs_areNever() {
    assertThat(Selection.worst(List.of(pair("a", 0, 1), pair("a", 5_000, 0.99)), 8)).hasSize(1);
  }

  @Test
  void uncertain_aClipOfDoubt_givesOneOfItsFrames() {
    List<FrameScore> frames = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      boolean doubtful = i >= 40 && i < 50;
      frames.add(score("a", 100L * i, doubtful ? 0.2 + i / 1_000.0 : 0.8));
    }
    List<Long> chosen = millis(Selection.uncertain(frames, 5));
    assertThat(chosen).hasSize(5).startsWith(4_000L);
    assertThat(chosen.stream().filter(time -> time >= 4_000 && time < 5_000)).hasSize(1);
    List<Long> sorted = chosen.stream().sorted().toList();
    for (int i = 1; i < sorted.size(); i++) {
      assertThat(sorted.get(i) - sorted.get(i - 1)).isGreaterThanOrEqualTo(990);
    }
  }

  @Test
  void uncertain_severalCameras_takeTurns() {
    List<FrameScore> frames = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      frames.add(score("sure", 100L * i, 0.9));
      frames.add(score("unsure", 100L * i, 0.3));
    }
    List<FrameScore> chosen = Selection.uncertain(frames, 6);
    assertThat(chosen.stream().filter(frame -> frame.camera().equals("sure"))).hasSize(3);
    assertThat(chosen.get(0).camera()).isEqualTo("unsure");
  }

  @Test
  void uncertain_moreThanThereAre_givesAll() {
    List<FrameScore> frames = List.of(score("a", 1, 0.5), score("a", 1, 0.4), score("b", 9, 0.1));
    assertThat(Selection.uncertain(frames, 10)).containsExactlyInAnyOrderElementsOf(frames);
    assertThat(Selection.uncertain(List.of(), 3)).isEmpty();
  }
}
