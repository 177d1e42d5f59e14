package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.event.Event;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.Json;
import io.maskstream.topic.MaskCodec;
import io.maskstream.topic.MaskEncoding;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.v1.SegmentedFrame;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventPicturesTest {
  private static final ClassTable TABLE = ClassTable.camvid11();
  private static final int ROAD = TABLE.names().indexOf("road"); // 128, 64, 128
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final byte GRAY = (byte) 200;

  private final Map<String, byte[]> drawn = new LinkedHashMap<>();
  private final EventPictures pictures = new EventPictures(false, drawn::put);

  /** All road before all gray. */
  private static MaskedFrame frame(long sequence, int pictureBytes) {
    byte[] labels = new byte[64 * 36];
    Arrays.fill(labels, (byte) ROAD);
    Mask mask = new Mask(64, 36, labels);
    SegmentedFrame record =
        SegmentedFrame.newBuilder()
            .setCamera("gate")
            .setEpoch(1)
            .setSequence(sequence)
            .setCaptureMicros(1_000 * sequence)
            .setMask(MaskCodec.encode(mask, MaskEncoding.ZSTD, TABLE))
            .build();
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    Arrays.fill(rgb, GRAY);
    Picture picture = new Picture(WIDTH, HEIGHT, rgb);
    return new MaskedFrame(record, mask, pictureBytes, () -> picture, () -> new byte[0], TABLE);
  }

  private static Event event(String id, String notice, long sequence) {
    String json =
        """
        {"specversion": "1.0", "id": "%s/x", "source": "/cameras/gate",
         "type": "io.maskstream.rule.%s", "subject": "crowd", "time": "2025-11-25T02:00:56Z",
         "datacontenttype": "application/json",
         "data": {"event": "%s", "camera": "gate", "classes": ["pedestrian"], "measure": "share",
           "peak": 0.2, "startMillis": 1000, "durationMillis": 1, "ruleVersion": "1",
           "frame": {"camera": "gate", "epoch": 1, "sequence": %d, "captureMicros": %d}}}
        """
            .formatted(id, notice, id, sequence, 1_000 * sequence);
    return Json.read(json.getBytes(StandardCharsets.UTF_8), Event.class);
  }

  private static int[] middle(byte[] jpeg) {
    Picture picture = PictureCodec.decode(jpeg, ContentType.JPEG, 320, 180);
    int at = 3 * (90 * 320 + 160);
    return new int[] {
      picture.rgb()[at] & 0xFF, picture.rgb()[at + 1] & 0xFF, picture.rgb()[at + 2] & 0xFF
    };
  }

  @Test
  void start_afterOrBeforeItsFrame_isDrawnWithTheMaskOverThePicture() {
    pictures.frame(frame(1, 1));
    pictures.notice(event("a", "started", 1));
    assertThat(drawn).containsOnlyKeys("a");
    int[] color = middle(drawn.get("a"));
    int[] half = {164, 132, 164}; // of gray 200 and the road
    for (int c = 0; c < 3; c++) {
      assertThat(color[c]).isBetween(half[c] - 3, half[c] + 3);
    }
    pictures.notice(event("b", "started", 2));
    pictures.notice(event("c", "started", 2));
    assertThat(drawn).containsOnlyKeys("a");
    pictures.frame(frame(2, 1));
    assertThat(drawn).containsOnlyKeys("a", "b", "c");
  }

  @Test
  void notices_ofWhatGoesOn_haveNoPicture() {
    pictures.frame(frame(1, 1));
    pictures.notice(event("a", "ongoing", 1));
    pictures.notice(event("a", "ended", 1));
    assertThat(drawn).isEmpty();
  }

  @Test
  void masksOnly_holdNothingOfThePicture() {
    EventPictures masks = new EventPictures(true, drawn::put);
    masks.frame(frame(1, 1));
    masks.notice(event("a", "started", 1));
    Picture picture = PictureCodec.decode(drawn.get("a"), ContentType.JPEG, 64, 36);
    int[] road = {128, 64, 128};
    for (int i = 0; i < picture.rgb().length; i++) {
      assertThat(picture.rgb()[i] & 0xFF).isBetween(road[i % 3] - 3, road[i % 3] + 3);
    }
  }

  @Test
  void frames_areKeptUpToANumberOfBytes() {
    EventPictures few = new EventPictures(false, drawn::put, 10_000);
    for (int i = 0; i < 10; i++) {
      few.frame(frame(i, 3_000));
    }
    for (int i = 0; i < 10; i++) {
      few.notice(event(Integer.toString(i), "started", i));
    }
    assertThat(drawn).containsOnlyKeys("7", "8", "9");
  }

  @Test
  void masksOnly_picturesAreNotKept() {
    EventPictures masks = new EventPictures(true, drawn::put, 10_000);
    for (int i = 0; i < 10; i++) {
      masks.frame(frame(i, 3_000));
    }
    for (int i = 0; i < 10; i++) {
      masks.notice(event(Integer.toString(i), "started", i));
    }
    assertThat(drawn).hasSize(10);
  }

  @Test
  void awaitedFrames_areBounded() {
    for (int i = 0; i < 1_000; i++) {
      pictures.notice(event(Integer.toString(i), "started", i));
    }
    for (int i = 0; i < 1_000; i++) {
      pictures.frame(frame(i, 1));
    }
    assertThat(drawn).hasSize(200).containsKeys("800", "999");
  }
}
