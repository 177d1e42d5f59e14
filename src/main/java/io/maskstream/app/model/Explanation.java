package io.maskstream.app.model;

import static org.bytedeco.opencv.global.opencv_core.CV_32F;
import static org.bytedeco.opencv.global.opencv_core.PCACompute;

import io.maskstream.camera.PictureFiles;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Overlay;
import io.maskstream.frame.Picture;
import io.maskstream.frame.SegmentationClass;
import io.maskstream.inference.ModelCard;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;
import org.bytedeco.opencv.opencv_core.Mat;
import org.jspecify.annotations.Nullable;

/** The pictures of {@code explain}. */
final class Explanation {
  private static final int TILE_WIDTH = 240;
  private static final int CAPTION = 18;
  private static final int COLUMNS = 4;
  private static final int SAMPLES = 3_000;
  private static final int SIDE = 720;
  private static final int MARGIN = 40;

  /** Numbers of a tensor; the arrays are only read. */
  record Tensor(long[] shape, float[] data) {}

  private final ModelCard card;
  private final Picture picture;
  private final Map<String, Tensor> tensors;
  private final int rows;
  private final int columns;

  /** Embeddings of the pixels, unit length: D·N. */
  private final float[] embeddings;

  Explanation(ModelCard card, Picture picture, Map<String, Tensor> tensors) {
    this.card = card;
    this.picture = picture;
    this.tensors = tensors;
    this.rows = (card.height() + card.stride() - 1) / card.stride();
    this.columns = (card.width() + card.stride() - 1) / card.stride();
    this.embeddings = unit(tensor("embeddings").data(), rows * columns);
  }

  private static float[] unit(float[] vectors, int pixels) {
    float[] result = vectors.clone();
    for (int n = 0; n < pixels; n++) {
      double squares = 0;
      for (int i = n; i < vectors.length; i += pixels) {
        squares += vectors[i] * vectors[i];
      }
      for (int i = n; i < vectors.length; i += pixels) {
        result[i] /= (float) Math.sqrt(squares + 1e-12);
      }
    }
    return result;
  }

  void write(Path folder) throws IOException {
    save(folder, "similarity", similarity());
    save(folder, "masks", masks());
    save(folder, "moved", moved());
    save(folder, "embedding", embedding());
  }

  private static void save(Path folder, String name, BufferedImage image) throws IOException {
    ImageIO.write(image, "png", folder.resolve(name + ".png").toFile());
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), "the model gave no " + name);
  }

  private ClassTable table() {
    return card.table();
  }

  private Color color(int classId) {
    SegmentationClass entry = table().classes().get(classId);
    return new Color(entry.color());
  }

  /** Name of a prototype: its class, and its number where a class has several. */
  private String name(int prototype) {
    int perClass = card.prototypesPerClass();
    String name = table().name(prototype / perClass);
    return perClass == 1 ? name : name + " " + (prototype % perClass + 1);
  }

  /** Cosine of pixel n with prototype p: embeddings [1, D, N] times prototypes [1, P, D]. */
  private float[] cosines(int prototype) {
    float[] prototypes = tensor("prototypes").data();
    int pixels = rows * columns;
    float[] map = new float[pixels];
    for (int d = 0; d < card.features(); d++) {
      float weight = prototypes[prototype * card.features() + d];
      for (int n = 0; n < pixels; n++) {
        map[n] += weight * embeddings[d * pixels + n];
      }
    }
    return map;
  }

  private BufferedImage similarity() {
    int count = card.prototypes();
    int tileHeight = TILE_WIDTH * rows / columns + CAPTION;
    int lines = (count + COLUMNS - 1) / COLUMNS;
    BufferedImage sheet = sheet(COLUMNS * TILE_WIDTH, lines * tileHeight);
    Graphics2D graphics = graphics(sheet);
    for (int p = 0; p < count; p++) {
      int x = p % COLUMNS * TILE_WIDTH;
      int y = p / COLUMNS * tileHeight;
      graphics.drawImage(heat(cosines(p)), x, y + CAPTION, TILE_WIDTH, tileHeight - CAPTION, null);
      graphics.setColor(color(p / card.prototypesPerClass()));
      graphics.fillRect(x + 4, y + 4, 10, 10);
      graphics.setColor(Color.BLACK);
      graphics.drawString(name(p), x + 20, y + 14);
    }
    graphics.dispose();
    return sheet;
  }

  /** Cosines from -1 (blue) over 0 (white) to 1 (red). */
  private BufferedImage heat(float[] cosines) {
    BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
    for (int n = 0; n < cosines.length; n++) {
      float value = Math.max(-1f, Math.min(1f, cosines[n]));
      int other = Math.round(255 * (1 - Math.abs(value)));
      int rgb = value > 0 ? 255 << 16 | other << 8 | other : other << 16 | other << 8 | 255;
      image.setRGB(n % columns, n / columns, rgb);
    }
    return image;
  }

  private Mask winners(Tensor scores) {
    int classes = table().size();
    int pixels = rows * columns;
    byte[] labels = new byte[pixels];
    for (int n = 0; n < pixels; n++) {
      int best = 0;
      for (int k = 1; k < classes; k++) {
        if (scores.data()[k * pixels + n] > scores.data()[best * pixels + n]) {
          best = k;
        }
      }
      labels[n] = (byte) best;
    }
    return new Mask(columns, rows, labels);
  }

  private BufferedImage masks() {
    Mask adapted = winners(tensor("fresh"));
    @Nullable Tensor coarseScores = tensors.get("coarse");
    Mask coarse = coarseScores == null ? adapted : winners(coarseScores);
    Mask difference = new Mask(columns, rows, new byte[rows * columns]);
    for (int n = 0; n < rows * columns; n++) {
      boolean same = coarse.labels()[n] == adapted.labels()[n];
      difference.labels()[n] = same ? (byte) ClassTable.VOID : adapted.labels()[n];
    }
    Picture sheet =
        PictureFiles.beside(
            List.of(
                picture,
                Overlay.draw(picture, coarse, table(), 0.6),
                Overlay.draw(picture, adapted, table(), 0.6),
                Overlay.draw(picture, difference, table(), 0.8)));
    BufferedImage image = sheet(sheet.width(), sheet.height() + CAPTION);
    for (int y = 0; y < sheet.height(); y++) {
      for (int x = 0; x < sheet.width(); x++) {
        int i = 3 * (y * sheet.width() + x);
        byte[] rgb = sheet.rgb();
        image.setRGB(
            x, y + CAPTION, (rgb[i] & 0xFF) << 16 | (rgb[i + 1] & 0xFF) << 8 | (rgb[i + 2] & 0xFF));
      }
    }
    Graphics2D graphics = graphics(image);
    graphics.setColor(Color.BLACK);
    String[] captions = {"picture", "coarse mask", "adapted mask", "what adaptation changed"};
    for (int i = 0; i < captions.length; i++) {
      graphics.drawString(captions[i], i * picture.width() + 6, 14);
    }
    graphics.dispose();
    return image;
  }

  /** Angle between the adapted and the unadapted prototype, degrees. */
  private double angle(int prototype) {
    float[] adapted = tensor("prototypes").data();
    float[] before = tensor("unadapted").data();
    double dot = 0;
    for (int d = 0; d < card.features(); d++) {
      int i = prototype * card.features() + d;
      dot += adapted[i] * before[i];
    }
    return Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, dot))));
  }

  private BufferedImage moved() {
    int count = card.prototypes();
    int line = 24;
    BufferedImage image = sheet(SIDE, (count + 2) * line);
    Graphics2D graphics = graphics(image);
    graphics.setColor(Color.BLACK);
    graphics.drawString(
        "angle by which the image moved each prototype; evidence behind it", 10, 16);
    float[] evidence = tensor("evidence").data();
    for (int p = 0; p < count; p++) {
      int y = (p + 1) * line + 8;
      double angle = angle(p);
      graphics.setColor(color(p / card.prototypesPerClass()));
      graphics.fillRect(150, y, (int) Math.round(angle / 180 * (SIDE - 320)), line - 8);
      graphics.setColor(Color.BLACK);
      graphics.drawString(name(p), 10, y + 13);
      graphics.drawString(
          String.format(java.util.Locale.ROOT, "%.1f°   %.2f %%", angle, 100 * evidence[p]),
          SIDE - 150,
          y + 13);
    }
    graphics.dispose();
    return image;
  }

  private BufferedImage embedding() {
    int pixels = rows * columns;
    int samples = Math.min(SAMPLES, pixels);
    int prototypes = card.prototypes();
    Mask mask = winners(tensor("fresh"));
    Random random = new Random(1);
    int[] chosen = random.ints(samples, 0, pixels).toArray();
    float[] plane = new float[2 * (samples + prototypes)];
    try (Mat data = new Mat(samples, card.features(), CV_32F);
        Mat mean = new Mat();
        Mat axes = new Mat()) {
      FloatBuffer buffer = data.createBuffer();
      for (int n : chosen) {
        for (int d = 0; d < card.features(); d++) {
          buffer.put(embeddings[d * pixels + n]);
        }
      }
      PCACompute(data, mean, axes, 2);
      FloatBuffer centre = mean.createBuffer();
      FloatBuffer directions = axes.createBuffer();
      for (int i = 0; i < samples + prototypes; i++) {
        for (int axis = 0; axis < 2; axis++) {
          float sum = 0;
          for (int d = 0; d < card.features(); d++) {
            float value =
                i < samples
                    ? embeddings[d * pixels + chosen[i]]
                    : tensor("prototypes").data()[(i - samples) * card.features() + d];
            sum += (value - centre.get(d)) * directions.get(axis * card.features() + d);
          }
          plane[2 * i + axis] = sum;
        }
      }
    }
    return scatter(plane, chosen, mask, prototypes);
  }

  private BufferedImage scatter(float[] plane, int[] chosen, Mask mask, int prototypes) {
    BufferedImage image = sheet(SIDE, SIDE);
    Graphics2D graphics = graphics(image);
    float largest = 1e-6f;
    for (float value : plane) {
      largest = Math.max(largest, Math.abs(value));
    }
    double scale = (SIDE / 2.0 - MARGIN) / largest;
    for (int i = 0; i < chosen.length + prototypes; i++) {
      int x = across(scale * plane[2 * i]);
      int y = across(-scale * plane[2 * i + 1]);
      if (i < chosen.length) {
        graphics.setColor(color(mask.labels()[chosen[i]] & 0xFF));
        graphics.fillOval(x - 1, y - 1, 3, 3);
      } else {
        int p = i - chosen.length;
        graphics.setColor(color(p / card.prototypesPerClass()));
        graphics.fillOval(x - 7, y - 7, 14, 14);
        graphics.setColor(Color.BLACK);
        graphics.drawOval(x - 7, y - 7, 14, 14);
      }
    }
    List<Rectangle> named = new ArrayList<>();
    for (int p = 0; p < prototypes; p++) {
      int i = chosen.length + p;
      int x = across(scale * plane[2 * i]) + 9;
      int y = across(-scale * plane[2 * i + 1]) + 4;
      Rectangle place = graphics.getFontMetrics().getStringBounds(name(p), graphics).getBounds();
      place.translate(x, y);
      if (named.stream().noneMatch(place::intersects)) { // of a crowd, one is named
        graphics.drawString(name(p), x, y);
        named.add(place);
      }
    }
    graphics.dispose();
    return image;
  }

  /** Pixels from the edge of what lies so far from the middle. */
  private static int across(double fromMiddle) {
    return (int) Math.round(SIDE / 2.0 + fromMiddle);
  }

  private static BufferedImage sheet(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  private static Graphics2D graphics(BufferedImage image) {
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    return graphics;
  }
}
