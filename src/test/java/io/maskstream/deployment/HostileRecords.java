package io.maskstream.deployment;

import io.maskstream.frame.FrameId;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.FrameMetadata;
import io.maskstream.topic.PictureCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** Frame records as no camera sends them, from a seed. */
final class HostileRecords {
  private static final int WIDTH = LiveLoad.WIDTH;
  private static final int HEIGHT = LiveLoad.HEIGHT;
  private static final byte[] JPEG = picture(ContentType.JPEG);
  private static final byte[] PNG = picture(ContentType.PNG);
  private static final List<String> HEADERS =
      List.of("seq", "epoch", "capture-micros", "width", "height", "content-type");
  private static final List<String> TEXTS =
      List.of(
          "",
          "-1",
          "0",
          "1e9",
          "NaN",
          "9223372036854775807",
          "-9223372036854775808",
          "99999999999999999999",
          "30000",
          "image/tiff",
          "\u0000",
          "½");

  private final String topic;
  private final Random random;
  private long sequence;

  HostileRecords(String topic, Random random) {
    this.topic = topic;
    this.random = random;
  }

  private static byte[] picture(ContentType type) {
    return PictureCodec.encode(
        new SyntheticStreet(5, WIDTH, HEIGHT).at(Duration.ZERO).picture(), type, 90);
  }

  private static long nowMicros() {
    return TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
  }

  /** A frame as it should be. */
  ProducerRecord<byte[], byte[]> good(String camera, long number) {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(new FrameId(camera, 1, number, nowMicros()), WIDTH, HEIGHT, ContentType.JPEG)
        .writeTo(headers);
    return new ProducerRecord<>(topic, 0, bytes(camera), JPEG, headers);
  }

  /** One that leaves no room for what a dead letter says beside it. */
  ProducerRecord<byte[], byte[]> largest(int maxBytes) {
    RecordHeaders headers = new RecordHeaders();
    headers.add("seq", bytes("not"));
    return new ProducerRecord<>(topic, 0, bytes("largest"), new byte[maxBytes - 150], headers);
  }

  /** The next record. */
  ProducerRecord<byte[], byte[]> next() {
    return switch (random.nextInt(9)) {
      case 0 -> record(key(), headers(ContentType.JPEG, WIDTH, HEIGHT), randomBytes(300));
      case 1 -> record(key(), headers(ContentType.JPEG, WIDTH, HEIGHT), mutated(JPEG));
      case 2 -> record(key(), headers(ContentType.PNG, WIDTH, HEIGHT), mutated(PNG));
      case 3 -> giant();
      case 4 -> raw();
      case 5 -> record(key(), wrongHeaders(), JPEG);
      case 6 -> wrongTimes();
      case 7 -> wrongKeyOrValue();
      default -> record(key(), headers(ContentType.JPEG, WIDTH, HEIGHT), JPEG);
    };
  }

  private byte[] key() {
    return bytes("fuzz" + random.nextInt(4));
  }

  private Headers headers(ContentType type, int width, int height) {
    RecordHeaders headers = new RecordHeaders();
    new FrameMetadata(new FrameId("x", 1, sequence++, nowMicros()), width, height, type)
        .writeTo(headers);
    return headers;
  }

  private ProducerRecord<byte[], byte[]> record(
      byte @Nullable [] key, Headers headers, byte @Nullable [] value) {
    return new ProducerRecord<>(topic, 0, key, value, headers);
  }

  private byte[] randomBytes(int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] mutated(byte[] good) {
    byte[] bytes = Arrays.copyOf(good, 1 + random.nextInt(good.length));
    for (int i = random.nextInt(20); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  /** Sides that would take gigabytes; in the picture alone, or where the headers may, in both. */
  private ProducerRecord<byte[], byte[]> giant() {
    int side = List.of(65_500, 30_000, 16_384, 6_300).get(random.nextInt(4));
    boolean png = random.nextBoolean();
    byte[] data = png ? PNG.clone() : JPEG.clone();
    if (png) {
      ByteBuffer.wrap(data).putInt(16, side).putInt(20, side);
      data[24] = 1; // bit per sample
      data[25] = 0; // gray
    } else {
      setJpegSides(data, side);
    }
    ContentType type = png ? ContentType.PNG : ContentType.JPEG;
    boolean declared = side <= 6_300 && random.nextBoolean();
    return record(key(), headers(type, declared ? side : WIDTH, declared ? side : HEIGHT), data);
  }

  private static void setJpegSides(byte[] data, int side) {
    for (int i = 0; i < data.length - 9; i++) {
      if ((data[i] & 0xFF) == 0xFF && (data[i + 1] & 0xFF) == 0xC0) {
        ByteBuffer.wrap(data).putShort(i + 5, (short) side).putShort(i + 7, (short) side);
        return;
      }
    }
  }

  private ProducerRecord<byte[], byte[]> raw() {
    boolean planar = random.nextBoolean();
    int width = 1 + random.nextInt(9);
    int height = 1 + random.nextInt(9);
    int exact = planar ? width * height * 3 / 2 : width * height * 3;
    byte[] value = new byte[Math.max(0, exact + random.nextInt(3) - 1)];
    ContentType type = planar ? ContentType.I420 : ContentType.BGR24;
    return record(key(), headers(type, width, height), value);
  }

  private Headers wrongHeaders() {
    Headers headers = headers(ContentType.JPEG, WIDTH, HEIGHT);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String name = HEADERS.get(random.nextInt(HEADERS.size()));
      switch (random.nextInt(3)) {
        case 0 -> headers.remove(name);
        case 1 -> headers.add(name, bytes(TEXTS.get(random.nextInt(TEXTS.size()))));
        default -> headers.add(name, random.nextBoolean() ? null : randomBytes(20));
      }
    }
    return headers;
  }

  private ProducerRecord<byte[], byte[]> wrongTimes() {
    RecordHeaders headers = new RecordHeaders();
    long hour = TimeUnit.HOURS.toMicros(1);
    long[] captures = {
      Long.MIN_VALUE,
      -1,
      0,
      nowMicros() - 2 * hour,
      nowMicros() + 2 * hour,
      Long.MAX_VALUE,
      nowMicros() + TimeUnit.MINUTES.toMicros(4)
    };
    long capture = captures[random.nextInt(captures.length)];
    new FrameMetadata(new FrameId("x", 1, sequence++, capture), WIDTH, HEIGHT, ContentType.JPEG)
        .writeTo(headers);
    long[] times = {0, 1, System.currentTimeMillis(), System.currentTimeMillis() + 3_000_000};
    return new ProducerRecord<>(
        topic, 0, times[random.nextInt(times.length)], key(), JPEG, headers);
  }

  private ProducerRecord<byte[], byte[]> wrongKeyOrValue() {
    Headers headers = headers(ContentType.JPEG, WIDTH, HEIGHT);
    return switch (random.nextInt(4)) {
      case 0 -> record(null, headers, JPEG);
      case 1 -> record(key(), headers, null);
      case 2 -> record(randomBytes(200), headers, JPEG);
      default -> record(new byte[0], headers, new byte[0]);
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
