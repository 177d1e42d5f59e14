package io.maskstream.synthetic;

import io.maskstream.synthetic.StreetScene.Kind;
import io.maskstream.synthetic.StreetScene.Thing;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;

/**
 * Draws one moment of a scene twice: in colour and, with the same shapes, in class ids.
 *
 * <p>The camera is a pinhole {@link #EYE} metres above the road that looks along it; far things are
 * drawn first.
 */
final class StreetPainter {
  private static final int SKY = 0;
  private static final int ROAD = 3;
  private static final int PAVEMENT = 4;
  private static final int BUILDING = 1;
  private static final int TREE = 5;

  /** Height of the camera, metres. */
  private static final double EYE = 1.4;

  /** Nearest and farthest distance drawn, metres. */
  private static final double NEAR = 2.5;

  private static final double FAR = 70;

  /** Speed of the camera, metres a second. */
  private static final double SPEED = 5;

  private final StreetScene scene;
  private final BufferedImage labelImage;
  private final Graphics2D color;
  private final Graphics2D label;
  private final int width;
  private final int height;
  private final double focal;
  private double horizon;
  private double centre;

  StreetPainter(StreetScene scene, BufferedImage colors, BufferedImage labels) {
    this.scene = scene;
    this.labelImage = labels;
    this.width = colors.getWidth();
    this.height = colors.getHeight();
    this.focal = 0.9 * width;
    this.color = colors.createGraphics();
    this.label = labels.createGraphics();
    label.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_OFF);
  }

  void paint(double seconds) {
    horizon = height * (0.45 + 0.01 * Math.sin(seconds * 2.1));
    centre = width * (0.5 + 0.02 * Math.sin(seconds * 0.7));
    double travelled = seconds * SPEED;
    background(travelled);
    scene.things().stream()
        .map(thing -> new Placed(thing, distance(thing, seconds, travelled)))
        .filter(placed -> placed.distance > NEAR && placed.distance < FAR)
        .sorted(Comparator.comparingDouble((Placed placed) -> placed.distance).reversed())
        .forEach(placed -> draw(placed.thing, placed.distance, seconds));
    color.dispose();
    label.dispose();
  }

  private record Placed(Thing thing, double distance) {}

  /** Distance ahead of the camera; the street repeats, and moving things go round with it. */
  private static double distance(Thing thing, double seconds, double travelled) {
    double ahead = thing.z() + thing.speed() * seconds - travelled;
    return ahead - StreetScene.LENGTH * Math.floor((ahead + 10) / StreetScene.LENGTH);
  }

  private double screenX(double x, double z) {
    return centre + focal * x / z;
  }

  private double screenY(double y, double z) {
    return horizon + focal * (EYE - y) / z;
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
    fill(ground(-40, 40), darker(look.pavement(), 0.9), PAVEMENT);
    fill(ground(-edge, edge), look.pavement(), PAVEMENT);
    fill(ground(-scene.roadHalf(), scene.roadHalf()), look.road(), ROAD);
    kerbsAndMarkings(travelled, look);
  }

  /** Far buildings and trees close the street at the horizon. */
  private void skyline() {
    Random random = new Random(scene.hashCode());
    double x = -20;
    while (x < width) {
      double w = width * (0.03 + 0.1 * random.nextDouble());
      double h = height * (0.02 + 0.12 * random.nextDouble());
      boolean tree = random.nextInt(3) == 0;
      int shade = tree ? 0x4A6A44 : 0x8A8078 + 0x040404 * random.nextInt(8);
      fill(StreetScene.box(x, horizon - h, x + w, horizon + 2), shade, tree ? TREE : BUILDING);
      x += w;
    }
  }

  private Polygon ground(double left, double right) {
    double near = 0.6;
    return quad(
        screenX(left, FAR),
        screenX(right, FAR),
        screenY(0, FAR),
        screenX(left, near),
        screenX(right, near),
        screenY(0, near));
  }

  /** A quadrilateral with horizontal top and bottom. */
  private static Polygon quad(
      double topLeft,
      double topRight,
      double top,
      double bottomLeft,
      double bottomRight,
      double bottom) {
    int[] xs = {(int) topLeft, (int) topRight, (int) bottomRight, (int) bottomLeft};
    int[] ys = {(int) top, (int) top, (int) bottom, (int) bottom};
    return new Polygon(xs, ys, 4);
  }

  private void kerbsAndMarkings(double travelled, StreetScene.Look look) {
    color.setColor(new Color(darker(look.pavement(), 1.25)));
    for (int side = -1; side <= 1; side += 2) {
      double kerb = side * scene.roadHalf();
      color.fill(ground(kerb - 0.08, kerb + 0.08));
    }
    color.setColor(new Color(darker(look.road(), 1.9)));
    double phase = travelled % 6;
    for (double z = 6 - phase; z < FAR; z += 6) {
      double near = Math.max(z, 1.2);
      double far = z + 2.5;
      color.fill(
          quad(
              screenX(-0.08, far),
              screenX(0.08, far),
              screenY(0, far),
              screenX(-0.08, near),
              screenX(0.08, near),
              screenY(0, near)));
    }
  }

  private void draw(Thing thing, double z, double seconds) {
    double fade = Math.min(1, 0.25 + 10 / z);
    switch (thing.kind()) {
      case BUILDING -> building(thing, z, fade);
      case FENCE -> fence(thing, z);
      case POLE -> pole(thing, z);
      case SIGN -> sign(thing, z);
      case TREE -> tree(thing, z);
      case CAR -> car(thing, z);
      case PEDESTRIAN -> person(thing, z, seconds, Kind.PEDESTRIAN.classId);
      case BICYCLIST -> bicyclist(thing, z, seconds);
    }
  }

  /** A house: the wall along the street and the front that faces the camera. */
  private void building(Thing thing, double z, double fade) {
    double side = Math.signum(thing.x());
    double far = z + thing.width();
    double x = thing.x();
    int[] xs = {
      (int) screenX(x, z), (int) screenX(x, far), (int) screenX(x, far), (int) screenX(x, z)
    };
    int[] ys = {
      (int) screenY(thing.height(), z), (int) screenY(thing.height(), far),
      (int) screenY(0, far), (int) screenY(0, z)
    };
    fill(new Polygon(xs, ys, 4), thing.color(), BUILDING);
    Polygon front =
        StreetScene.box(
            Math.min(screenX(x, z), screenX(x + side * 15, z)), screenY(thing.height(), z),
            Math.max(screenX(x, z), screenX(x + side * 15, z)), screenY(0, z));
    fill(front, darker(thing.color(), 0.8), BUILDING);
    windows(thing, z, fade);
  }

  private void windows(Thing thing, double z, double fade) {
    color.setColor(new Color(darker(thing.style() % 2 == 0 ? 0x2A3440 : 0xC8D2DC, fade)));
    double side = thing.x();
    for (double y = 1; y + 1.4 < thing.height(); y += 2.8) {
      for (double w = 0.8; w + 1 < thing.width(); w += 2.2) {
        double near = z + w;
        double far = near + 1.1;
        int[] xs = {
          (int) screenX(side, near),
          (int) screenX(side, far),
          (int) screenX(side, far),
          (int) screenX(side, near)
        };
        int[] ys = {
          (int) screenY(y + 1.4, near),
          (int) screenY(y + 1.4, far),
          (int) screenY(y, far),
          (int) screenY(y, near)
        };
        color.fill(new Polygon(xs, ys, 4));
      }
    }
  }

  private void fence(Thing thing, double z) {
    double far = z + thing.width();
    int[] xs = {
      (int) screenX(thing.x(), z),
      (int) screenX(thing.x(), far),
      (int) screenX(thing.x(), far),
      (int) screenX(thing.x(), z)
    };
    int[] ys = {
      (int) screenY(thing.height(), z),
      (int) screenY(thing.height(), far),
      (int) screenY(0, far),
      (int) screenY(0, z)
    };
    fill(new Polygon(xs, ys, 4), thing.color(), Kind.FENCE.classId);
    color.setColor(new Color(darker(thing.color(), 0.6)));
    for (double w = 0; w < thing.width(); w += 0.5) {
      int x = (int) screenX(thing.x(), z + w);
      color.drawLine(x, (int) screenY(thing.height(), z + w), x, (int) screenY(0, z + w));
    }
  }

  private void pole(Thing thing, double z) {
    double half = Math.max(thing.width() / 2, 0.6 * z / focal);
    fill(
        box(thing.x() - half, thing.x() + half, thing.height(), 0, z),
        thing.color(),
        Kind.POLE.classId);
    if (thing.style() == 0) {
      double inward = -Math.signum(thing.x()) * 1.2;
      fill(
          box(
              Math.min(thing.x(), thing.x() + inward),
              Math.max(thing.x(), thing.x() + inward),
              thing.height(),
              thing.height() - Math.max(0.12, 1.2 * z / focal),
              z),
          thing.color(),
          Kind.POLE.classId);
    }
  }

  private void sign(Thing thing, double z) {
    double stick = Math.max(0.04, 0.6 * z / focal);
    fill(
        box(thing.x() - stick, thing.x() + stick, thing.height(), 0, z),
        0x909090,
        Kind.POLE.classId);
    double left = screenX(thing.x() - thing.width() / 2, z);
    double size = focal * thing.width() / z;
    double top = screenY(thing.height(), z);
    Shape plate =
        switch (thing.style()) {
          case 0 -> new Ellipse2D.Double(left, top, size, size);
          case 1 -> StreetScene.box(left, top, left + size, top + size * 0.8);
          default ->
              new Polygon(
                  new int[] {(int) left, (int) (left + size), (int) (left + size / 2)},
                  new int[] {(int) (top + size), (int) (top + size), (int) top},
                  3);
        };
    fill(plate, thing.color(), Kind.SIGN.classId);
    color.setColor(new Color(0xF0F0F0));
    color.fill(new Ellipse2D.Double(left + size * 0.3, top + size * 0.35, size * 0.4, size * 0.3));
  }

  private void tree(Thing thing, double z) {
    double trunk = Math.max(0.15, 0.7 * z / focal);
    fill(box(thing.x() - trunk, thing.x() + trunk, thing.height() * 0.6, 0, z), 0x4A3A2A, TREE);
    Random random = new Random(thing.style());
    double radius = thing.width() / 2;
    for (int i = 0; i < 26; i++) {
      double angle = 2 * Math.PI * random.nextDouble();
      double r = radius * Math.sqrt(random.nextDouble());
      double x = thing.x() + r * Math.cos(angle);
      double y = thing.height() - radius + 0.9 * r * Math.sin(angle);
      double size = radius * (0.3 + 0.4 * random.nextDouble());
      double left = screenX(x - size / 2, z);
      double top = screenY(y + size / 2, z);
      double pixels = focal * size / z;
      int shade = darker(thing.color(), 0.65 + 0.7 * random.nextDouble());
      fill(new Ellipse2D.Double(left, top, pixels, pixels), shade, TREE);
    }
  }

  private void car(Thing thing, double z) {
    double half = thing.width() / 2;
    double roof = thing.height();
    double waist = roof * 0.55;
    color.setColor(new Color(0, 0, 0, 90));
    color.fill(box(thing.x() - half * 1.1, thing.x() + half * 1.1, 0.12, -0.08, z));
    fill(box(thing.x() - half, thing.x() + half, waist, 0.2, z), thing.color(), Kind.CAR.classId);
    Polygon cabin =
        quad(
            screenX(thing.x() - half * 0.75, z),
            screenX(thing.x() + half * 0.75, z),
            screenY(roof, z),
            screenX(thing.x() - half * 0.97, z),
            screenX(thing.x() + half * 0.97, z),
            screenY(waist, z));
    fill(cabin, thing.color(), Kind.CAR.classId);
    Polygon glass =
        quad(
            screenX(thing.x() - half * 0.68, z),
            screenX(thing.x() + half * 0.68, z),
            screenY(roof * 0.96, z),
            screenX(thing.x() - half * 0.85, z),
            screenX(thing.x() + half * 0.85, z),
            screenY(waist * 1.03, z));
    fill(glass, 0x303840, Kind.CAR.classId);
    for (int side = -1; side <= 1; side += 2) {
      double wheel = thing.x() + side * half * 0.78;
      fill(box(wheel - 0.14, wheel + 0.14, 0.35, 0, z), 0x181818, Kind.CAR.classId);
      color.setColor(new Color(thing.speed() < 0 ? 0xF5F0D0 : 0xB01818));
      double lamp = thing.x() + side * half * 0.8;
      color.fill(box(lamp - 0.14, lamp + 0.14, waist * 0.85, waist * 0.65, z));
    }
  }

  private void person(Thing thing, double z, double seconds, int classId) {
    double h = thing.height();
    double swing = 0.18 * Math.sin(seconds * 7 + thing.style());
    int trousers = darker(thing.color() ^ 0x5A5A5A, 0.6);
    limb(thing.x(), h * 0.5, thing.x() + swing, 0, 0.14, z, trousers, classId);
    limb(thing.x(), h * 0.5, thing.x() - swing, 0, 0.14, z, trousers, classId);
    fill(box(thing.x() - 0.22, thing.x() + 0.22, h * 0.85, h * 0.45, z), thing.color(), classId);
    double size = focal * 0.24 / z;
    fill(
        new Ellipse2D.Double(
            screenX(thing.x(), z) - size / 2, screenY(h, z), size, focal * 0.28 / z),
        thing.style() % 3 == 0 ? 0x8A5A40 : 0xDDB090,
        classId);
  }

  private void bicyclist(Thing thing, double z, double seconds) {
    double wheel = focal * 0.66 / z;
    for (int side = -1; side <= 1; side += 2) {
      Ellipse2D outline =
          new Ellipse2D.Double(
              screenX(thing.x() + side * 0.35, z) - wheel / 2, screenY(0.66, z), wheel, wheel);
      Shape tyre = new BasicStroke((float) Math.max(1.5, wheel * 0.1)).createStrokedShape(outline);
      fill(tyre, 0x202020, Kind.BICYCLIST.classId);
    }
    limb(
        thing.x() - 0.35,
        0.35,
        thing.x() + 0.3,
        0.75,
        0.08,
        z,
        thing.color() ^ 0x3C3C3C,
        Kind.BICYCLIST.classId);
    person(thing, z, seconds, Kind.BICYCLIST.classId);
  }

  /** A thick line between two points of the plane at distance z. */
  private void limb(
      double x1,
      double y1,
      double x2,
      double y2,
      double thickness,
      double z,
      int rgb,
      int classId) {
    double half = thickness / 2;
    fill(
        quad(
            screenX(x1 - half, z),
            screenX(x1 + half, z),
            screenY(y1, z),
            screenX(x2 - half, z),
            screenX(x2 + half, z),
            screenY(y2, z)),
        rgb,
        classId);
  }

  private Polygon box(double left, double right, double top, double bottom, double z) {
    return StreetScene.box(
        screenX(left, z), screenY(top, z), Math.ceil(screenX(right, z)), screenY(bottom, z));
  }

  private void fill(Shape shape, int rgb, int classId) {
    color.setPaint(new Color(rgb));
    color.fill(shape);
    label.setColor(new Color(classId));
    label.fill(shape);
  }

  private static int darker(int rgb, double factor) {
    int r = (int) Math.min(255, (rgb >> 16 & 0xFF) * factor);
    int g = (int) Math.min(255, (rgb >> 8 & 0xFF) * factor);
    int b = (int) Math.min(255, (rgb & 0xFF) * factor);
    return r << 16 | g << 8 | b;
  }
}
