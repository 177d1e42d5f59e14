package io.maskstream.topic;

import io.maskstream.frame.Mask;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Masks as COCO's compressed run lengths, as pycocotools reads and writes them.
 *
 * <p>The pixels of a class are a sequence of runs down the columns, from the left, alternately
 * without and with the class, the first one without (it may be 0 long). From the fourth run on, the
 * difference to the run before the last is written in its place. A number is written in groups of 5
 * bits, the lowest first, two's complement; a group is the ASCII character 48 + group, 32 more
 * where another one follows. ({@code rleToString} of {@code maskApi.c} in cocodataset/cocoapi)
 */
public final class CocoRle {
  private static final int FIRST_CHARACTER = 48;
  private static final int GROUP_BITS = 5;
  private static final int GROUP = 0x1F;
  private static final int SIGN = 0x10;
  private static final int MORE = 0x20;

  /** Groups of a number of at most 30 bits and its sign. */
  private static final int MAX_GROUPS = 7;

  /** First number that is written as a difference. */
  private static final int FIRST_DIFFERENCE = 3;

  private static final int IDS = 256;

  /**
   * Where a class is.
   *
   * @param id of the class
   * @param counts the text, ASCII; not copied
   */
  public record ClassRuns(int id, byte[] counts) {}

  private CocoRle() {}

  /** The runs of each class that occurs, by ascending id. */
  public static List<ClassRuns> encode(Mask mask) {
    byte[] columns = transposed(mask.labels(), mask.width(), mask.height());
    @Nullable Writer[] writers = new Writer[IDS];
    int start = 0;
    for (int i = 1; i <= columns.length; i++) {
      if (i == columns.length || columns[i] != columns[start]) {
        int id = Byte.toUnsignedInt(columns[start]);
        Writer writer = writers[id];
        if (writer == null) {
          writer = new Writer();
          writers[id] = writer;
        }
        writer.run(start, i);
        start = i;
      }
    }
    List<ClassRuns> classes = new ArrayList<>();
    for (int id = 0; id < IDS; id++) {
      Writer writer = writers[id];
      if (writer != null) {
        classes.add(writer.finish(id, columns.length));
      }
    }
    return classes;
  }

  /** Rows of width × height bytes as columns; of height × width bytes, back again. */
  private static byte[] transposed(byte[] rows, int width, int height) {
    byte[] columns = new byte[rows.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        columns[x * height + y] = rows[y * width + x];
      }
    }
    return columns;
  }

  /** Text of one class. */
  private static final class Writer {
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private int last;
    private int beforeLast;
    private int runs;
    private int end;

    /** The class is at the places from start to end, which lie behind those before. */
    void run(int start, int behind) {
      count(start - end);
      count(behind - start);
      end = behind;
    }

    ClassRuns finish(int id, int pixels) {
      if (end < pixels) {
        count(pixels - end);
      }
      return new ClassRuns(id, text.toByteArray());
    }

    private void count(int length) {
      int number = runs >= FIRST_DIFFERENCE ? length - beforeLast : length;
      beforeLast = last;
      last = length;
      runs++;
      boolean more = true;
      while (more) {
        int group = number & GROUP;
        number >>= GROUP_BITS;
        more = (group & SIGN) != 0 ? number != -1 : number != 0;
        text.write(FIRST_CHARACTER + (more ? group | MORE : group));
      }
    }
  }

  /**
   * The mask of some classes' runs; takes memory for three masks of this size at most.
   *
   * @throws IllegalArgumentException says what is wrong: a text that is none, runs that leave the
   *     mask, a pixel with no class or with two
   */
  public static Mask decode(int width, int height, List<ClassRuns> classes) {
    byte[] columns = new byte[width * height];
    BitSet known = new BitSet(columns.length);
    long covered = 0;
    for (ClassRuns runs : classes) {
      if (runs.id() < 0 || runs.id() >= IDS) {
        throw new IllegalArgumentException("the class of runs must be 0 to 255, is " + runs.id());
      }
      covered += new Reader(runs, columns, known).read();
      if (covered > columns.length) {
        break; // more of them would take time for nothing
      }
    }
    if (known.cardinality() != columns.length || covered != columns.length) {
      throw new IllegalArgumentException(
          "runs of a %d×%d mask must give each pixel one class, give %d pixels %d classes"
              .formatted(width, height, known.cardinality(), covered));
    }
    return new Mask(width, height, transposed(columns, /* width= */ height, /* height= */ width));
  }

  /** Paints the runs of one class. */
  private static final class Reader {
    private final ClassRuns runs;
    private final byte[] columns;
    private final BitSet known;
    private int place;

    Reader(ClassRuns runs, byte[] columns, BitSet known) {
      this.runs = runs;
      this.columns = columns;
      this.known = known;
    }

    /** Pixels of the class. */
    long read() {
      long last = 0;
      long beforeLast = 0;
      long area = 0;
      int end = 0;
      for (int n = 0; place < runs.counts().length; n++) {
        long length = number() + (n >= FIRST_DIFFERENCE ? beforeLast : 0);
        if (length < 0 || length > columns.length - end) {
          throw wrong("leave the mask");
        }
        int behind = end + (int) length;
        if (n % 2 == 1) {
          Arrays.fill(columns, end, behind, (byte) runs.id());
          known.set(end, behind);
          area += length;
        }
        end = behind;
        beforeLast = last;
        last = length;
      }
      if (end != columns.length) {
        throw wrong("end before the mask does");
      }
      return area;
    }

    private long number() {
      long number = 0;
      for (int k = 0; k < MAX_GROUPS && place < runs.counts().length; k++) {
        int character = runs.counts()[place++] - FIRST_CHARACTER;
        if (character < 0 || character > (GROUP | MORE)) {
          throw wrong("have a character that is none of COCO's");
        }
        number |= (long) (character & GROUP) << (GROUP_BITS * k);
        if ((character & MORE) == 0) {
          return (character & SIGN) == 0 ? number : number | (-1L << (GROUP_BITS * (k + 1)));
        }
      }
      throw wrong("have a number without an end");
    }

    private IllegalArgumentException wrong(String what) {
      return new IllegalArgumentException(
          "the runs of class %d %s, near byte %d of %d"
              .formatted(runs.id(), what, place, runs.counts().length));
    }
  }
}
