package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PictureHeaderTest {
  private static final byte[] JPEG = encode(ContentType.JPEG);
  private static final byte[] PNG = encode(ContentType.PNG);

  private static byte[] encode(ContentType type) {
    byte[] rgb = new byte[3 * 50 * 34];
    new Random(1).nextBytes(rgb);
    return PictureCodec.encode(new Picture(50, 34, rgb), type, 90);
  }

  /** A JPEG whose header claims other sides. */
  static byte[] jpegOf(int width, int height) {
    byte[] data = JPEG.clone();
    for (int i = 0; i < data.length - 9; i++) {
      if ((data[i] & 0xFF) == 0xFF && (data[i + 1] & 0xFF) == 0xC0) {
        data[i + 5] = (byte) (height >> 8);
        data[i + 6] = (byte) height;
        data[i + 7] = (byte) (width >> 8);
        data[i + 8] = (byte) width;
        return data;
      }
    }
    throw new AssertionError("no frame header");
  }

  /** A PNG whose header claims other sides. */
  static byte[] pngOf(int width, int height) {
    byte[] data = PNG.clone();
    java.nio.ByteBuffer.wrap(data).putInt(16, width).putInt(20, height);
    return data;
  }

  @Test
  void read_givesTheSides() {
    assertThat(PictureHeader.read(JPEG, ContentType.JPEG)).isEqualTo(new PictureHeader(50, 34));
    assertThat(PictureHeader.read(PNG, ContentType.PNG)).isEqualTo(new PictureHeader(50, 34));
    assertThat(PictureHeader.read(jpegOf(65_500, 65_501), ContentType.JPEG))
        .isEqualTo(new PictureHeader(65_500, 65_501));
  }

  @ParameterizedTest
  @CsvSource({"65500, 65500", "30000, 30000", "51, 34", "0, 0"})
  void decode_pictureThatClaimsOtherSides_isRefusedBeforeItIsDecoded(int width, int height) {
    String found = "the headers say 50×34, the picture is %d×%d".formatted(width, height);
    assertThatThrownBy(() -> PictureCodec.decode(jpegOf(width, height), ContentType.JPEG, 50, 34))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(found);
    assertThatThrownBy(() -> PictureCodec.decode(pngOf(width, height), ContentType.PNG, 50, 34))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(found);
  }

  @ParameterizedTest
  @EnumSource(names = {"JPEG", "PNG"})
  void read_anyBytes_endsWithAHeaderOrARefusal(ContentType type) {
    Random random = new Random(7);
    byte[] good = type == ContentType.JPEG ? JPEG : PNG;
    for (int i = 0; i < 2_000; i++) {
      byte[] data = java.util.Arrays.copyOf(good, random.nextInt(good.length));
      for (int flips = random.nextInt(8); flips > 0 && data.length > 0; flips--) {
        data[random.nextInt(data.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(PictureHeader.read(data, type).width()).isNotEqualTo(-1);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("is not a readable");
      }
    }
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] jpeg(int... segments) {
    byte[] rest = bytes(segments);
    byte[] frame = bytes(0xFF, 0xC2, 0, 17, 8, 0, 34, 0, 50);
    return java.nio.ByteBuffer.allocate(2 + rest.length + frame.length)
        .put(bytes(0xFF, 0xD8))
        .put(rest)
        .put(frame)
        .array();
  }

  @Test
  void read_segmentsBeforeTheFrame_areSkipped() {
    PictureHeader header = new PictureHeader(50, 34);
    int[][] before = {
      {},
      {0xFF, 0xE0, 0, 2}, // a segment without content
      {0xFF, 0xE0, 0, 4, 0xFF, 0xC0}, // what looks like a marker is content
      {
        0xFF, 0xC4, 0, 3, 1, 0xFF, 0xC8, 0, 3, 1, 0xFF, 0xCC, 0, 3, 1
      }, // start of frame in name only
      {0xFF, 0xD0, 0xFF, 0xD7, 0xFF, 0xD8, 0xFF, 0x01, 0xFF, 0x00}, // markers without a length
      {0, 1, 0xFF, 0xFF, 0xFF, 0xE0, 0, 3, 9}, // fill bytes
      {0xFF, 0xBF, 0, 3, 1, 0xFF, 0xCF + 0x20, 0, 3, 1}, // either side of the start of frame
    };
    for (int[] segments : before) {
      assertThat(PictureHeader.read(jpeg(segments), ContentType.JPEG)).isEqualTo(header);
    }
  }

  @ParameterizedTest
  @CsvSource({"192", "193", "195", "197", "207"})
  void read_everyStartOfFrame_isOne(int marker) {
    byte[] data = jpeg();
    data[3] = (byte) marker;
    assertThat(PictureHeader.read(data, ContentType.JPEG)).isEqualTo(new PictureHeader(50, 34));
  }

  @Test
  void read_brokenSegments_areRefused() {
    int[][] broken = {
      {0xFF, 0xE0, 0, 1}, // shorter than its own length
      {0xFF, 0xE0, 0, 12}, // longer than what is left
      {0xFF, 0xDA, 0, 2}, // pixels before the frame
      {0xFF, 0xD9}, // the end before the frame
    };
    for (int[] segments : broken) {
      assertThatThrownBy(() -> PictureHeader.read(jpeg(segments), ContentType.JPEG))
          .hasMessageContaining("not a readable image/jpeg");
    }
  }

  @Test
  void read_segmentToTheEnd_isCutShort() {
    byte[] data = bytes(0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2);
    assertThatThrownBy(() -> PictureHeader.read(data, ContentType.JPEG))
        .hasMessageContaining("not a readable image/jpeg (8 bytes)");
  }

  @Test
  void read_otherKindThanStated_isRefused() {
    assertThatThrownBy(() -> PictureHeader.read(PNG, ContentType.JPEG))
        .hasMessageContaining("not a readable image/jpeg");
    assertThatThrownBy(() -> PictureHeader.read(JPEG, ContentType.PNG))
        .hasMessageContaining("not a readable image/png");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2", "2, 3"})
  void decode_i420WithOddSides_isRefused(int width, int height) {
    assertThatThrownBy(() -> PictureCodec.decode(new byte[9], ContentType.I420, width, height))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("I420 needs even sides, the picture is %d×%d".formatted(width, height));
  }

  @Test
  void encode_i420WithOddSides_isRefused() {
    Picture odd = Picture.black(3, 2);
    assertThatThrownBy(() -> PictureCodec.encode(odd, ContentType.I420, 90))
        .hasMessage("I420 needs even sides, the picture is 3×2");
  }

  @Test
  void encode_quality_decidesAboutBytes() {
    Picture picture = PictureCodec.decode(PNG, ContentType.PNG, 50, 34);
    assertThat(PictureCodec.encode(picture, ContentType.JPEG, 20).length)
        .isLessThan(PictureCodec.encode(picture, ContentType.JPEG, 90).length / 2);
  }

  @Test
  void metadata_ofTooManyPixels_isRefused() {
    assertThat(
            new FrameMetadata(new FrameId("cam", 1, 0, 0), 7_680, 4_320, ContentType.JPEG).width())
        .isEqualTo(7_680);
    assertThatThrownBy(
            () -> new FrameMetadata(new FrameId("cam", 1, 0, 0), 16_384, 16_384, ContentType.JPEG))
        .hasMessage("a frame may have 40000000 pixels, 16384×16384 are more");
  }
}
