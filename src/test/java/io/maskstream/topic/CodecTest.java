package io.maskstream.topic;

import static io.maskstream.frame.Pictures.meanDifference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.DenseMemory;
import io.maskstream.prototype.Luma;
import io.maskstream.prototype.PrototypeBank;
import io.maskstream.prototype.SceneSignature;
import io.maskstream.synthetic.SyntheticStreet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CodecTest {
  private static final Picture STREET =
      new SyntheticStreet(4, 160, 120).at(Duration.ofSeconds(1)).picture();

  @ParameterizedTest
  @EnumSource(ContentType.class)
  void picture_encodedAndDecoded_isTheSamePicture(ContentType type) {
    byte[] bytes = PictureCodec.encode(STREET, type, 95);
    Picture decoded = PictureCodec.decode(bytes, type, 160, 120);
    boolean lossless = type == ContentType.PNG || type == ContentType.BGR24;
    if (lossless) {
      assertThat(decoded.rgb()).isEqualTo(STREET.rgb());
    } else {
      assertThat(meanDifference(decoded, STREET)).isLessThan(8);
    }
  }

  @ParameterizedTest
  @CsvSource({"80, 60", "40, 30", "20, 15", "100, 75", "70, 20", "200, 150"})
  void decode_toAnotherSize_showsTheSamePicture(int width, int height) {
    for (ContentType type : ContentType.values()) {
      byte[] bytes = PictureCodec.encode(STREET, type, 95);
      Picture whole = PictureCodec.decode(bytes, type, 160, 120);
      Picture scaled = PictureCodec.decode(bytes, type, 160, 120, width, height);
      assertThat(meanDifference(scaled, PictureScaler.scale(whole, width, height)))
          .describedAs(type.mime())
          .isLessThan(1.5);
    }
  }

  /** The pixels' own rows count, as for the mask; how a viewer turns them is its own affair. */
  @Test
  void decode_jpegThatIsToBeTurned_staysAsItIs() {
    byte[] jpeg = PictureCodec.encode(STREET, ContentType.JPEG, 95);
    String orientation6 = "4D4D002A00000008" + "0001" + "011200030000000100060000" + "00000000";
    byte[] exif = HexFormat.of().parseHex("FFE10022" + "457869660000" + orientation6);
    byte[] turned = new byte[jpeg.length + exif.length];
    System.arraycopy(jpeg, 0, turned, 0, 2);
    System.arraycopy(exif, 0, turned, 2, exif.length);
    System.arraycopy(jpeg, 2, turned, 2 + exif.length, jpeg.length - 2);
    assertThat(PictureCodec.decode(turned, ContentType.JPEG, 160, 120).rgb())
        .isEqualTo(PictureCodec.decode(jpeg, ContentType.JPEG, 160, 120).rgb());
    assertThat(PictureCodec.decode(turned, ContentType.JPEG, 160, 120, 80, 60).rgb())
        .isEqualTo(PictureCodec.decode(jpeg, ContentType.JPEG, 160, 120, 80, 60).rgb());
  }

  @Test
  void divisor_leavesNoSideShorterThanTheResult() {
    assertThat(PictureCodec.divisor(ContentType.JPEG, 1920, 1080, 480, 270)).isEqualTo(4);
    assertThat(PictureCodec.divisor(ContentType.JPEG, 1920, 1080, 480, 271)).isEqualTo(2);
    assertThat(PictureCodec.divisor(ContentType.JPEG, 640, 480, 480, 360)).isEqualTo(1);
    assertThat(PictureCodec.divisor(ContentType.JPEG, 16_000, 12_000, 480, 360)).isEqualTo(8);
    assertThat(PictureCodec.divisor(ContentType.PNG, 1920, 1080, 480, 270)).isEqualTo(1);
  }

  @Test
  void encodedPicture_givesTheSamePixels_whateverWasAskedBefore() {
    byte[] jpeg = PictureCodec.encode(STREET, ContentType.JPEG, 90);
    for (int[] size : new int[][] {{120, 90}, {40, 30}}) {
      EncodedPicture fresh = new EncodedPicture(jpeg, ContentType.JPEG, 160, 120);
      Picture first = fresh.scaled(size[0], size[1]);
      EncodedPicture used = new EncodedPicture(jpeg, ContentType.JPEG, 160, 120);
      Picture whole = used.whole();
      assertThat(used.scaled(size[0], size[1]).rgb()).isEqualTo(first.rgb());
      assertThat(used.whole()).isSameAs(whole);
      assertThat(fresh.scaled(size[0], size[1])).isSameAs(first);
    }
  }

  @Test
  void encodedPicture_unreadable_saysWhatIsWrong() {
    byte[] jpeg = PictureCodec.encode(STREET, ContentType.JPEG, 90);
    assertThatThrownBy(
            () ->
                new EncodedPicture(Arrays.copyOf(jpeg, 20), ContentType.JPEG, 160, 120)
                    .scaled(40, 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a readable image/jpeg (20 bytes)");
  }

  @Test
  void decode_brokenPicture_saysWhatIsWrong() {
    assertThatThrownBy(() -> PictureCodec.decode(new byte[] {1, 2, 3}, ContentType.JPEG, 8, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a readable image/jpeg (3 bytes)");
    assertThatThrownBy(() -> PictureCodec.decode(new byte[0], ContentType.PNG, 8, 8))
        .hasMessageContaining("empty");
    byte[] jpeg = PictureCodec.encode(STREET, ContentType.JPEG, 80);
    assertThatThrownBy(() -> PictureCodec.decode(jpeg, ContentType.JPEG, 480, 360))
        .hasMessage("the headers say 480×360, the picture is 160×120");
    assertThatThrownBy(() -> PictureCodec.decode(new byte[10], ContentType.BGR24, 8, 8))
        .hasMessage("a raw picture of 8×8 needs 192 bytes, has 10");
  }

  @Test
  void headers_writtenAndRead_areTheSame() {
    FrameMetadata metadata =
        new FrameMetadata(new FrameId("cam", 1_700_000_000_000L, 7, 3), 480, 360, ContentType.PNG);
    RecordHeaders headers = new RecordHeaders();
    metadata.writeTo(headers);
    assertThat(FrameMetadata.of("cam", headers)).isEqualTo(metadata);
  }

  @Test
  void headers_missingOrWrong_areNamed() {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(new FrameId("cam", 1, 7, 3), 480, 360, ContentType.PNG).writeTo(headers);
    headers.remove("epoch");
    assertThatThrownBy(() -> FrameMetadata.of("cam", headers)).hasMessageContaining("header epoch");
    headers.add("epoch", "soon".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> FrameMetadata.of("cam", headers))
        .hasMessage("header epoch must be a whole number, is 'soon'");
  }

  @Test
  void memory_writtenAndRead_isTheSame() {
    Random random = new Random(3);
    float[] vectors = new float[22 * 16];
    float[] mass = new float[22];
    float[] cells = new float[SceneSignature.COLUMNS * SceneSignature.ROWS];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = random.nextFloat();
    }
    Arrays.fill(mass, 0.25f);
    Arrays.fill(cells, -1f);
    CameraMemory memory =
        new CameraMemory(
            new PrototypeBank(22, 16, vectors, mass, 99),
            new CameraMemory.FrameFacts(5, 6, 7, 480, 360, "modèle@1", new SceneSignature(cells)),
            Optional.of(
                new DenseMemory(
                    2, 3, 2, new byte[] {1, 2, -3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, luma(4, 6))));
    CameraMemory read = CameraMemorySerde.read(CameraMemorySerde.write(memory));
    assertThat(read).isNotNull();
    assertThat(read.bank()).isEqualTo(memory.bank());
    assertThat(read.last().model()).isEqualTo("modèle@1");
    assertThat(read.last().signature().cells()).containsExactly(cells);
    DenseMemory dense = read.dense().orElseThrow();
    assertThat(dense.probabilities()).containsExactly(1, 2, -3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertThat(dense.luma().values()).containsExactly(luma(4, 6).values());
    CameraMemory light = CameraMemorySerde.read(CameraMemorySerde.write(memory.withoutDense()));
    assertThat(light).isNotNull();
    assertThat(light.dense()).isEmpty();
    assertThat(light.bank()).isEqualTo(memory.bank());
  }

  private static Luma luma(int width, int height) {
    byte[] values = new byte[width * height];
    new Random(1).nextBytes(values);
    return new Luma(width, height, values);
  }

  @Test
  void memory_damaged_isRefusedAsSuch() {
    CameraMemory memory =
        new CameraMemory(
            PrototypeBank.cold(2, 3),
            new CameraMemory.FrameFacts(
                5, 6, 7, 480, 360, "m@1", new SceneSignature(new float[192])));
    byte[] good = CameraMemorySerde.write(memory);
    Random random = new Random(4);
    for (int i = 0; i < 2_000; i++) {
      byte[] data = Arrays.copyOf(good, random.nextInt(good.length));
      for (int flips = random.nextInt(4); flips > 0 && data.length > 1; flips--) {
        data[1 + random.nextInt(data.length - 1)] = (byte) random.nextInt();
      }
      assertThatThrownBy(() -> CameraMemorySerde.read(data))
          .isInstanceOf(SerializationException.class)
          .hasMessageContaining("prototype bank of " + data.length + " bytes");
    }
  }

  @Test
  void memory_ofAnotherFormat_isNotRead() {
    assertThat(CameraMemorySerde.read(new byte[] {9, 1, 2})).isNull();
  }

  @Test
  void connection_shown_hidesSecrets() {
    KafkaConnection connection =
        new KafkaConnection(
            "b:9092",
            java.util.Map.of("sasl.jaas.config", "password=hunter2", "client.id", "front"));
    assertThat(connection.toString()).contains("front").doesNotContain("hunter2");
  }
}
