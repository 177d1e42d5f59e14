package io.maskstream.synthetic;

import io.maskstream.synthetic.StreetScene.Kind;
import io.maskstream.synthetic.StreetScene.Thing;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.util.Random;

/** Draws what stands and moves in a street. */
final class ThingPainter {
  private final Canvas canvas;
  private final Graphics2D color;

  ThingPainter(Canvas canvas) {
    this.canvas = canvas;
    this.color = canvas.color();
  }

  /** Draws a thing at a distance, metres. */
  void draw(Thing thing, double z, double seconds) {
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
      (int) canvas.screenX(x, z),
      (int) canvas.screenX(x, far),
      (int) canvas.screenX(x, far),
      (int) canvas.screenX(x, z)
    };
    int[] ys = {
      (int) canvas.screenY(thing.height(), z), (int) canvas.screenY(thing.height(), far),
      (int) canvas.screenY(0, far), (int) canvas.screenY(0, z)
    };
    canvas.fill(new Polygon(xs, ys, 4), thing.color(), Kind.BUILDING.classId);
    Polygon front =
        StreetScene.box(
            Math.min(canvas.screenX(x, z), canvas.screenX(x + side * 15, z)),
                canvas.screenY(thing.height(), z),
            Math.max(canvas.screenX(x, z), canvas.screenX(x + side * 15, z)), canvas.screenY(0, z));
    canvas.fill(front, Canvas.darker(thing.color(), 0.8), Kind.BUILDING.classId);
    windows(thing, z, fade);
  }

  private void windows(Thing thing, double z, double fade) {
    color.setColor(new Color(Canvas.darker(thing.style() % 2 == 0 ? 0x2A3440 : 0xC8D2DC, fade)));
    double side = thing.x();
    for (double y = 1; y + 1.4 < thing.height(); y += 2.8) {
      for (double w = 0.8; w + 1 < thing.width(); w += 2.2) {
        double near = z + w;
        double far = near + 1.1;
        int[] xs = {
          (int) canvas.screenX(side, near),
          (int) canvas.screenX(side, far),
          (int) canvas.screenX(side, far),
          (int) canvas.screenX(side, near)
        };
        int[] ys = {
          (int) canvas.screenY(y + 1.4, near),
          (int) canvas.screenY(y + 1.4, far),
          (int) canvas.screenY(y, far),
          (int) canvas.screenY(y, near)
        };
        color.fill(new Polygon(xs, ys, 4));
      }
    }
  }

  private void fence(Thing thing, double z) {
    double far = z + thing.width();
    int[] xs = {
      (int) canvas.screenX(thing.x(), z),
      (int) canvas.screenX(thing.x(), far),
      (int) canvas.screenX(thing.x(), far),
      (int) canvas.screenX(thing.x(), z)
    };
    int[] ys = {
      (int) canvas.screenY(thing.height(), z),
      (int) canvas.screenY(thing.height(), far),
      (int) canvas.screenY(0, far),
      (int) canvas.screenY(0, z)
    };
    canvas.fill(new Polygon(xs, ys, 4), thing.color(), Kind.FENCE.classId);
    color.setColor(new Color(Canvas.darker(thing.color(), 0.6)));
    for (double w = 0; w < thing.width(); w += 0.5) {
      int x = (int) canvas.screenX(thing.x(), z + w);
      color.drawLine(
          x, (int) canvas.screenY(thing.height(), z + w), x, (int) canvas.screenY(0, z + w));
    }
  }

  private void pole(Thing thing, double z) {
    double half = Math.max(thing.width() / 2, 0.6 / canvas.scale(z));
    canvas.fill(
        canvas.box(thing.x() - half, thing.x() + half, thing.height(), 0, z),
        thing.color(),
        Kind.POLE.classId);
    if (thing.style() == 0) {
      double inward = -Math.signum(thing.x()) * 1.2;
      canvas.fill(
          canvas.box(
              Math.min(thing.x(), thing.x() + inward),
              Math.max(thing.x(), thing.x() + inward),
              thing.height(),
              thing.height() - Math.max(0.12, 1.2 / canvas.scale(z)),
              z),
          thing.color(),
          Kind.POLE.classId);
    }
  }

  private void sign(Thing thing, double z) {
    double stick = Math.max(0.04, 0.6 / canvas.scale(z));
    canvas.fill(
        canvas.box(thing.x() - stick, thing.x() + stick, thing.height(), 0, z),
        0x909090,
        Kind.POLE.classId);
    double left = canvas.screenX(thing.x() - thing.width() / 2, z);
    double size = canvas.scale(z) * thing.width();
    double top = canvas.screenY(thing.height(), z);
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
    canvas.fill(plate, thing.color(), Kind.SIGN.classId);
    color.setColor(new Color(0xF0F0F0));
    color.fill(new Ellipse2D.Double(left + size * 0.3, top + size * 0.35, size * 0.4, size * 0.3));
  }

  private void tree(Thing thing, double z) {
    double trunk = Math.max(0.15, 0.7 / canvas.scale(z));
    canvas.fill(
        canvas.box(thing.x() - trunk, thing.x() + trunk, thing.height() * 0.6, 0, z),
        0x4A3A2A,
        Kind.TREE.classId);
    Random random = new Random(thing.style());
    double radius = thing.width() / 2;
    for (int i = 0; i < 26; i++) {
      double angle = 2 * Math.PI * random.nextDouble();
      double r = radius * Math.sqrt(random.nextDouble());
      double x = thing.x() + r * Math.cos(angle);
      double y = thing.height() - radius + 0.9 * r * Math.sin(angle);
      double size = radius * (0.3 + 0.4 * random.nextDouble());
      double left = canvas.screenX(x - size / 2, z);
      double top = canvas.screenY(y + size / 2, z);
      double pixels = canvas.scale(z) * size;
      int shade = Canvas.darker(thing.color(), 0.65 + 0.7 * random.nextDouble());
      canvas.fill(new Ellipse2D.Double(left, top, pixels, pixels), shade, Kind.TREE.classId);
    }
  }

  private void car(Thing thing, double z) {
    double half = thing.width() / 2;
    double roof = thing.height();
    double waist = roof * 0.55;
    color.setColor(new Color(0, 0, 0, 90));
    color.fill(canvas.box(thing.x() - half * 1.1, thing.x() + half * 1.1, 0.12, -0.08, z));
    canvas.fill(
        canvas.box(thing.x() - half, thing.x() + half, waist, 0.2, z),
        thing.color(),
        Kind.CAR.classId);
    Polygon cabin =
        Canvas.quad(
            canvas.screenX(thing.x() - half * 0.75, z),
            canvas.screenX(thing.x() + half * 0.75, z),
            canvas.screenY(roof, z),
            canvas.screenX(thing.x() - half * 0.97, z),
            canvas.screenX(thing.x() + half * 0.97, z),
            canvas.screenY(waist, z));
    canvas.fill(cabin, thing.color(), Kind.CAR.classId);
    Polygon glass =
        Canvas.quad(
            canvas.screenX(thing.x() - half * 0.68, z),
            canvas.screenX(thing.x() + half * 0.68, z),
            canvas.screenY(roof * 0.96, z),
            canvas.screenX(thing.x() - half * 0.85, z),
            canvas.screenX(thing.x() + half * 0.85, z),
            canvas.screenY(waist * 1.03, z));
    canvas.fill(glass, 0x303840, Kind.CAR.classId);
    for (int side = -1; side <= 1; side += 2) {
      double wheel = thing.x() + side * half * 0.78;
      canvas.fill(canvas.box(wheel - 0.14, wheel + 0.14, 0.35, 0, z), 0x181818, Kind.CAR.classId);
      color.setColor(new Color(thing.speed() < 0 ? 0xF5F0D0 : 0xB01818));
      double lamp = thing.x() + side * half * 0.8;
      color.fill(canvas.box(lamp - 0.14, lamp + 0.14, waist * 0.85, waist * 0.65, z));
    }
  }

  private void person(Thing thing, double z, double seconds, int classId) {
    double h = thing.height();
    double swing = 0.18 * Math.sin(seconds * 7 + thing.style());
    int trousers = Canvas.darker(thing.color() ^ 0x5A5A5A, 0.6);
    limb(thing.x(), h * 0.5, thing.x() + swing, 0, 0.14, z, trousers, classId);
    limb(thing.x(), h * 0.5, thing.x() - swing, 0, 0.14, z, trousers, classId);
    canvas.fill(
        canvas.box(thing.x() - 0.22, thing.x() + 0.22, h * 0.85, h * 0.45, z),
        thing.color(),
        classId);
    double size = canvas.scale(z) * 0.24;
    canvas.fill(
        new Ellipse2D.Double(
            canvas.screenX(thing.x(), z) - size / 2,
            canvas.screenY(h, z),
            size,
            canvas.scale(z) * 0.28),
        thing.style() % 3 == 0 ? 0x8A5A40 : 0xDDB090,
        classId);
  }

  private void bicyclist(Thing thing, double z, double seconds) {
    double wheel = canvas.scale(z) * 0.66;
    for (int side = -1; side <= 1; side += 2) {
      Ellipse2D outline =
          new Ellipse2D.Double(
              canvas.screenX(thing.x() + side * 0.35, z) - wheel / 2,
              canvas.screenY(0.66, z),
              wheel,
              wheel);
      Shape tyre = new BasicStroke((float) Math.max(1.5, wheel * 0.1)).createStrokedShape(outline);
      canvas.fill(tyre, 0x202020, Kind.BICYCLIST.classId);
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
    canvas.fill(
        Canvas.quad(
            canvas.screenX(x1 - half, z),
            canvas.screenX(x1 + half, z),
            canvas.screenY(y1, z),
            canvas.screenX(x2 - half, z),
            canvas.screenX(x2 + half, z),
            canvas.screenY(y2, z)),
        rgb,
        classId);
  }
}
