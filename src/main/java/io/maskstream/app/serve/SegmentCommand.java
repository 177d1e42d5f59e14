package io.maskstream.app.serve;

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
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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

  /** Exit code where the masks are not those of the whole video. */
  private static final int INCOMPLETE = 3;

  @Parameters(paramLabel = "VIDEO", description = "Any file that FFmpeg reads.")
  private Path video;

  @Option(names = "--out", required = true, description = "Folder for the results.")
  private Path out;

  @Mixin private ModelOption model;
  @Mixin private ProcessorOptions processor;
  @Mixin private ReuseOptions reuse;

  @Option(names = "--max-frames", description = "Stop after this many frames.")
  private long maxFrames;

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
    try (LoadedModel loaded = LoadedModel.load(model.bundle(), processor.engine());
        CameraSegmenter segmenter =
            new CameraSegmenter(loaded, reuse.reuse().build(), ResetRules.defaults());
        VideoFile file = VideoFile.open(video);
        OutputStream stats = Files.newOutputStream(out.resolve("stats.jsonl"))) {
      removeMasks(masks); // of an earlier run, which may have had more frames
      long frames = run(new Work(segmenter, loaded.card().table(), file, stats, masks), stop);
      return report(frames, file.undecodable());
    }
  }

  private static void removeMasks(Path folder) throws IOException {
    try (DirectoryStream<Path> earlier = Files.newDirectoryStream(folder, "[0-9]*.png")) {
      for (Path mask : earlier) {
        Files.delete(mask);
      }
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
      Path masks) {}

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
                  out.resolve("overlay.mp4"), picture.width(), picture.height(), work.file().fps());
        }
        CameraSegmenter.Result result =
            work.segmenter()
                .segment(
                    new CameraSegmenter.FrameInput(0, next.get().mediaMicros(), picture),
                    memory,
                    Optional.empty());
        memory = result.memory();
        write(work, n, next.get(), result);
        overlay.write(Overlay.draw(picture, result.segmentation().mask(), work.table(), OPACITY));
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
