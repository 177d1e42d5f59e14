package io.maskstream.stream;

import io.maskstream.frame.Picture;
import io.maskstream.inference.ModelCard;
import io.maskstream.metrics.Metrics;
import io.maskstream.redaction.RedactionConfig;
import io.maskstream.redaction.Redactor;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.PictureCodec;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

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
    ModelCard card = segmented.card();
    Picture picture = segmented.picture().whole();
    int quality = wanted.config().quality();
    Optional<Redactor.Redacted<byte[]>> redacted =
        wanted.redact(
            camera,
            picture,
            segmented.result().segmentation().mask(),
            card.table(),
            rgb -> PictureCodec.encode(rgb, ContentType.JPEG, quality));
    metrics.pictures().redacted(camera, redacted.isPresent());
    return redacted.map(result -> record(segmented, wanted.config(), picture, result));
  }

  private RedactedFrame record(
      ResultWriter.Segmented segmented,
      RedactionConfig config,
      Picture picture,
      Redactor.Redacted<byte[]> redacted) {
    byte[] jpeg = redacted.picture();
    if (jpeg.length > maxRecordBytes) {
      throw new PoisonRecordException(
          "the redacted picture has %d bytes, topics.maxRecordBytes is %d"
              .formatted(jpeg.length, maxRecordBytes));
    }
    FrameMetadata of = segmented.frame().metadata();
    Headers headers = new RecordHeaders();
    new FrameMetadata(
            of.id(),
            picture.width(),
            picture.height(),
            ContentType.JPEG,
            of.sourceWidth(),
            of.sourceHeight())
        .writeTo(headers);
    put(headers, "redacted-classes", String.join(",", config.classes()));
    put(headers, "redacted-pixels", Integer.toString(redacted.pixels()));
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
