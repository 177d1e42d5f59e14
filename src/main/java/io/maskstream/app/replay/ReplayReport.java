package io.maskstream.app.replay;

import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.frame.ClassTable;
import io.maskstream.topic.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a replay found out, as figures: report.json, from which report.md is written. */
final class ReplayReport {
  private final Replay.Result result;
  private final long binMicros;

  ReplayReport(Replay.Result result) {
    this.result = result;
    this.binMicros = TimeBins.length(Selection.span(result.scores()));
  }

  /**
   * A camera's line.
   *
   * @param frames segmented by the replay
   * @param compared frames with a mask of both sides
   * @param identical masks of the same bytes
   * @param agreement mean share of pixels with the same class, 0 to 1; null where none was compared
   * @param firstDigest of the first side's masks
   * @param digest of the replay's masks
   */
  record CameraRow(
      String camera,
      long frames,
      long compared,
      long identical,
      @Nullable Double agreement,
      String firstDigest,
      String digest) {}

  /**
   * A class's line.
   *
   * @param firstShare of the compared pixels, 0 to 1
   * @param share of the compared pixels, 0 to 1
   * @param iou intersection over union of the two sides, 0 to 1
   */
  record ClassRow(String table, String name, double firstShare, double share, double iou) {}

  /** A camera's agreement in a second or a minute, which begins at an instant. */
  record BinRow(String camera, String start, long frames, double agreement) {}

  /** Times of a side, milliseconds per frame. */
  record CostRow(String side, long frames, double medianMillis, double p99Millis) {}

  /** A frame of which there is a picture. */
  record WorstRow(String picture, String frame, String captured, double agreement) {}

  /**
   * All of it.
   *
   * @param notes sentences on what limits the comparison
   * @param unreadable frames and masks that could not be read
   * @param examples the first of them
   */
  record Report(
      String range,
      String first,
      String second,
      List<String> notes,
      List<CameraRow> cameras,
      List<ClassRow> classes,
      long binSeconds,
      List<BinRow> bins,
      List<CostRow> cost,
      List<WorstRow> worst,
      long unreadable,
      List<String> examples) {

    void write(Path folder) throws IOException {
      Files.write(folder.resolve("report.json"), Json.write(this));
      Files.writeString(folder.resolve("report.md"), ReplayMarkdown.of(this));
    }
  }

  /** By camera, in the order of their ids. */
  List<CameraRow> cameras() {
    Map<String, Long> frames =
        result.scores().stream()
            .collect(
                Collectors.groupingBy(FrameScore::camera, TreeMap::new, Collectors.counting()));
    List<CameraRow> rows = new ArrayList<>();
    frames.forEach(
        (camera, count) -> {
          List<MaskPair> pairs = pairs(camera);
          rows.add(
              new CameraRow(
                  camera,
                  count,
                  pairs.size(),
                  pairs.stream().filter(MaskPair::identical).count(),
                  pairs.isEmpty() ? null : TimeBins.mean(pairs),
                  result.first().digests().getOrDefault(camera, ""),
                  result.second().digests().getOrDefault(camera, "")));
        });
    return rows;
  }

  private List<MaskPair> pairs(String camera) {
    return result.pairs().stream().filter(pair -> pair.score().camera().equals(camera)).toList();
  }

  /** Classes that one of the sides saw. */
  List<ClassRow> classes() {
    List<ClassRow> rows = new ArrayList<>();
    result
        .classes()
        .forEach(
            (table, matrix) -> {
              for (int k = 0; k < Replay.LABELS; k++) {
                if (matrix.expected(k) + matrix.predicted(k) > 0) {
                  rows.add(row(table, matrix, k));
                }
              }
            });
    return rows;
  }

  private static ClassRow row(ClassTable table, ConfusionMatrix matrix, int classId) {
    double pixels = matrix.pixels();
    return new ClassRow(
        table.id(),
        classId < table.size() ? table.name(classId) : "void",
        matrix.expected(classId) / pixels,
        matrix.predicted(classId) / pixels,
        matrix.iou(classId));
  }

  private List<BinRow> bins() {
    List<BinRow> rows = new ArrayList<>();
    for (CameraRow camera : cameras()) {
      for (TimeBins.Bin bin : TimeBins.of(pairs(camera.camera()), binMicros)) {
        rows.add(
            new BinRow(camera.camera(), time(bin.startMicros()), bin.frames(), bin.agreement()));
      }
    }
    return rows;
  }

  private static String time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
  }

  private static CostRow cost(Replay.SideResult side) {
    return new CostRow(
        side.name(), side.cost().passes(), side.cost().millis(50), side.cost().millis(99));
  }

  /** What is around the figures. */
  record Context(TimeRange range, List<String> notes, long unreadable, List<String> examples) {}

  /**
   * Puts it together.
   *
   * @param worst pairs of which there are pictures, by name
   */
  Report report(Context context, Map<String, MaskPair> worst) {
    List<WorstRow> drawn = new ArrayList<>();
    new LinkedHashMap<>(worst)
        .forEach(
            (picture, pair) ->
                drawn.add(
                    new WorstRow(
                        picture,
                        pair.score().frame().id().text(),
                        time(pair.score().captureMicros()),
                        pair.agreement())));
    return new Report(
        context.range().toString(),
        result.first().name(),
        result.second().name(),
        context.notes(),
        cameras(),
        classes(),
        binMicros / 1_000_000,
        bins(),
        List.of(cost(result.first()), cost(result.second())),
        drawn,
        context.unreadable(),
        context.examples());
  }
}
