package io.maskstream.topic;

import io.maskstream.frame.FrameId;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * What the key and the headers of a frame record say. All are text.
 *
 * @param id which frame; the camera is the record's key
 * @param width of the picture, pixels
 * @param height of the picture, pixels
 * @param contentType how the picture is encoded
 * @param sourceWidth width of the frame as the camera sent it, pixels
 * @param sourceHeight height of the frame as the camera sent it, pixels
 * @param held whether the value is empty, as the picture waits in the process that read the camera
 */
public record FrameMetadata(
    FrameId id,
    int width,
    int height,
    ContentType contentType,
    int sourceWidth,
    int sourceHeight,
    boolean held) {

  private static final String SEQUENCE = "seq";
  private static final String EPOCH = "epoch";
  private static final String CAPTURE = "capture-micros";
  private static final String WIDTH = "width";
  private static final String HEIGHT = "height";
  private static final String CONTENT_TYPE = "content-type";

  private static final String SOURCE_WIDTH = "source-width";
  private static final String SOURCE_HEIGHT = "source-height";

  /** Content type of a value that is empty; the parameter is the picture's. */
  private static final String HELD = "application/vnd.maskstream.held; of=";

  private static final int MAX_SHOWN = 60;
  private static final int MAX_SIDE = 16_384;

  /** Somewhat more than 8K (7680×4320); decoded, such a picture has 120 MB. */
  /** Of a picture, also before it is made smaller. */
  public static final long MAX_PIXELS = 40_000_000;

  public FrameMetadata {
    require(SEQUENCE, id.sequence(), 0, Long.MAX_VALUE);
    require(WIDTH, width, 1, MAX_SIDE);
    require(HEIGHT, height, 1, MAX_SIDE);
    require(SOURCE_WIDTH, sourceWidth, 1, MAX_SIDE);
    require(SOURCE_HEIGHT, sourceHeight, 1, MAX_SIDE);
    if ((long) width * height > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "a frame may have %d pixels, %d×%d are more".formatted(MAX_PIXELS, width, height));
    }
  }

  /** A frame whose record carries the picture. */
  public FrameMetadata(
      FrameId id,
      int width,
      int height,
      ContentType contentType,
      int sourceWidth,
      int sourceHeight) {
    this(id, width, height, contentType, sourceWidth, sourceHeight, false);
  }

  /** A frame that has the size in which the camera sent it. */
  public FrameMetadata(FrameId id, int width, int height, ContentType contentType) {
    this(id, width, height, contentType, width, height);
  }

  private static void require(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "header %s must be %d to %d, is %d".formatted(name, min, max, value));
    }
  }

  /** Adds the headers to a record. */
  public void writeTo(Headers headers) {
    put(headers, SEQUENCE, Long.toString(id.sequence()));
    put(headers, EPOCH, Long.toString(id.epoch()));
    put(headers, CAPTURE, Long.toString(id.captureMicros()));
    put(headers, WIDTH, Integer.toString(width));
    put(headers, HEIGHT, Integer.toString(height));
    String mime = contentType.mime();
    put(headers, CONTENT_TYPE, held ? HELD + '"' + mime + '"' : mime);
    put(headers, SOURCE_WIDTH, Integer.toString(sourceWidth));
    put(headers, SOURCE_HEIGHT, Integer.toString(sourceHeight));
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads the headers of a record; an IllegalArgumentException names the one that is wrong.
   *
   * @param camera the record's key
   */
  public static FrameMetadata of(String camera, Headers headers) {
    if (camera.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "the key, which is the camera, must have no control characters");
    }
    long sequence = number(headers, SEQUENCE);
    int width = side(headers, WIDTH);
    int height = side(headers, HEIGHT);
    String type = text(headers, CONTENT_TYPE);
    boolean held = type.startsWith(HELD);
    return new FrameMetadata(
        new FrameId(camera, number(headers, EPOCH), sequence, number(headers, CAPTURE)),
        width,
        height,
        ContentType.of(held ? type.substring(HELD.length()).replace("\"", "") : type),
        has(headers, SOURCE_WIDTH) ? side(headers, SOURCE_WIDTH) : width,
        has(headers, SOURCE_HEIGHT) ? side(headers, SOURCE_HEIGHT) : height,
        held);
  }

  /** Reads the key and the headers of a record in {@code frames} or {@code dead-letters}. */
  public static FrameMetadata of(ConsumerRecord<byte[], byte[]> record) {
    return of(camera(record), record.headers());
  }

  /**
   * The camera of a record that has it as its key; an IllegalArgumentException where it has none.
   */
  public static String camera(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      throw new IllegalArgumentException("it has no key, which is the camera");
    }
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  private static boolean has(Headers headers, String name) {
    return headers.lastHeader(name) != null;
  }

  private static int side(Headers headers, String name) {
    long value = number(headers, name);
    require(name, value, 1, MAX_SIDE);
    return (int) value;
  }

  private static String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    if (header == null || header.value() == null) {
      throw new IllegalArgumentException("a frame record needs the header " + name);
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }

  private static long number(Headers headers, String name) {
    String text = text(headers, name);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "header " + name + " must be a whole number, is '" + printable(text) + "'", e);
    }
  }

  /** What a stranger wrote, for a log and a dead letter: short, without control characters. */
  public static String printable(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= MAX_SHOWN ? plain : plain.substring(0, MAX_SHOWN) + "…";
  }
}
