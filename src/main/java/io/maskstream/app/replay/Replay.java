package io.maskstream.app.replay;

import io.maskstream.app.replay.MaskSource.TimedMask;
import io.maskstream.app.replay.RecordedFrames.Frame;
import io.maskstream.evaluation.ConfusionMatrix;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.inference.ModelException;
import io.maskstream.stream.PlainFrames;
import io.maskstream.topic.EncodedPicture;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pass over recorded frames: masks of two sides, how far they agree, and what they cost. The
 * second side is always a replay; the first is a replay or what was recorded. Used by one thread.
 */
final class Replay {

  /** Every value that a label can have, so that labels outside of the table count, too. */
  static final int LABELS = 256;

  private final MaskSource first;
  private final MaskSource second;
  private final Spool spool;
  private final List<FrameScore> scores = new ArrayList<>();
  private final List<MaskPair> pairs = new ArrayList<>();
  private final Map<ClassTable, ConfusionMatrix> classes = new LinkedHashMap<>();
  private final MaskDigests firstDigests = new MaskDigests();
  private final MaskDigests secondDigests = new MaskDigests();
  private final PassCost firstCost = new PassCost();
  private final PassCost secondCost = new PassCost();

  Replay(MaskSource first, MaskSource second, Spool spool) {
    this.first = first;
    this.second = second;
    this.spool = spool;
  }

  /** What a replay found out. */
  record Result(
      List<FrameScore> scores,
      List<MaskPair> pairs,
      Map<ClassTable, ConfusionMatrix> classes,
      SideResult first,
      SideResult second) {}

  /**
   * One side's part.
   *
   * @param digests by camera, see {@link MaskDigests}
   */
  record SideResult(String name, Map<String, String> digests, PassCost cost) {}

  /**
   * Segments the frames; those that cannot be decoded are added to their damage.
   *
   * @param step runs after each
   */
  Result run(RecordedFrames frames, Runnable step) throws IOException, ModelException {
    requireSameClasses(
        frames.frames().stream().map(frame -> frame.id().camera()).distinct().toList(),
        first,
        second);
    for (Frame frame : frames.frames()) {
      Optional<EncodedPicture> picture = decode(frame, frames.damage());
      if (picture.isPresent()) {
        try (EncodedPicture decoded = picture.get()) {
          segment(frame, decoded);
        }
      }
      step.run();
    }
    return new Result(
        scores,
        pairs,
        classes,
        new SideResult(first.name(), firstDigests.finish(), firstCost),
        new SideResult(second.name(), secondDigests.finish(), secondCost));
  }

  /** Classes are the same where their names are, in their order. */
  static void requireSameClasses(List<String> cameras, MaskSource first, MaskSource second)
      throws ModelException {
    for (String camera : cameras) {
      ClassTable ours = first.table(camera);
      ClassTable other = second.table(camera);
      if (!ours.names().equals(other.names())) {
        throw new ModelException(
            "masks can be compared where the classes are the same; of camera %s, they are %s %s and %s %s"
                .formatted(camera, ours.id(), ours.names(), other.id(), other.names()));
      }
    }
  }

  private Optional<EncodedPicture> decode(Frame frame, Damage damage) throws IOException {
    try {
      return Optional.of(PlainFrames.decode(frame.metadata(), spool.read(frame.value())));
    } catch (IllegalArgumentException e) {
      damage.add(frame.place(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void segment(Frame frame, ScalablePicture picture) throws IOException {
    Optional<TimedMask> before = first.mask(frame, picture);
    TimedMask now = second.mask(frame, picture).orElseThrow();
    secondCost.add(now.micros());
    secondDigests.add(frame.id(), now.mask());
    ClassTable table = second.table(frame.id().camera());
    FrameScore score = new FrameScore(frame, now.confidence(), put(now.mask(), table));
    scores.add(score);
    if (before.isPresent()) {
      firstCost.add(before.get().micros());
      firstDigests.add(frame.id(), before.get().mask());
      compare(score, before.get().mask(), now.mask());
    }
  }

  private void compare(FrameScore score, Mask before, Mask now) throws IOException {
    Mask scaled = now.scaled(before.width(), before.height());
    ClassTable table = second.table(score.camera());
    classes.computeIfAbsent(table, any -> new ConfusionMatrix(LABELS)).add(before, scaled);
    boolean sameSize = before.width() == now.width() && before.height() == now.height();
    boolean identical = sameSize && Arrays.equals(before.labels(), now.labels());
    pairs.add(
        new MaskPair(
            score, put(before, table), agreement(before.labels(), scaled.labels()), identical));
  }

  /** Share of the pixels with the same label, 0 to 1. */
  static double agreement(byte[] before, byte[] now) {
    int same = 0;
    for (int i = 0; i < before.length; i++) {
      same += before[i] == now[i] ? 1 : 0;
    }
    return (double) same / before.length;
  }

  private Spool.Block put(Mask mask, ClassTable table) throws IOException {
    return spool.add(MaskCodec.encode(mask, MaskEncoding.ZSTD, table).toByteArray());
  }
}
