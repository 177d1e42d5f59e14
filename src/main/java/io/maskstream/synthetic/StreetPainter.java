package io.maskstream.synthetic;

import io.maskstream.synthetic.StreetScene.Thing;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;

/**
 * Draws one moment of a scene twice: in colour and, with the same shapes, in class ids.
 *
 * <p>Far things are drawn first.
 */
final class StreetPainter {
  private static final int SKY = 0;
  private static final int ROAD = 3;
  private static final int PAVEMENT = 4;
  private static final int BUILDING = 1;
  private static final int TREE = 5;

  /** Nearest and farthest distance drawn, metres. */
  private static final double NEAR = 2.5;

  private static final double FAR = 70;

  /** Speed of the camera, metres a second. */
  private static final double SPEED = 5;

  private final StreetScene scene;
  private final BufferedImage labelImage;
  private final Canvas canvas;
  private final Graphics2D color;
  private final int width;
  private final int height;
  private final double horizon;
  private final double seconds;

  private StreetPainter(
      StreetScene scene, BufferedImage colors, BufferedImage labels, double seconds) {
    this.scene = scene;
    this.labelImage = labels;
    this.width = colors.getWidth();
    this.height = colors.getHeight();
    this.seconds = seconds;
    this.horizon = height * (0.45 + 0.01 * Math.sin(seconds * 2.1)); // the car pitches and sways
    double centre = width * (0.5 + 0.02 * Math.sin(seconds * 0.7));
    this.canvas = new Canvas(colors, labels, horizon, centre);
    this.color = canvas.color();
  }

  /**
   * Draws a moment.
   *
   * @param labels TYPE_INT_RGB; class ids go to its blue
   * @param seconds since the start of the drive
   */
  static void paint(StreetScene scene, BufferedImage colors, BufferedImage labels, double seconds) {
    StreetPainter painter = new StreetPainter(scene, colors, labels, seconds);
    try (Canvas canvas = painter.canvas) {
      painter.background(seconds * SPEED);
      painter.things(new ThingPainter(canvas));
    }
  }

  private void things(ThingPainter painter) {
    double travelled = seconds * SPEED;
    scene.things().stream()
        .map(thing -> new Placed(thing, distance(thing, seconds, travelled)))
        .filter(placed -> placed.distance > NEAR && placed.distance < FAR)
        .sorted(Comparator.comparingDouble((Placed placed) -> placed.distance).reversed())
        .forEach(placed -> painter.draw(placed.thing, placed.distance, seconds));
  }

  private record Placed(Thing thing, double distance) {}

  /** Distance ahead of the camera; the street repeats, and moving things go round with it. */
  private static double distance(Thing thing, double seconds, double travelled) {
    double ahead = thing.z() + thing.speed() * seconds - travelled;
    return ahead - StreetScene.LENGTH * Math.floor((ahead + 10) / StreetScene.LENGTH);
  }

  private void background(double travelled) {
    StreetScene.Look look = scene.look();
    color.setPaint(
        new GradientPaint(
            0, 0, new Color(look.sky()), 0, (float) horizon, new Color(look.horizon())));
    color.fillRect(0, 0, width, height);
    Arrays.fill(((DataBufferInt) labelImage.getRaster().getDataBuffer()).getData(), SKY);
    skyline();
    double edge = scene.roadHalf() + scene.pavementWidth();
    canvas.fill(ground(-40, 40), Canvas.darker(look.pavement(), 0.9), PAVEMENT);
    canvas.fill(ground(-edge, edge), look.pavement(), PAVEMENT);
    canvas.fill(ground(-scene.roadHalf(), scene.roadHalf()), look.road(), ROAD);
    kerbsAndMarkings(travelled, look);
  }

  /** Far buildings and trees close the street at the horizon. */
  private void skyline() {
    Random random = new Random(scene.skylineSeed());
    double x = -20;
    while (x < width) {
      double w = width * (0.03 + 0.1 * random.nextDouble());
      double h = height * (0.02 + 0.12 * random.nextDouble());
      boolean tree = random.nextInt(3) == 0;
      int shade = tree ? 0x4A6A44 : 0x8A8078 + 0x040404 * random.nextInt(8);
      canvas.fill(
          StreetScene.box(x, horizon - h, x + w, horizon + 2), shade, tree ? TREE : BUILDING);
      x += w;
    }
  }

  private Polygon ground(double left, double right) {
    double near = 0.6;
    return Canvas.quad(
        canvas.screenX(left, FAR),
        canvas.screenX(right, FAR),
        canvas.screenY(0, FAR),
        canvas.screenX(left, near),
        canvas.screenX(right, near),
        canvas.screenY(0, near));
  }

  private void kerbsAndMarkings(double travelled, StreetScene.Look look) {
    color.setColor(new Color(Canvas.darker(look.pavement(), 1.25)));
    for (int side = -1; side <= 1; side += 2) {
      double kerb = side * scene.roadHalf();
      color.fill(ground(kerb - 0.08, kerb + 0.08));
    }
    color.setColor(new Color(Canvas.darker(look.road(), 1.9)));
    double phase = travelled % 6;
    for (double z = 6 - phase; z < FAR; z += 6) {
      double near = Math.max(z, 1.2);
      double far = z + 2.5;
      color.fill(
          Canvas.quad(
              canvas.screenX(-0.08, far),
              canvas.screenX(0.08, far),
              canvas.screenY(0, far),
              canvas.screenX(-0.08, near),
              canvas.screenX(0.08, near),
              canvas.screenY(0, near)));
    }
  }
}
