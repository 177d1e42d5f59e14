package io.maskstream.synthetic;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.image.BufferedImage;

/**
 * What a moment is drawn on: a picture in colour and, with the same shapes, one in class ids, seen
 * by a pinhole camera {@link #EYE} metres above the road that looks along it.
 */
final class Canvas implements AutoCloseable {

  /** Height of the camera, metres. */
  private static final double EYE = 1.4;

  private final Graphics2D color;
  private final Graphics2D label;
  private final double focal;
  private final double horizon;
  private final double centre;

  /**
   * A canvas over two images of one size.
   *
   * @param labels TYPE_INT_RGB; class ids go to its blue
   * @param horizon row of the horizon, pixels
   * @param centre column of the path, pixels
   */
  Canvas(BufferedImage colors, BufferedImage labels, double horizon, double centre) {
    this.focal = 0.9 * colors.getWidth();
    this.horizon = horizon;
    this.centre = centre;
    this.color = colors.createGraphics();
    this.label = labels.createGraphics();
    label.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_OFF);
  }

  /** The picture alone, for details without a class of their own. */
  Graphics2D color() {
    return color;
  }

  /** Pixels a metre at a distance, metres. */
  double scale(double z) {
    return focal / z;
  }

  double screenX(double x, double z) {
    return centre + focal * x / z;
  }

  double screenY(double y, double z) {
    return horizon + focal * (EYE - y) / z;
  }

  /** A quadrilateral with horizontal top and bottom. */
  static Polygon quad(
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

  Polygon box(double left, double right, double top, double bottom, double z) {
    return StreetScene.box(
        screenX(left, z), screenY(top, z), Math.ceil(screenX(right, z)), screenY(bottom, z));
  }

  void fill(Shape shape, int rgb, int classId) {
    color.setPaint(new Color(rgb));
    color.fill(shape);
    label.setColor(new Color(classId));
    label.fill(shape);
  }

  static int darker(int rgb, double factor) {
    int r = (int) Math.min(255, (rgb >> 16 & 0xFF) * factor);
    int g = (int) Math.min(255, (rgb >> 8 & 0xFF) * factor);
    int b = (int) Math.min(255, (rgb & 0xFF) * factor);
    return r << 16 | g << 8 | b;
  }

  @Override
  public void close() {
    color.dispose();
    label.dispose();
  }
}
