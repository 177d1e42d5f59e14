package io.maskstream.app.option;

import io.maskstream.camera.VideoFile;
import io.maskstream.frame.Picture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Frames from all over a video. */
public final class ClipReader {

  private ClipReader() {}

  /**
   * Runs of successive frames, evenly spread over a video; from its start where it does not say how
   * long it is.
   *
   * @param most runs
   * @param length frames per run; a run that the end of the video cuts off is left out
   * @param change made to each picture before it is kept
   */
  public static List<List<Picture>> runs(
      Path file, int most, int length, UnaryOperator<Picture> change) throws IOException {
    List<List<Picture>> runs = new ArrayList<>();
    List<Picture> run = new ArrayList<>();
    try (VideoFile video = VideoFile.open(file)) {
      long step = Math.max(length, video.length() / most);
      Optional<VideoFile.TimedPicture> next = video.next();
      for (long n = 0; next.isPresent() && runs.size() < most; n++) {
        if (n % step < length) {
          run.add(change.apply(next.get().picture()));
        }
        if (run.size() == length) {
          runs.add(List.copyOf(run));
          run.clear();
        }
        next = video.next();
      }
    }
    return runs;
  }
}
