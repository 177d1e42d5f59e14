package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.v1.ClassRuns;
import io.maskstream.topic.v1.Mask.Encoding;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MaskCodecTest {
  private static final ClassTable TABLE = ClassTable.camvid11();
  private static final Mask STREET =
      new SyntheticStreet(4, 160, 120).at(Duration.ofSeconds(1)).groundTruth();

  private static io.maskstream.topic.v1.Mask.Builder mask(int width, int height) {
    return io.maskstream.topic.v1.Mask.newBuilder().setWidth(width).setHeight(height);
  }

  @ParameterizedTest
  @EnumSource(MaskEncoding.class)
  void mask_encodedAndDecoded_isTheSameMask(MaskEncoding encoding) {
    var encoded = MaskCodec.encode(STREET, encoding, TABLE);
    assertThat(encoded.getSerializedSize()).isLessThan(160 * 120 / 4);
    assertThat(encoded.getEncoding().name()).isEqualTo(encoding.name());
    assertThat(MaskCodec.decode(encoded)).usingRecursiveComparison().isEqualTo(STREET);
  }

  @ParameterizedTest
  @EnumSource(MaskEncoding.class)
  void mask_withEveryValueOfAByte_isTheSameMask(MaskEncoding encoding) {
    byte[] labels = new byte[300 * 7];
    new Random(3).nextBytes(labels);
    labels[5] = (byte) ClassTable.VOID;
    Mask mask = new Mask(300, 7, labels);
    assertThat(MaskCodec.decode(MaskCodec.encode(mask, encoding, TABLE)).labels())
        .isEqualTo(labels);
  }

  @Test
  void png_ofAMask_hasTheTablesColors() throws Exception {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(MaskPng.encode(STREET, TABLE)));
    assertThat(((IndexColorModel) image.getColorModel()).getPixelSize()).isEqualTo(8);
    for (int[] at : new int[][] {{0, 0}, {80, 119}, {159, 60}}) {
      int id = STREET.at(at[0], at[1]);
      assertThat(image.getRGB(at[0], at[1]) & 0xFFFFFF).isEqualTo(TABLE.classes().get(id).color());
    }
  }

  @Test
  void decode_sizeOfNoMask_isRefusedBeforeMemoryIsTaken() {
    assertThatThrownBy(() -> MaskCodec.decode(mask(0, 5).build()))
        .hasMessage("a mask of 0×5 pixels, it must have 1 to 67108864");
    assertThatThrownBy(() -> MaskCodec.decode(mask(-3, -5).build()))
        .hasMessage("a mask of -3×-5 pixels, it must have 1 to 67108864");
    assertThatThrownBy(() -> MaskCodec.decode(mask(1 << 13, 1 << 14).build()))
        .hasMessage("a mask of 8192×16384 pixels, it must have 1 to 67108864");
  }

  @Test
  void decode_rawBytes_andUnknownEncodings() {
    ByteString one = ByteString.copyFrom(new byte[] {3});
    assertThat(MaskCodec.decode(mask(1, 1).setEncoding(Encoding.RAW).setData(one).build()).at(0, 0))
        .isEqualTo(3);
    assertThatThrownBy(() -> MaskCodec.decode(mask(1, 1).setEncodingValue(77).build()))
        .hasMessage("unknown mask encoding 77");
    assertThatThrownBy(() -> MaskCodec.decode(mask(1, 1).build()))
        .hasMessage("unknown mask encoding 0");
  }

  @Test
  void decode_payloadOfAnotherSize_isRefused() {
    ByteString large = ByteString.copyFrom(Zstd.compress(new byte[1 << 20]));
    assertThatThrownBy(
            () -> MaskCodec.decode(mask(2, 2).setEncoding(Encoding.ZSTD).setData(large).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the mask is no Zstandard frame of 4 bytes");
    ByteString small = ByteString.copyFrom(Zstd.compress(new byte[3]));
    assertThatThrownBy(
            () -> MaskCodec.decode(mask(2, 2).setEncoding(Encoding.ZSTD).setData(small).build()))
        .hasMessage("a mask of 2×2 needs width·height bytes, has 3");
    ByteString png = MaskCodec.encode(STREET, MaskEncoding.PNG, TABLE).getData();
    assertThatThrownBy(
            () -> MaskCodec.decode(mask(2, 2).setEncoding(Encoding.PNG).setData(png).build()))
        .hasMessage("the PNG of a 2×2 mask is 160×120");
  }

  @Test
  void decode_pngOfColors_isRefused() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", out);
    ByteString png = ByteString.copyFrom(out.toByteArray());
    assertThatThrownBy(
            () -> MaskCodec.decode(mask(2, 2).setEncoding(Encoding.PNG).setData(png).build()))
        .hasMessage("the PNG of a mask must be indexed or gray with 8 bits a pixel");
  }

  @ParameterizedTest
  @EnumSource(MaskEncoding.class)
  void decode_damagedPayload_isAMaskOrOneException(MaskEncoding encoding) {
    byte[] good = MaskCodec.encode(STREET, encoding, TABLE).toByteArray();
    Random random = new Random(6);
    int refused = 0;
    for (int n = 0; n < 1_000; n++) {
      byte[] data = good.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        data[12 + random.nextInt(data.length - 12)] = (byte) random.nextInt();
      }
      try {
        MaskCodec.decode(io.maskstream.topic.v1.Mask.parseFrom(data));
      } catch (IllegalArgumentException | com.google.protobuf.InvalidProtocolBufferException e) {
        assertThat(e.getMessage()).isNotBlank();
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @ParameterizedTest
  @EnumSource(MaskEncoding.class)
  void decode_payloadCutShort_isRefused(MaskEncoding encoding) {
    var whole = MaskCodec.encode(STREET, encoding, TABLE);
    var cut = whole.toBuilder();
    if (encoding == MaskEncoding.RLE) {
      ClassRuns last = whole.getRuns(0);
      cut.setRuns(
          0,
          last.toBuilder().setCounts(last.getCounts().substring(0, last.getCounts().size() / 2)));
    } else {
      byte[] data = whole.getData().toByteArray();
      cut.setData(ByteString.copyFrom(Arrays.copyOf(data, data.length / 2)));
    }
    assertThatThrownBy(() -> MaskCodec.decode(cut.build()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
