package io.maskstream.viewer;

import io.maskstream.event.Event;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.SegmentedFrames;
import io.maskstream.topic.v1.SegmentedFrame;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Small pictures of events: the frame with which one started, its mask drawn over it. Frames and
 * events come by two threads in any order, so the newest frames are kept for events that are on
 * their way, and events wait for their frames.
 */
final class EventPictures {

  /** Of a picture, pixels. */
  static final int LONGEST_SIDE = 320;

  private static final int QUALITY = 80;
  private static final double OPACITY = 0.5;

  /** Encoded frames that are kept for events: some seconds of several cameras. */
  private static final long RECENT_BYTES = 32_000_000;

  /** Frames that events wait for; those of before the page's start never come. */
  private static final int MOST_AWAITED = 200;

  /** A frame as it came, which is smaller than decoded; the picture only where it may be shown. */
  private record Kept(
      SegmentedFrame record, Optional<Supplier<Picture>> picture, ClassTable table, long bytes) {
    static Kept of(MaskedFrame frame, boolean masksOnly) {
      long bytes = frame.record().getSerializedSize();
      return masksOnly
          ? new Kept(frame.record(), Optional.empty(), frame.table(), bytes)
          : new Kept(
              frame.record(),
              Optional.of(frame.picture()),
              frame.table(),
              bytes + frame.pictureBytes());
    }
  }

  private final boolean masksOnly;
  private final BiConsumer<String, byte[]> listener;
  private final long limit;
  private final Map<FrameId, Kept> recent = new LinkedHashMap<>();
  private final Map<FrameId, List<String>> awaited = new LinkedHashMap<>();
  private long bytes;

  /**
   * Pictures of events.
   *
   * @param masksOnly whether nothing of a camera's picture may be kept
   * @param listener gets the id of an event and its JPEG
   */
  EventPictures(boolean masksOnly, BiConsumer<String, byte[]> listener) {
    this(masksOnly, listener, RECENT_BYTES);
  }

  EventPictures(boolean masksOnly, BiConsumer<String, byte[]> listener, long limit) {
    this.masksOnly = masksOnly;
    this.listener = listener;
    this.limit = limit;
  }

  /** Takes the newest frame of a camera. */
  void frame(MaskedFrame frame) {
    FrameId id = SegmentedFrames.id(frame.record());
    Kept kept = Kept.of(frame, masksOnly);
    List<String> events;
    synchronized (this) {
      keep(id, kept);
      events = awaited.remove(id);
    }
    if (events != null) {
      draw(kept, events);
    }
  }

  private void keep(FrameId id, Kept kept) {
    Kept before = recent.put(id, kept);
    bytes += kept.bytes - (before == null ? 0 : before.bytes);
    var oldest = recent.entrySet().iterator();
    while (bytes > limit) {
      bytes -= oldest.next().getValue().bytes;
      oldest.remove();
    }
  }

  /** Takes a notice of an event. */
  void notice(Event event) {
    @Nullable FrameId id = event.data().frame();
    if (id == null || !event.notice().equals(Event.Notice.STARTED.label())) {
      return;
    }
    String name = event.data().event();
    Kept kept;
    synchronized (this) {
      kept = recent.get(id);
      if (kept == null) {
        await(id, name);
        return;
      }
    }
    draw(kept, List.of(name));
  }

  private void await(FrameId id, String event) {
    awaited.computeIfAbsent(id, frame -> new ArrayList<>()).add(event);
    if (awaited.size() > MOST_AWAITED) {
      awaited.remove(awaited.keySet().iterator().next());
    }
  }

  private void draw(Kept kept, List<String> events) {
    byte[] jpeg = jpeg(kept);
    events.forEach(event -> listener.accept(event, jpeg));
  }

  private byte[] jpeg(Kept kept) {
    var mask = MaskCodec.decode(kept.record.getMask());
    Picture under =
        kept.picture
            .map(picture -> small(picture.get()))
            .orElseGet(() -> black(mask.width(), mask.height()));
    Picture drawn = Overlay.draw(under, mask, kept.table, masksOnly ? 1 : OPACITY);
    return PictureCodec.encode(drawn, ContentType.JPEG, QUALITY);
  }

  private static Picture black(int width, int height) {
    double scale = scale(width, height);
    return Picture.black(side(width, scale), side(height, scale));
  }

  private static double scale(int width, int height) {
    return Math.min(1, (double) LONGEST_SIDE / Math.max(width, height));
  }

  private static int side(int length, double scale) {
    return Math.max(1, (int) Math.round(length * scale));
  }

  private static Picture small(Picture picture) {
    double scale = scale(picture.width(), picture.height());
    return PictureScaler.scale(
        picture, side(picture.width(), scale), side(picture.height(), scale));
  }
}
