package io.maskstream.app.model;

import io.maskstream.camera.PictureFiles;
import io.maskstream.camera.VideoWriter;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A made data set of three classes that have nothing to do with streets: boxes and bottles on a
 * moving belt, seen from above. Label pictures have the values of {@link #TABLE}.
 */
final class BeltScene {

  static final String TABLE =
      """
      id: parts
      classes:
        - {name: belt, color: '#404040', group: background, labels: [10]}
        - {name: box, color: '#C08040', group: part, labels: [20, 21]}
        - {name: bottle, color: '#20C060', group: part, labels: [30]}
      """;

  private static final byte[] LABELS = {10, 20, 30};
  private static final int THINGS = 7;
  private static final double BELT_LENGTH = 2.2; // in heights of the picture
  private static final double STEP = 0.03; // of the belt, from frame to frame
  private static final double NOISE = 6;

  private final int width;
  private final int height;
  private final Random random;
  private final Color belt;
  private final double light;
  private final Thing[] things = new Thing[THINGS];

  /** Place and size are in heights of the picture. */
  private record Thing(
      boolean bottle, double x, double y, double turn, double size, double ratio, Color color) {}

  BeltScene(long seed, int width, int height) {
    this.width = width;
    this.height = height;
    this.random = new Random(seed);
    this.light = 0.7 + 0.5 * random.nextDouble();
    this.belt = Color.getHSBColor(random.nextFloat(), 0.12f, 0.25f + 0.2f * random.nextFloat());
    for (int i = 0; i < THINGS; i++) {
      boolean bottle = random.nextBoolean();
      float hue = bottle ? random.nextFloat() : 0.06f + 0.05f * random.nextFloat();
      things[i] =
          new Thing(
              bottle,
              0.15 + (width / (double) height - 0.3) * random.nextDouble(),
              BELT_LENGTH * (i + 0.6 * random.nextDouble()) / THINGS,
              Math.PI * random.nextDouble(),
              0.2 + 0.15 * random.nextDouble(),
              bottle ? 0.3 + 0.1 * random.nextDouble() : 0.6 + 0.4 * random.nextDouble(),
              Color.getHSBColor(hue, bottle ? 0.7f : 0.5f, 0.4f + 0.5f * random.nextFloat()));
    }
  }

  /** A frame; class ids in the ground truth. */
  LabeledPicture at(int frame) {
    BufferedImage colors = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    BufferedImage labels = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D color = colors.createGraphics();
    Graphics2D label = labels.createGraphics();
    color.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    paintBelt(color, frame);
    for (Thing thing : things) {
      paint(thing, frame, color, label);
    }
    color.dispose();
    label.dispose();
    byte[] ids = new byte[width * height];
    byte[] rgb = new byte[3 * ids.length];
    Random noise = new Random(frame);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (byte) labels.getRaster().getSample(i % width, i / width, 0);
      int pixel = colors.getRGB(i % width, i / width);
      for (int c = 0; c < 3; c++) {
        double value = ((pixel >> (16 - 8 * c)) & 0xFF) * light + NOISE * noise.nextGaussian();
        rgb[3 * i + c] = (byte) Math.max(0, Math.min(255, Math.round(value)));
      }
    }
    return new LabeledPicture(new Picture(width, height, rgb), new Mask(width, height, ids));
  }

  private void paintBelt(Graphics2D color, int frame) {
    color.setColor(belt);
    color.fillRect(0, 0, width, height);
    color.setColor(belt.brighter());
    int gap = height / 5;
    for (int y = (int) (frame * STEP * height) % gap - gap; y < height; y += gap) {
      color.fillRect(0, y, width, Math.max(1, height / 90));
    }
  }

  private void paint(Thing thing, int frame, Graphics2D color, Graphics2D label) {
    double y = (thing.y + frame * STEP) % BELT_LENGTH - 0.5;
    AffineTransform place = new AffineTransform();
    place.scale(height, height);
    place.translate(thing.x, y);
    place.rotate(thing.turn);
    double half = thing.size / 2;
    double across = half * thing.ratio;
    Shape body = new Rectangle2D.Double(-half, -across, 2 * half, 2 * across);
    if (thing.bottle) {
      Area area =
          new Area(
              new RoundRectangle2D.Double(-half, -across, half * 1.5, 2 * across, across, across));
      area.add(
          new Area(new Rectangle2D.Double(half * 0.3, -across * 0.4, half * 0.7, across * 0.8)));
      body = area;
    }
    Shape shadow =
        AffineTransform.getTranslateInstance(height * 0.02, height * 0.02)
            .createTransformedShape(place.createTransformedShape(body));
    color.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.4f));
    color.setColor(Color.BLACK);
    color.fill(shadow);
    color.setComposite(AlphaComposite.SrcOver);
    color.setColor(thing.color);
    color.fill(place.createTransformedShape(body));
    color.setColor(thing.bottle ? Color.WHITE : thing.color.darker());
    color.setStroke(new BasicStroke(Math.max(1, height / 60f)));
    double line = thing.bottle ? -half * 0.5 : 0;
    color.draw(
        place.createTransformedShape(
            new Rectangle2D.Double(line, -across * 0.9, half * 0.05, across * 1.8)));
    label.setColor(new Color(thing.bottle ? 2 : 1, thing.bottle ? 2 : 1, thing.bottle ? 2 : 1));
    label.fill(place.createTransformedShape(body));
  }

  /** Writes sequences of frames with label pictures as a split of a data set. */
  static void write(
      Path data, String split, long seed, int sequences, int frames, int width, int height)
      throws IOException {
    Path pictures = Files.createDirectories(data.resolve(split));
    Path groundTruth = Files.createDirectories(data.resolve(split + "annot"));
    for (int s = 0; s < sequences; s++) {
      BeltScene scene = new BeltScene(seed + s, width, height);
      for (int i = 0; i < frames; i++) {
        LabeledPicture frame = scene.at(5 * i);
        String name = "belt%02d_%03d.png".formatted(s, i);
        PictureFiles.writePng(pictures.resolve(name), frame.picture());
        byte[] values = frame.groundTruth().labels().clone();
        for (int n = 0; n < values.length; n++) {
          values[n] = LABELS[values[n]];
        }
        PictureFiles.writeGray(groundTruth.resolve(name), new Mask(width, height, values));
      }
    }
  }

  /** A video of a belt that is in no split. */
  static void writeVideo(Path file, long seed, int frames, int width, int height) throws Exception {
    BeltScene scene = new BeltScene(seed, width, height);
    try (VideoWriter writer = VideoWriter.open(file, width, height, 10)) {
      for (int i = 0; i < frames; i++) {
        writer.write(scene.at(i).picture());
      }
    }
  }

  /** Writes the whole data set of the quickstart and a video: FOLDER. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    write(folder, "train", 100, 20, 8, 480, 360);
    write(folder, "val", 900, 5, 8, 480, 360);
    Files.writeString(folder.resolve("parts.yaml"), TABLE);
    writeVideo(folder.resolve("belt.mp4"), 2000, 100, 480, 360);
  }
}
