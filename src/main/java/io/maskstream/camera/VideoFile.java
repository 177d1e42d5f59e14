package io.maskstream.camera;

import io.maskstream.frame.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The frames of a video file, one after the other, at their own size. */
public final class VideoFile implements AutoCloseable {

  /** A disk that does not answer for this long is broken. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final int ALL_THREADS = 0;

  private final MediaInput input;
  private final CallDeadline deadline;

  private VideoFile(MediaInput input, CallDeadline deadline) {
    this.input = input;
    this.deadline = deadline;
  }

  public static VideoFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(
          (Files.isDirectory(file) ? "a folder, not a video: " : "no such video: ") + file);
    }
    MediaInput.Settings settings =
        new MediaInput.Settings(
            "file:" + file,
            Optional.empty(),
            Map.of("protocol_whitelist", "file"),
            ALL_THREADS,
            LIMIT,
            LIMIT);
    CallDeadline deadline = new CallDeadline();
    try {
      return new VideoFile(MediaInput.open(settings, deadline), deadline);
    } catch (MediaException e) {
      deadline.close();
      throw new IOException("cannot read " + file + " as a video: it " + e.detailed(), e);
    }
  }

  /** A frame and its time since the first one, microseconds. */
  public record TimedPicture(Picture picture, long mediaMicros) {}

  /** The next frame, or empty at the end. */
  public Optional<TimedPicture> next() throws IOException {
    try {
      return input.next()
          ? Optional.of(
              new TimedPicture(
                  input.picture(input.width(), input.height()), input.mediaMicros().orElse(0L)))
          : Optional.empty();
    } catch (MediaException e) {
      throw new IOException("the video " + e.detailed(), e);
    }
  }

  /** Frames that the file says it has; 0 where it does not say. */
  public long length() {
    return input.info().length();
  }

  /** Frames passed so far that could not be decoded, or only with damage. */
  public long undecodable() {
    return input.undecodable();
  }

  /** Rate of a film in which each frame can have its time. */
  public double filmFps() {
    return input.info().finestFps();
  }

  @Override
  public void close() {
    input.close();
    deadline.close();
  }
}
