package io.maskstream.redaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.connectedComponents;

import io.maskstream.config.YamlReader;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.indexer.IntIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How many labelled pixels of people and cars redaction misses on a real drive. */
@Tag("data")
class RedactionRateIT {
  private static final ClassTable TABLE = ClassTable.camvid11();
  private static final List<String> CLASSES = List.of("pedestrian", "bicyclist", "car");
  private static final int WARM_UP = 4;
  private static final int PERSON_PIXELS = 100;
  private static final double MOST_MISSED = 10;

  /** CamVid's val drive has every second picture of 30 per second. */
  private static final Duration STEP = Duration.ofNanos(66_666_667);

  /** How many pixels a class has and how many of them can still be seen. */
  private static final class Rate {
    private long labeled;
    private long seen;

    double missed() {
      return labeled == 0 ? 0 : 100.0 * seen / labeled;
    }
  }

  @Test
  void pixelsMissed_onCamVid_areWhatTheDocumentationSays() throws Exception {
    FolderFrames frames =
        new FolderFrames(Path.of(System.getProperty("maskstream.data"), "camvid"), "val", TABLE);
    List<Mask> masks = masks(frames);
    Map<String, Map<String, Double>> missed = new LinkedHashMap<>();
    for (int[] setting : new int[][] {{1, 0}, {1, 6}, {3, 0}, {3, 6}, {3, 12}, {5, 12}}) {
      missed.put(
          "frames %d, growPixels %d".formatted(setting[0], setting[1]),
          missed(frames, masks, setting[0], setting[1]));
    }
    missed.forEach((setting, rates) -> System.out.println(setting + ": " + rates));
    assertThat(missed.get("frames 3, growPixels 6").get("pedestrian")).isLessThan(MOST_MISSED);
    assertThat(missed.get("frames 3, growPixels 6").get("pedestrian"))
        .isLessThan(missed.get("frames 1, growPixels 0").get("pedestrian"));
  }

  private static List<Mask> masks(FolderFrames frames) throws Exception {
    List<Mask> masks = new ArrayList<>();
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(Path.of("models/street-ssa")), 2);
        CameraSegmenter segmenter =
            new CameraSegmenter(
                model, Reuse.of(Reuse.DEFAULT_POLICY).build(), ResetRules.defaults())) {
      @Nullable CameraMemory memory = null;
      for (int i = 0; i < frames.size(); i++) {
        CameraSegmenter.Result result =
            segmenter.segment(
                new CameraSegmenter.FrameInput(
                    1, i * STEP.toNanos() / 1_000, frames.get(i).picture()),
                memory,
                Optional.empty());
        memory = result.memory();
        masks.add(result.segmentation().mask());
      }
    }
    return masks;
  }

  /**
   * Percent of each class's labelled pixels that can be seen, and of the picture that is hidden.
   */
  private static Map<String, Double> missed(
      FolderFrames frames, List<Mask> masks, int joined, int grow) throws Exception {
    Redactor redactor =
        new Redactor(
            YamlReader.defaults(
                RedactionConfig.class,
                Map.of("classes", CLASSES, "frames", joined, "growPixels", grow)));
    Map<String, Rate> rates = new LinkedHashMap<>();
    CLASSES.forEach(name -> rates.put(name, new Rate()));
    Rate picture = new Rate();
    Rate persons = new Rate();
    for (int i = 0; i < masks.size(); i++) {
      LabeledPicture frame = frames.get(i);
      int width = frame.picture().width();
      int height = frame.picture().height();
      try (BytePointer pixels = new BytePointer(frame.picture().rgb());
          Mat rgb = new Mat(height, width, CV_8UC3, pixels)) {
        OptionalInt hidden = redactor.redact("drive", rgb, masks.get(i), TABLE);
        if (hidden.isPresent() && i >= WARM_UP) {
          Picture redacted = PictureScaler.scale(rgb, width, height);
          count(frame, redacted, rates);
          countPersons(frame, redacted, persons);
          picture.labeled += (long) width * height;
          picture.seen += hidden.getAsInt();
          keep(redacted, i, joined, grow);
        }
      }
    }
    Map<String, Double> missed = new LinkedHashMap<>();
    rates.forEach((name, rate) -> missed.put(name, rate.missed()));
    missed.put("hidden", picture.missed());
    missed.put("persons", persons.missed());
    missed.put("persons labelled", (double) persons.labeled);
    return missed;
  }

  private static void count(LabeledPicture frame, Picture shown, Map<String, Rate> rates) {
    for (int p = 0; p < frame.groundTruth().labels().length; p++) {
      int label = frame.groundTruth().labels()[p] & 0xFF;
      Rate rate = label == ClassTable.VOID ? null : rates.get(TABLE.name(label));
      if (rate != null) {
        rate.labeled++;
        rate.seen += gray(shown.rgb(), 3 * p) ? 0 : 1;
      }
    }
  }

  /** Connected pedestrians of some size, and those of which more than half can be seen. */
  private static void countPersons(LabeledPicture frame, Picture shown, Rate persons) {
    int width = shown.width();
    int height = shown.height();
    byte[] wanted = new byte[width * height];
    int pedestrian = TABLE.names().indexOf("pedestrian");
    for (int p = 0; p < wanted.length; p++) {
      wanted[p] = (byte) (frame.groundTruth().labels()[p] == pedestrian ? 255 : 0);
    }
    try (Mat mask = new Mat(height, width, CV_8UC1);
        Mat regions = new Mat()) {
      mask.data().put(wanted);
      int count = connectedComponents(mask, regions);
      long[] pixels = new long[count];
      long[] seen = new long[count];
      IntIndexer ids = regions.createIndexer();
      for (int p = 0; p < wanted.length; p++) {
        int id = ids.get(p / width, p % width);
        pixels[id]++;
        seen[id] += gray(shown.rgb(), 3 * p) ? 0 : 1;
      }
      for (int id = 1; id < count; id++) {
        boolean counts = pixels[id] >= PERSON_PIXELS;
        persons.labeled += counts ? 1 : 0;
        persons.seen += counts && 2 * seen[id] > pixels[id] ? 1 : 0;
      }
    }
  }

  /** Filled: a pixel that is this gray by itself hides what it shows as well. */
  private static boolean gray(byte[] rgb, int i) {
    return rgb[i] == (byte) 128 && rgb[i + 1] == (byte) 128 && rgb[i + 2] == (byte) 128;
  }

  private static void keep(Picture picture, int i, int joined, int grow) throws Exception {
    if (joined == 3 && grow == 6 && i % 40 == 10) {
      Files.write(
          Files.createDirectories(Path.of("target/redaction")).resolve(i + ".jpg"),
          PictureCodec.encode(picture, ContentType.JPEG, 90));
    }
  }
}
