package io.maskstream.app.option;

import io.maskstream.dataset.FolderFrames;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which frames of recorded clips are taken, and when they were captured. */
public final class SamplingOptions {

  @Option(
      names = "--every",
      defaultValue = "1",
      converter = AtLeastOne.class,
      description = "Takes every n-th frame. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Mixin private RateOption rate;

  /**
   * A frame that is taken.
   *
   * @param index in the data set
   * @param captureMicros microseconds since the number 0 of its clip
   * @param startsClip whether it has nothing to do with the frame that is taken before it
   */
  public record Sample(int index, long captureMicros, boolean startsClip) {}

  /** The frames of a data set that are taken, in its order. */
  public List<Sample> of(FolderFrames frames) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < frames.size(); i += every) {
      boolean startsClip = i == 0 || !frames.sameSequence(i - every, i);
      samples.add(new Sample(i, frames.captureMicros(i, rate.perSecond()), startsClip));
    }
    return List.copyOf(samples);
  }
}
