package io.maskstream.stream;

import com.google.protobuf.ByteString;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.frame.ScalablePicture;
import io.maskstream.health.PictureStats;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.ConfidenceOutput;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.Segmentation;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.ResetReason;
import io.maskstream.topic.ClassStats;
import io.maskstream.topic.ConfidenceCodec;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.v1.ClassShare;
import io.maskstream.topic.v1.Mapping;
import io.maskstream.topic.v1.Reuse;
import io.maskstream.topic.v1.SegmentedFrame;
import io.maskstream.topic.v1.Timings;
import io.maskstream.zone.ZoneMeter;
import io.maskstream.zone.ZoneStats;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the output records of a segmented frame. Used by all lanes. */
final class ResultWriter {
  private static final double OVERLAY_OPACITY = 0.5;
  private static final int OVERLAY_QUALITY = 85;

  private final Form form;
  private final ZoneMeter zones;
  private final RedactedFrameWriter redaction;
  private final Metrics metrics;

  ResultWriter(Form form, ZoneMeter zones, RedactedFrameWriter redaction, Metrics metrics) {
    this.form = form;
    this.zones = zones;
    this.redaction = redaction;
    this.metrics = metrics;
  }

  /**
   * What records look like.
   *
   * @param policy of reuse, by its name
   * @param encoding of masks
   * @param overlay whether records carry a picture with the mask drawn over it
   * @param confidence whether records carry the map of confidences
   * @param unknown which pixels count as unknown, where they are counted
   * @param maxRecordBytes a result that is larger is refused
   */
  record Form(
      String policy,
      MaskEncoding encoding,
      boolean overlay,
      ConfidenceOutput confidence,
      Optional<SegmentConfig.UnknownConfig> unknown,
      int maxRecordBytes) {}

  /** Microseconds a stage took; total is from capture to now. */
  record Timing(long queueMicros, long decodeMicros, long inferenceMicros, long totalMicros) {}

  /**
   * A segmented frame with all that is known of it.
   *
   * @param propagatedMicros 0, or the time since the frame that its mask was propagated from
   */
  record Segmented(
      FrameRecord frame,
      ScalablePicture picture,
      Optional<PictureStats> pictureStats,
      ModelCard card,
      CameraSegmenter.Result result,
      long propagatedMicros,
      Timing timing) {}

  /** Whether results have the whole picture in them. */
  boolean showsPictures() {
    return form.overlay() || redaction.on();
  }

  /** The frame's records; a result that is too large for Kafka is poison. */
  Outcome.Segmented write(Segmented segmented) {
    long start = System.nanoTime();
    String camera = segmented.frame().camera();
    CameraSegmenter.Result result = segmented.result();
    SegmentedFrame frame = frame(camera, segmented);
    if (frame.getSerializedSize() > form.maxRecordBytes()) {
      throw new PoisonRecordException(
          "the result has %d bytes, topics.maxRecordBytes is %d"
              .formatted(frame.getSerializedSize(), form.maxRecordBytes()));
    }
    ClassStats stats = stats(segmented);
    Optional<RedactedFrame> redacted = redaction.write(segmented);
    metrics.stage(camera, "produce", System.nanoTime() - start);
    stats.classes().forEach((name, stat) -> metrics.classShare(camera, name, stat.share()));
    stats.zones().forEach((zone, inside) -> report(camera, zone, inside));
    if (stats.unknown() != null) {
      metrics.events().unknownShare(camera, stats.unknown());
    }
    return new Outcome.Segmented(
        segmented.frame(),
        frame,
        stats,
        segmented.pictureStats(),
        redacted,
        result.memory(),
        result.reset());
  }

  /** A camera has gone. */
  void forget(String camera) {
    redaction.forget(camera);
    zones.forget(camera);
  }

  private void report(String camera, String zone, ZoneStats inside) {
    inside
        .classes()
        .forEach((name, stat) -> metrics.events().zoneShare(camera, zone, name, stat.share()));
  }

  private SegmentedFrame frame(String camera, Segmented segmented) {
    FrameMetadata metadata = segmented.frame().metadata();
    Segmentation segmentation = segmented.result().segmentation();
    ModelCard card = segmented.card();
    ClassTable table = card.table();
    SegmentedFrame.Builder frame =
        SegmentedFrame.newBuilder()
            .setCamera(camera)
            .setEpoch(metadata.id().epoch())
            .setSequence(metadata.id().sequence())
            .setCaptureMicros(metadata.id().captureMicros())
            .setMask(MaskCodec.encode(segmentation.mask(), form.encoding(), table))
            .setSourceWidth(metadata.width())
            .setSourceHeight(metadata.height())
            .setCameraWidth(metadata.sourceWidth())
            .setCameraHeight(metadata.sourceHeight())
            .setMapping(mapping(metadata, segmentation.mask()))
            .setClassTable(table.id())
            .setModel(card.id())
            .setModelVersion(card.version())
            .setReuse(reuse(segmented))
            .setTimings(timings(segmented.timing()));
    for (int k = 0; k < table.size(); k++) {
      frame.addClasses(
          ClassShare.newBuilder()
              .setPixels(segmentation.pixels()[k])
              .setConfidence(segmentation.confidence()[k]));
    }
    if (form.confidence() == ConfidenceOutput.MAP) {
      segmentation.map().ifPresent(map -> frame.setConfidence(ConfidenceCodec.encode(map)));
    }
    if (form.overlay()) {
      Picture drawn =
          Overlay.draw(segmented.picture().whole(), segmentation.mask(), table, OVERLAY_OPACITY);
      frame.setOverlayJpeg(
          ByteString.copyFrom(PictureCodec.encode(drawn, ContentType.JPEG, OVERLAY_QUALITY)));
    }
    return frame.build();
  }

  /** The mask covers the whole frame, so there is no offset. */
  private static Mapping mapping(FrameMetadata metadata, Mask mask) {
    return Mapping.newBuilder()
        .setScaleX((float) metadata.sourceWidth() / mask.width())
        .setScaleY((float) metadata.sourceHeight() / mask.height())
        .build();
  }

  private Reuse reuse(Segmented segmented) {
    return Reuse.newBuilder()
        .setPolicy(form.policy())
        .setFramesSinceReset(segmented.result().memory().bank().frames())
        .setResetReason(segmented.result().reset().map(ResetReason::label).orElse(""))
        .setMemoryWeight(segmented.result().segmentation().memoryWeight())
        .setAgreement(segmented.result().segmentation().observation().agreement())
        .setPropagatedMicros(segmented.propagatedMicros())
        .build();
  }

  private static Timings timings(Timing timing) {
    return Timings.newBuilder()
        .setQueueMicros(timing.queueMicros())
        .setDecodeMicros(timing.decodeMicros())
        .setInferenceMicros(timing.inferenceMicros())
        .setTotalMicros(timing.totalMicros())
        .build();
  }

  private ClassStats stats(Segmented segmented) {
    Segmentation segmentation = segmented.result().segmentation();
    ModelCard card = segmented.card();
    ClassTable table = card.table();
    double total = (double) segmentation.mask().width() * segmentation.mask().height();
    Map<String, ClassStats.ClassStat> classes = new LinkedHashMap<>();
    Map<String, Double> groups = new LinkedHashMap<>();
    for (int k = 0; k < table.size(); k++) {
      int pixels = segmentation.pixels()[k];
      double share = pixels / total;
      classes.put(
          table.name(k), new ClassStats.ClassStat(pixels, share, segmentation.confidence()[k]));
      groups.merge(table.classes().get(k).group(), share, Double::sum);
    }
    return new ClassStats(
        segmented.frame().id(),
        card.name(),
        classes,
        groups,
        zones.measure(segmented.frame().camera(), segmentation.mask(), table),
        unknown(segmentation, card),
        segmented.propagatedMicros());
  }

  /** Share of the picture that the model does not know; null where it is not counted. */
  private @Nullable Double unknown(Segmentation segmentation, ModelCard card) {
    return form.unknown()
        .flatMap(unknown -> segmentation.map().map(map -> map.shareBelow(unknown.threshold(card))))
        .orElse(null);
  }
}
