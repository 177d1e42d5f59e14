package io.maskstream.app.replay;

import io.maskstream.app.replay.RecordedFrames.Frame;
import io.maskstream.camera.PictureFiles;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.stream.PlainFrames;
import io.maskstream.topic.EncodedPicture;
import io.maskstream.topic.Json;
import io.maskstream.topic.MaskCodec;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Writes chosen frames of a replay to files, from the spool. */
final class FramePictures {

  /** Name of the split that {@link #export} writes. */
  static final String SPLIT = "uncertain";

  private static final double MASK_OPACITY = 0.7;
  private static final int DIFFERENCE = 0xFF0000;

  private final Spool spool;
  private final Function<String, ClassTable> tables;

  /**
   * A writer.
   *
   * @param tables classes by camera
   */
  FramePictures(Spool spool, Function<String, ClassTable> tables) {
    this.spool = spool;
    this.tables = tables;
  }

  /**
   * Draws pairs, each as one PNG with four pictures side by side: the frame, the first mask, the
   * second mask, the pixels that differ in red.
   *
   * @return their names, in the order of the pairs
   */
  List<String> draw(List<MaskPair> pairs, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<String> names = new ArrayList<>();
    for (MaskPair pair : pairs) {
      String name = "%02d-%s.png".formatted(names.size() + 1, stem(pair.score().frame()));
      Picture picture = picture(pair.score().frame());
      ClassTable table = tables.apply(pair.score().camera());
      Mask first = mask(pair.first()).scaled(picture.width(), picture.height());
      Mask second = mask(pair.score().mask()).scaled(picture.width(), picture.height());
      PictureFiles.writePng(
          folder.resolve(name),
          PictureFiles.beside(
              List.of(
                  picture,
                  Overlay.draw(picture, first, table, MASK_OPACITY),
                  Overlay.draw(picture, second, table, MASK_OPACITY),
                  difference(picture, first, second))));
      names.add(name);
    }
    return names;
  }

  /** The picture in dark gray with the pixels in red on which two masks of its size differ. */
  static Picture difference(Picture picture, Mask first, Mask second) {
    byte[] from = picture.rgb();
    byte[] to = new byte[from.length];
    for (int n = 0; n < first.labels().length; n++) {
      int i = 3 * n;
      boolean differs = first.labels()[n] != second.labels()[n];
      int gray = ((from[i] & 0xFF) + (from[i + 1] & 0xFF) + (from[i + 2] & 0xFF)) / 6;
      to[i] = (byte) (differs ? DIFFERENCE >> 16 : gray);
      to[i + 1] = (byte) (differs ? DIFFERENCE >> 8 : gray);
      to[i + 2] = (byte) (differs ? DIFFERENCE : gray);
    }
    return new Picture(picture.width(), picture.height(), to);
  }

  /**
   * Writes frames with their masks as labels in the layout {@code folder} that {@code train} reads
   * (uncertain/*.png, uncertainannot/*.png, gray value = class id), and uncertain.json with where
   * each came from. The name of a file is its camera and its capture time in microseconds.
   */
  void export(List<FrameScore> frames, Path folder) throws IOException {
    Path pictures = Files.createDirectories(folder.resolve(SPLIT));
    Path labels = Files.createDirectories(folder.resolve(SPLIT + "annot"));
    List<Map<String, Object>> list = new ArrayList<>();
    for (FrameScore score : frames) {
      String name = stem(score.frame()) + ".png";
      Picture picture = picture(score.frame());
      PictureFiles.writePng(pictures.resolve(name), picture);
      PictureFiles.writeGray(
          labels.resolve(name), mask(score.mask()).scaled(picture.width(), picture.height()));
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("file", name);
      entry.put("frame", score.frame().id());
      entry.put("confidence", score.confidence());
      entry.put("classTable", tables.apply(score.camera()).id());
      list.add(entry);
    }
    Files.write(folder.resolve(SPLIT + ".json"), Json.write(list));
  }

  /** Every camera id has another name of a file, whatever signs it has. */
  private static String stem(Frame frame) {
    String camera =
        URLEncoder.encode(frame.id().camera(), StandardCharsets.UTF_8).replace("*", "%2A");
    return camera + "_" + frame.id().captureMicros();
  }

  private Picture picture(Frame frame) throws IOException {
    try (EncodedPicture picture = PlainFrames.decode(frame.metadata(), spool.read(frame.value()))) {
      return picture.whole();
    }
  }

  private Mask mask(Spool.Block block) throws IOException {
    return MaskCodec.decode(io.maskstream.topic.v1.Mask.parseFrom(spool.read(block)));
  }
}
