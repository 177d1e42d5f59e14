package io.maskstream.stream;

import io.maskstream.frame.Mask;
import io.maskstream.metrics.Metrics;
import io.maskstream.redaction.RedactionConfig;
import io.maskstream.redaction.Redactor;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.PictureCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Makes the records of redacted frames, with a receipt in their headers: what was taken out, how
 * much, and by which model. Used by all lanes.
 */
final class RedactedFrameWriter {
  private final Optional<Redactor> redactor;
  private final int maxRecordBytes;
  private final Metrics metrics;

  RedactedFrameWriter(Optional<RedactionConfig> config, int maxRecordBytes, Metrics metrics) {
    this.redactor = config.map(Redactor::new);
    this.maxRecordBytes = maxRecordBytes;
    this.metrics = metrics;
  }

  boolean on() {
    return redactor.isPresent();
  }

  /** The record of a frame, where redaction is on and there are masks enough. */
  Optional<RedactedFrame> write(ResultWriter.Segmented segmented) {
    if (redactor.isEmpty()) {
      return Optional.empty();
    }
    Redactor wanted = redactor.get();
    String camera = segmented.frame().camera();
    Mask mask = segmented.result().segmentation().mask();
    if (segmented.result().reset().isPresent()) { // the masks before are of another view
      wanted.forget(camera);
    }
    try (Mat picture = segmented.picture().bgr()) {
      OptionalInt hidden = wanted.redact(camera, picture, mask, segmented.card().table());
      metrics.pictures().redacted(camera, hidden.isPresent());
      if (hidden.isEmpty()) {
        return Optional.empty();
      }
      byte[] jpeg = PictureCodec.encode(picture, ContentType.JPEG, wanted.config().quality());
      return Optional.of(record(segmented, wanted.config(), jpeg, hidden.getAsInt()));
    }
  }

  private RedactedFrame record(
      ResultWriter.Segmented segmented, RedactionConfig config, byte[] jpeg, int hidden) {
    if (jpeg.length > maxRecordBytes) {
      throw new PoisonRecordException(
          "the redacted picture has %d bytes, topics.maxRecordBytes is %d"
              .formatted(jpeg.length, maxRecordBytes));
    }
    FrameMetadata of = segmented.frame().metadata();
    Headers headers = new RecordHeaders();
    new FrameMetadata(
            of.id(),
            segmented.picture().width(),
            segmented.picture().height(),
            ContentType.JPEG,
            of.sourceWidth(),
            of.sourceHeight())
        .writeTo(headers);
    put(headers, "redacted-classes", String.join(",", config.classes()));
    put(headers, "redacted-pixels", Integer.toString(hidden));
    put(headers, "redacted-mode", config.mode().label());
    put(headers, "redacted-masks", Integer.toString(config.frames()));
    put(headers, "redacted-grow-pixels", Integer.toString(config.growPixels()));
    put(headers, "model", segmented.card().name());
    return new RedactedFrame(jpeg, headers);
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A camera has gone. */
  void forget(String camera) {
    redactor.ifPresent(wanted -> wanted.forget(camera));
  }
}
