package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.Picture;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.PictureCodec;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What looks for pictures finds them, or the tests that use it would pass for nothing. */
class PictureSearchTest {
  private final Picture picture = new SyntheticStreet(1, 96, 64).at(Duration.ZERO).picture();
  private final Picture other = new SyntheticStreet(2, 96, 64).at(Duration.ZERO).picture();
  private final PictureSearch search = new PictureSearch();

  /** Bytes in the midst of others. */
  private static byte[] buried(byte[] bytes) {
    byte[] around = new byte[bytes.length + 5_000];
    new Random(7).nextBytes(around);
    System.arraycopy(bytes, 0, around, 2_345, bytes.length);
    return around;
  }

  @ParameterizedTest
  @EnumSource(ContentType.class)
  void pixels_ofAnyForm_areFound_andThoseOfOthersAreNot(ContentType type) {
    search.add("it", picture, 90);
    assertThat(search.pixels(buried(PictureCodec.encode(picture, type, 90))))
        .contains("it as " + type);
    assertThat(search.pixels(buried(PictureCodec.encode(other, type, 90)))).isEmpty();
    assertThat(search.pixels(buried(picture.rgb()))).contains("it as RGB");
  }

  @ParameterizedTest
  @EnumSource(names = {"JPEG", "PNG"})
  void pictures_areDecodedWhereverTheyBegin(ContentType type) {
    byte[] encoded = PictureCodec.encode(picture, type, 90);
    assertThat(PictureSearch.pictures(buried(encoded)))
        .singleElement()
        .satisfies(found -> assertThat(found.width()).isEqualTo(96));
  }

  @Test
  void otherBytes_areNoPictures() {
    assertThat(PictureSearch.pictures(buried(new byte[1_000]))).isEmpty();
    assertThat(PictureSearch.pictures(buried(PictureCodec.encode(picture, ContentType.BGR24, 1))))
        .isEmpty();
  }
}
