package io.maskstream.app.model;

import io.maskstream.camera.PictureFiles;
import io.maskstream.camera.VideoFile;
import io.maskstream.camera.VideoFile.TimedPicture;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.frame.Picture;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.prototype.CameraMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Confidence maps of pictures without labels. */
final class UnlabeledMaps {

  /** Pictures of a folder or frames of a video that are looked at, at most. */
  private static final int MOST = 300;

  private UnlabeledMaps() {}

  /** Those of a folder's pictures, each for itself, or of a video's first frames; at least one. */
  static List<ConfidenceMap> of(Path path, CameraSegmenter segmenter) throws IOException {
    List<ConfidenceMap> maps =
        Files.isDirectory(path) ? ofFolder(path, segmenter) : ofVideo(path, segmenter);
    if (maps.isEmpty()) {
      throw new IOException("no picture in " + path);
    }
    return maps;
  }

  private static List<ConfidenceMap> ofFolder(Path folder, CameraSegmenter segmenter)
      throws IOException {
    List<ConfidenceMap> maps = new ArrayList<>();
    for (Picture picture : PictureFiles.ofFolder(folder, MOST)) {
      CameraSegmenter.FrameInput shot = new CameraSegmenter.FrameInput(0, 0, picture);
      maps.add(map(segmenter.segment(shot, null, Optional.empty())));
    }
    return maps;
  }

  private static List<ConfidenceMap> ofVideo(Path file, CameraSegmenter segmenter)
      throws IOException {
    List<ConfidenceMap> maps = new ArrayList<>();
    CameraMemory memory = null;
    try (VideoFile video = VideoFile.open(file)) {
      for (Optional<TimedPicture> next = video.next();
          next.isPresent() && maps.size() < MOST;
          next = video.next()) {
        CameraSegmenter.FrameInput shot =
            new CameraSegmenter.FrameInput(0, next.get().mediaMicros(), next.get().picture());
        CameraSegmenter.Result result = segmenter.segment(shot, memory, Optional.empty());
        memory = result.memory();
        maps.add(map(result));
      }
    }
    return maps;
  }

  private static ConfidenceMap map(CameraSegmenter.Result result) {
    return result.segmentation().map().orElseThrow();
  }
}
