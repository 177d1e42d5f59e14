package io.maskstream.app.serve;

import io.maskstream.app.option.AtLeastOne;
import io.maskstream.app.option.ModelOption;
import io.maskstream.app.option.ProcessorOptions;
import io.maskstream.app.option.Progress;
import io.maskstream.app.option.ReuseOptions;
import io.maskstream.camera.PictureFiles;
import io.maskstream.camera.VideoFile;
import io.maskstream.camera.VideoFile.TimedPicture;
import io.maskstream.camera.VideoWriter;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.Segmentation;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import io.maskstream.prototype.ResetRules;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Segments a video file without a broker. */
@Command(
    name = "segment",
    mixinStandardHelpOptions = true,
    description =
        "Segments a video file without a broker. Writes masks at the video's resolution "
            + "(masks/NNNNNN.png, gray value = class id), statistics (stats.jsonl, one line per "
            + "frame) and the video with its masks (overlay.mp4). Exits with 3 where frames could "
            + "not be decoded. Stopped by Ctrl-C, it completes the files of the frames so far.")
public final class SegmentCommand implements Callable<Integer> {
  private static final double OPACITY = 0.5;

  /** Name of a frame's mask. */
  private static final Pattern MASK = Pattern.compile("\\d{6,}\\.png");

  /** Exit code where the masks are not those of the whole video. */
  private static final int INCOMPLETE = 3;

  @Parameters(paramLabel = "VIDEO", description = "Any file that FFmpeg reads.")
  private Path video;

  @Option(names = "--out", required = true, description = "Folder for the results.")
  private Path out;

  @Mixin private ModelOption model;
  @Mixin private ProcessorOptions processor;
  @Mixin private ReuseOptions reuse;

  @Option(
      names = "--max-frames",
      converter = AtLeastOne.class,
      description = "Stop after this many frames. Default: never.")
  private int maxFrames;

  @Option(
      names = "--tolerate",
      description = "Exit with 0 although frames could not be decoded; their number is printed.")
  private boolean tolerate;

  @Override
  public Integer call() throws IOException, ModelException {
    try (StopSignal stop = new StopSignal()) { // a video without its end cannot be played
      return segment(stop);
    }
  }

  private int segment(StopSignal stop) throws IOException, ModelException {
    Path masks = Files.createDirectories(out.resolve("masks"));
    Path statistics = out.resolve("stats.jsonl");
    Path overlay = out.resolve("overlay.mp4");
    List<Path> earlier = masks(masks); // a run may have had more frames
    for (Path written : earlier) {
      requireOther(written);
    }
    requireOther(statistics);
    requireOther(overlay);
    try (LoadedModel loaded = LoadedModel.load(model.bundle(), processor.engine());
        CameraSegmenter segmenter =
            new CameraSegmenter(loaded, reuse.reuse().build(), ResetRules.defaults());
        VideoFile file = VideoFile.open(video);
        OutputStream stats = Files.newOutputStream(statistics)) {
      for (Path mask : earlier) {
        Files.delete(mask);
      }
      Work work = new Work(segmenter, loaded.card().table(), file, stats, masks, overlay);
      long frames = run(work, stop);
      return report(frames, file.undecodable());
    }
  }

  /** Masks of an earlier run. */
  private static List<Path> masks(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> MASK.matcher(file.getFileName().toString()).matches()).toList();
    }
  }

  private void requireOther(Path written) throws IOException {
    if (Files.exists(written) && Files.exists(video) && Files.isSameFile(written, video)) {
      throw new IllegalArgumentException(
          "%s would be overwritten by the results; --out must be another folder than %s"
              .formatted(video, out));
    }
  }

  private int report(long frames, long undecodable) {
    System.out.printf(
        "wrote %s: %d frames segmented, %d undecodable or damaged%n", out, frames, undecodable);
    return undecodable > 0 && !tolerate ? INCOMPLETE : 0;
  }

  private record Work(
      CameraSegmenter segmenter,
      ClassTable table,
      VideoFile file,
      OutputStream stats,
      Path masks,
      Path overlay) {}

  /** Returns the number of frames segmented. */
  private long run(Work work, StopSignal stop) throws IOException {
    CameraMemory memory = null;
    VideoWriter overlay = null;
    long n = 0;
    try (ProgressBar bar =
        Progress.bar("segment", maxFrames > 0 ? maxFrames : work.file().length())) {
      Optional<TimedPicture> next = work.file().next();
      for (; next.isPresent() && (maxFrames == 0 || n < maxFrames) && !stop.isAsked(); n++) {
        Picture picture = next.get().picture();
        if (overlay == null) {
          overlay =
              VideoWriter.open(
                  work.overlay(), picture.width(), picture.height(), work.file().filmFps());
        }
        CameraSegmenter.Result result =
            work.segmenter()
                .segment(
                    new CameraSegmenter.FrameInput(0, next.get().mediaMicros(), picture),
                    memory,
                    Optional.empty());
        memory = result.memory();
        write(work, n, next.get(), result);
        overlay.write(
            Overlay.draw(picture, result.segmentation().mask(), work.table(), OPACITY),
            next.get().mediaMicros());
        bar.step();
        next = work.file().next();
      }
      return n;
    } finally {
      close(overlay);
    }
  }

  private static void close(@Nullable VideoWriter overlay) throws IOException {
    if (overlay != null) {
      overlay.close();
    }
  }

  private static void write(
      Work work, long number, TimedPicture frame, CameraSegmenter.Result result)
      throws IOException {
    Segmentation segmentation = result.segmentation();
    Mask mask = segmentation.mask();
    PictureFiles.writeGray(
        work.masks().resolve("%06d.png".formatted(number)),
        mask.scaled(frame.picture().width(), frame.picture().height()));
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("frame", number);
    line.put("mediaMicros", frame.mediaMicros());
    Map<String, Double> shares = new LinkedHashMap<>();
    double pixels = (double) mask.width() * mask.height();
    for (int k = 0; k < work.table().size(); k++) {
      shares.put(work.table().name(k), segmentation.pixels()[k] / pixels);
    }
    line.put("shares", shares);
    line.put("agreement", segmentation.observation().agreement());
    line.put("reset", result.reset().map(ResetReason::label).orElse(""));
    work.stats().write(Json.write(line));
    work.stats().write('\n');
  }
}
