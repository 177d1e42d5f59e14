package io.maskstream.dataset;

import static org.bytedeco.opencv.global.opencv_core.BORDER_CONSTANT;
import static org.bytedeco.opencv.global.opencv_core.BORDER_REFLECT_101;
import static org.bytedeco.opencv.global.opencv_core.CV_32FC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgproc.GaussianBlur;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.LINE_8;
import static org.bytedeco.opencv.global.opencv_imgproc.getRotationMatrix2D;
import static org.bytedeco.opencv.global.opencv_imgproc.line;
import static org.bytedeco.opencv.global.opencv_imgproc.warpAffine;

import io.maskstream.config.Labels;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.indexer.DoubleIndexer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Point2f;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * A condition that a model was not trained for, made from labelled frames: eight kinds in three
 * strengths, after ImageNet-C (Hendrycks and Dietterich, ICLR 2019). Rain and noise differ from
 * frame to frame, the rest is the same over a clip.
 *
 * @param strength 1 to {@value #STRENGTHS}
 */
public record Corruption(Kind kind, int strength) {

  /** What is wrong with the pictures. */
  public enum Kind {
    /** Little light, a warm cast and noise. */
    NIGHT,
    /** White, more of it towards the top of the picture. */
    FOG,
    /** Streaks and less contrast. */
    RAIN,
    BLUR,
    JPEG,
    /** Too much red, too little blue. */
    COLOR_CAST,
    NOISE,
    /** The camera is turned, nearer and looks lower. */
    VIEW
  }

  static final int STRENGTHS = 3;

  private static final double[] NIGHT_GAMMA = {1.8, 2.6, 3.4};
  private static final double[] NIGHT_GAIN = {1, 0.67, 0.42};
  private static final double[] NIGHT_NOISE = {3, 5, 8};
  private static final double[] NIGHT_CAST = {1.05, 1, 0.85};
  private static final double[] FOG_DENSITY = {0.35, 0.55, 0.75};
  private static final double FOG_NEAR = 0.25;
  private static final int FOG_WHITE = 225;
  private static final int[] RAIN_DROPS = {150, 350, 700};
  private static final double[] RAIN_CONTRAST = {0.92, 0.85, 0.75};
  private static final int RAIN_GRAY = 120;
  private static final int RAIN_WHITE = 200;
  private static final double RAIN_COVER = 0.7;
  private static final double[] BLUR_DEVIATION = {1.2, 2.2, 3.5};
  private static final int[] JPEG_QUALITY = {25, 12, 6};
  private static final double[] CAST = {0.15, 0.3, 0.45};
  private static final double[] NOISE_DEVIATION = {12, 25, 40};
  private static final double[] VIEW_TURN_DEGREES = {4, 8, 12};
  private static final double[] VIEW_ZOOM = {1.1, 1.2, 1.3};
  private static final double[] VIEW_SHIFT = {0.028, 0.056, 0.083};
  private static final int MEAN = 127;

  public Corruption {
    if (strength < 1 || strength > STRENGTHS) {
      throw new IllegalArgumentException(
          "the strength of a corruption must be 1 to %d, is %d".formatted(STRENGTHS, strength));
    }
  }

  /** All of them, kind by kind. */
  public static List<Corruption> all() {
    List<Corruption> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int strength = 1; strength <= STRENGTHS; strength++) {
        all.add(new Corruption(kind, strength));
      }
    }
    return all;
  }

  /** One by its label, such as {@code night-2}. */
  public static Corruption of(String label) {
    return all().stream()
        .filter(corruption -> corruption.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "corruption '%s' is none of %s, each with -1 to -%d"
                        .formatted(label, Labels.of(Kind.class), STRENGTHS)));
  }

  public String label() {
    return Labels.of(kind) + "-" + strength;
  }

  /**
   * A frame under the condition; the frame itself stays as it is. What a changed view does not show
   * of the picture is void.
   *
   * @param seed of what differs from frame to frame
   */
  public LabeledPicture apply(LabeledPicture frame, long seed) {
    return kind == Kind.VIEW
        ? view(frame)
        : new LabeledPicture(look(frame.picture(), new Random(seed)), frame.groundTruth());
  }

  private Picture look(Picture picture, Random random) {
    byte[] rgb = picture.rgb().clone();
    int i = strength - 1;
    switch (kind) {
      case NIGHT -> {
        new SensorFault(NIGHT_GAIN[i], NIGHT_GAMMA[i], 0, 0, 0).apply(rgb, picture.width(), random);
        scale(rgb, NIGHT_CAST);
        new SensorFault(1, 1, 0, NIGHT_NOISE[i], 0).apply(rgb, picture.width(), random);
      }
      case FOG -> fog(rgb, picture.height());
      case RAIN -> rain(rgb, picture.width(), random);
      case BLUR ->
          new SensorFault(1, 1, BLUR_DEVIATION[i], 0, 0).apply(rgb, picture.width(), random);
      case JPEG -> new SensorFault(1, 1, 0, 0, JPEG_QUALITY[i]).apply(rgb, picture.width(), random);
      case COLOR_CAST -> scale(rgb, new double[] {1 + CAST[i], 1, 1 - CAST[i]});
      case NOISE ->
          new SensorFault(1, 1, 0, NOISE_DEVIATION[i], 0).apply(rgb, picture.width(), random);
      case VIEW -> throw new IllegalStateException("a view moves labels, too");
    }
    return new Picture(picture.width(), picture.height(), rgb);
  }

  private static void scale(byte[] rgb, double[] gains) {
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = Appearance.clamp(gains[i % 3] * (rgb[i] & 0xFF));
    }
  }

  private void fog(byte[] rgb, int height) {
    int row = rgb.length / height;
    for (int y = 0; y < height; y++) {
      double share = FOG_DENSITY[strength - 1] * (1 - (1 - FOG_NEAR) * y / Math.max(1, height - 1));
      for (int i = y * row; i < (y + 1) * row; i++) {
        rgb[i] = Appearance.clamp((1 - share) * (rgb[i] & 0xFF) + share * FOG_WHITE);
      }
    }
  }

  private void rain(byte[] rgb, int width, Random random) {
    float[] streaks = streaks(width, rgb.length / 3 / width, random);
    double contrast = RAIN_CONTRAST[strength - 1];
    for (int i = 0; i < rgb.length; i++) {
      double cover = RAIN_COVER * streaks[i / 3];
      double behind = ((rgb[i] & 0xFF) - MEAN) * contrast + RAIN_GRAY;
      rgb[i] = Appearance.clamp((1 - cover) * behind + cover * RAIN_WHITE);
    }
  }

  /** Brightness of the drops, 0 to 1: height · width. */
  private float[] streaks(int width, int height, Random random) {
    float[] result = new float[width * height];
    try (Mat streaks = new Mat(height, width, CV_32FC1, new Scalar(0));
        Size kernel = new Size(3, 3)) {
      for (int n = 0; n < RAIN_DROPS[strength - 1]; n++) {
        int x = random.nextInt(width);
        int y = random.nextInt(height);
        int length = 8 + random.nextInt(16);
        try (Point from = new Point(x, y);
            Point to = new Point(x + length / 5, y + length);
            Scalar brightness = new Scalar(0.3 + 0.5 * random.nextDouble())) {
          line(streaks, from, to, brightness, 1, LINE_8, 0);
        }
      }
      GaussianBlur(streaks, streaks, kernel, 0);
      new FloatPointer(streaks.data()).get(result);
    }
    return result;
  }

  private LabeledPicture view(LabeledPicture frame) {
    int width = frame.picture().width();
    int height = frame.picture().height();
    byte[] rgb = new byte[3 * width * height];
    byte[] ids = new byte[width * height];
    int i = strength - 1;
    try (Point2f center = new Point2f(width / 2f, height / 2f);
        Mat map = getRotationMatrix2D(center, VIEW_TURN_DEGREES[i], VIEW_ZOOM[i]);
        DoubleIndexer rows = map.createIndexer();
        BytePointer colors = new BytePointer(frame.picture().rgb());
        BytePointer labels = new BytePointer(frame.groundTruth().labels());
        Mat picture = new Mat(height, width, CV_8UC3, colors);
        Mat groundTruth = new Mat(height, width, CV_8UC1, labels);
        Mat seen = new Mat();
        Mat seenLabels = new Mat();
        Size size = new Size(width, height);
        Scalar unknown = new Scalar(ClassTable.VOID, 0, 0, 0)) {
      rows.put(1, 2, rows.get(1, 2) + VIEW_SHIFT[i] * height);
      warpAffine(picture, seen, map, size, INTER_LINEAR, BORDER_REFLECT_101, unknown);
      warpAffine(groundTruth, seenLabels, map, size, INTER_NEAREST, BORDER_CONSTANT, unknown);
      seen.data().get(rgb);
      seenLabels.data().get(ids);
    }
    return new LabeledPicture(new Picture(width, height, rgb), new Mask(width, height, ids));
  }
}
