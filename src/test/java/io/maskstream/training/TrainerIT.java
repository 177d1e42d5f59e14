package io.maskstream.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.maskstream.dataset.Appearance;
import io.maskstream.dataset.Augmentation;
import io.maskstream.dataset.BatchSource;
import io.maskstream.dataset.ClassBalance;
import io.maskstream.dataset.InMemoryFrames;
import io.maskstream.dataset.LabeledFrames;
import io.maskstream.dataset.StreetFrames;
import io.maskstream.dataset.ViewSchedule;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.network.HeadConfig;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerIT {
  private static final int[] GROUP_OF = {0, 0, 1, 1, 0, 2, 2, 2, 3, 3, 3};

  /** Each head once, with all that it may train with. */
  private static List<NetworkConfig> networks() {
    NetworkConfig small = NetworkConfig.small(11);
    return List.of(
        small.withGroups(4),
        small.withHead(HeadConfig.plain()),
        small.withHead(HeadConfig.protoSeg(2)));
  }

  private static TrainingConfig config(int epochs) {
    return new TrainingConfig(
        epochs, 2, 1e-3, 0.3, 0.02, 2, 0.9, 0, 0.5, Map.of("pixelContrast", 0.1), 4);
  }

  private static ViewSchedule views(double minScale, double maxScale) {
    return ViewSchedule.constant(
        new Augmentation(64, 48, minScale, maxScale, 6, Appearance.Level.USUAL.appearance()));
  }

  /** Trains, and stops where the losses are so many. */
  private static boolean train(
      SegmentationNetwork network,
      TrainingConfig config,
      TrainingState state,
      List<Float> losses,
      int stopAfter)
      throws IOException {
    LabeledFrames frames = new InMemoryFrames(new StreetFrames(1, 96, 72, 6));
    BatchSource batches = new BatchSource(frames, views(0.8, 1.2), 2, 4);
    float[] weights = ClassBalance.weights(frames, 11, 1.1);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Step step) {
            losses.add(step.loss());
          }
        };
    Trainer.Supervision supervision = new Trainer.Supervision(weights, GROUP_OF);
    return new Trainer(network, config, batches, supervision, List.of(listener), Optional.empty())
        .run(state, () -> losses.size() == stopAfter);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void run_stoppedAndResumed_goesOnAsIfItHadNotStopped(NetworkConfig shape, @TempDir Path folder)
      throws IOException {
    SegmentationNetwork network = new SegmentationNetwork(shape);
    TrainingConfig config = config(2);
    Parameters initial = Parameters.initial(network.parameters(), 4);
    List<Float> whole = new ArrayList<>();
    List<Float> parts = new ArrayList<>();
    Path checkpoint = folder.resolve("checkpoint.safetensors");
    try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager()) {
      TrainingState straight = TrainingState.start(manager, network, config, initial);
      assertThat(train(network, config, straight, whole, -1)).isTrue();
      TrainingState first = TrainingState.start(manager, network, config, initial);
      assertThat(train(network, config, first, parts, 4)).isFalse(); // within the second epoch
      first.checkpoint().write(checkpoint);
      TrainingState second =
          TrainingState.resume(manager, network, config, Parameters.read(checkpoint));
      assertThat(train(network, config, second, parts, -1)).isTrue();
      assertThat(parts).hasSize(6);
      assertThat(parts).isEqualTo(whole); // to the last digit: the tests run PyTorch in one thread
      assertThat(second.steps()).isEqualTo(straight.steps());
    }
  }

  @Test
  void schedule_ofAShortTraining_warmsUpForATenthOfIt() {
    Schedule brief = TrainingConfig.with(10, 8, 1e-3, 1).schedule(450);
    assertThat(brief.warmupSteps()).isEqualTo(45);
    assertThat(brief.rate(44)).isEqualTo(1e-3);
    assertThat(TrainingConfig.with(10, 8, 1e-3, 1).schedule(9_000).warmupSteps()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void augmentation_sameRandom_givesTheSameViewWithLabelsOfTheTable(Appearance.Level level)
      throws IOException {
    LabeledPicture frame = new StreetFrames(1, 96, 72, 6).get(2);
    Augmentation augmentation = new Augmentation(64, 48, 0.5, 2, 6, level.appearance());
    LabeledPicture a = augmentation.apply(frame, new Random(3));
    LabeledPicture b = augmentation.apply(frame, new Random(3));
    assertThat(a.picture().rgb()).isEqualTo(b.picture().rgb());
    assertThat(a.groundTruth().labels()).isEqualTo(b.groundTruth().labels());
    for (byte label : a.groundTruth().labels()) {
      assertThat(label & 0xFF).matches(id -> id < 11 || id == 255);
    }
  }

  /** Mean distance of a view's bytes from the picture's, over views that neither move nor zoom. */
  private static double change(Appearance.Level level) throws IOException {
    LabeledPicture frame = new StreetFrames(1, 96, 72, 6).get(2);
    Augmentation still = new Augmentation(96, 72, 1, 1, 0, level.appearance());
    double sum = 0;
    int kept = 0;
    for (int seed = 0; seed < 40; seed++) {
      LabeledPicture view = still.apply(frame, new Random(seed));
      byte[] before = frame.picture().rgb();
      byte[] after = view.picture().rgb();
      if (!Arrays.equals(view.groundTruth().labels(), frame.groundTruth().labels())) {
        continue; // a flipped one
      }
      kept++;
      for (int i = 0; i < before.length; i++) {
        sum += Math.abs((before[i] & 0xFF) - (after[i] & 0xFF)) / (double) before.length;
      }
    }
    assertThat(kept).isGreaterThan(10);
    return sum / kept;
  }

  @Test
  void appearance_strongerLevels_changeTheLookMoreAndNeverTheLabels() throws IOException {
    double weak = change(Appearance.Level.WEAK);
    double usual = change(Appearance.Level.USUAL);
    double strong = change(Appearance.Level.STRONG);
    assertThat(weak).isBetween(2.0, 0.7 * usual);
    assertThat(usual).isLessThan(0.9 * strong);
  }

  @Test
  void views_change_withTheLastEpochs() throws IOException {
    LabeledFrames frames = new StreetFrames(1, 96, 72, 8);
    Augmentation small = Augmentation.sized(64, 48, Appearance.Level.USUAL);
    ViewSchedule views =
        new ViewSchedule(small, Augmentation.nearlyWhole(96, 72, Appearance.Level.USUAL), 3);
    BatchSource batches = new BatchSource(frames, views, 4, 1);
    assertThat(batches.batch(2, 1).width()).isEqualTo(64);
    assertThat(batches.batch(3, 0).width()).isEqualTo(96);
  }

  @Test
  void batches_pairNeighboursOfOneSequence() throws IOException {
    LabeledFrames frames = new StreetFrames(1, 96, 72, 8);
    BatchSource batches = new BatchSource(frames, views(1, 1), 4, 1);
    assertThat(batches.steps()).isEqualTo(2);
    assertThat(batches.batch(0, 1).rgb()).isEqualTo(batches.batch(0, 1).rgb());
    assertThat(batches.batch(0, 1).rgb()).isNotEqualTo(batches.batch(1, 1).rgb());
  }
}
