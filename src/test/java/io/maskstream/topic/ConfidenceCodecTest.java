package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.maskstream.frame.ConfidenceMap;
import io.maskstream.topic.v1.Confidence;
import io.maskstream.topic.v1.Mask.Encoding;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConfidenceCodecTest {

  private static Confidence.Builder message(Encoding encoding, byte[] data) {
    return Confidence.newBuilder()
        .setWidth(3)
        .setHeight(2)
        .setEncoding(encoding)
        .setData(ByteString.copyFrom(data));
  }

  @Test
  void map_encodedAndDecoded_isTheSame() {
    byte[] values = new byte[120 * 90];
    new Random(4).nextBytes(values);
    ConfidenceMap map = new ConfidenceMap(120, 90, values);
    Confidence encoded = ConfidenceCodec.encode(map);
    assertThat(encoded.getEncoding()).isEqualTo(Encoding.ZSTD);
    assertThat(ConfidenceCodec.decode(encoded)).usingRecursiveComparison().isEqualTo(map);
  }

  @Test
  void rawMap_isRead() {
    assertThat(
            ConfidenceCodec.decode(message(Encoding.RAW, new byte[] {1, 2, 3, 4, 5, -1}).build()))
        .usingRecursiveComparison()
        .isEqualTo(new ConfidenceMap(3, 2, new byte[] {1, 2, 3, 4, 5, -1}));
  }

  @Test
  void whatDoesNotFit_isRefused() {
    assertThatThrownBy(() -> ConfidenceCodec.decode(Confidence.getDefaultInstance()))
        .hasMessage("a confidence map of 0×0 pixels, it must have 1 to 67108864");
    assertThatThrownBy(() -> ConfidenceCodec.decode(message(Encoding.RAW, new byte[5]).build()))
        .hasMessage("a confidence map of 3×2 needs width·height bytes, has 5");
    assertThatThrownBy(
            () ->
                ConfidenceCodec.decode(
                    message(Encoding.ZSTD, Zstd.compress(new byte[1 << 20])).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the confidence map is no Zstandard frame of 6 bytes");
    assertThatThrownBy(() -> ConfidenceCodec.decode(message(Encoding.PNG, new byte[6]).build()))
        .hasMessage("unknown encoding of a confidence map 3");
  }
}
