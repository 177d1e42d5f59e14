package io.maskstream.synthetic;

import java.awt.Polygon;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What stands in a street and how it looks: everything about a scene that stays until the next cut.
 *
 * <p>Places are in metres: x to the right of the camera's path, y up from the road, z along it. The
 * street repeats every {@link #LENGTH} metres.
 *
 * @param roadHalf half the width of the road
 * @param pavementWidth width of each pavement
 * @param look colours and light of the scene
 * @param things everything that stands or moves, in no order
 * @param skylineSeed of the houses and trees at the horizon
 */
record StreetScene(
    double roadHalf, double pavementWidth, Look look, List<Thing> things, long skylineSeed) {

  /** Length after which the street repeats, in metres. */
  static final double LENGTH = 120;

  /** Kinds of things, with the id of their class in the CamVid table. */
  enum Kind {
    BUILDING(1),
    POLE(2),
    TREE(5),
    SIGN(6),
    FENCE(7),
    CAR(8),
    PEDESTRIAN(9),
    BICYCLIST(10);

    final int classId;

    Kind(int classId) {
      this.classId = classId;
    }
  }

  /**
   * Colours and light.
   *
   * @param sky at the zenith, 0xRRGGBB
   * @param horizon sky at the horizon
   * @param light brightness, 1 = noon
   * @param warmth -1 (blue) to 1 (yellow)
   * @param contrast 1 = as drawn
   */
  record Look(
      int sky, int horizon, int road, int pavement, double light, double warmth, double contrast) {}

  /**
   * Something in the street.
   *
   * @param x metres right of the path
   * @param z metres along the street at time 0
   * @param width metres
   * @param height metres
   * @param speed metres a second along the street
   * @param color main colour, 0xRRGGBB
   * @param style shape variant, any number
   */
  record Thing(
      Kind kind,
      double x,
      double z,
      double width,
      double height,
      double speed,
      int color,
      int style) {}

  /** A random street. */
  static StreetScene random(Random random) {
    double roadHalf = 3 + 3 * random.nextDouble();
    double pavement = 1.5 + 2 * random.nextDouble();
    List<Thing> things = new ArrayList<>();
    for (int side = -1; side <= 1; side += 2) {
      buildings(random, things, side * (roadHalf + pavement));
      furniture(random, things, side, roadHalf, pavement);
    }
    traffic(random, things, roadHalf);
    Look look = look(random);
    return new StreetScene(roadHalf, pavement, look, List.copyOf(things), random.nextLong());
  }

  private static Look look(Random random) {
    boolean overcast = random.nextInt(3) == 0;
    int sky = overcast ? gray(random, 170, 60) : rgb(random, 70, 50, 110, 60, 180, 70);
    int horizon = overcast ? gray(random, 200, 50) : rgb(random, 170, 60, 190, 50, 210, 40);
    int road = gray(random, 60, 70);
    int pavement = rgb(random, 105, 70, 100, 65, 95, 65);
    return new Look(
        sky,
        horizon,
        road,
        pavement,
        0.45 + 0.75 * random.nextDouble(),
        random.nextDouble() * 2 - 1,
        0.7 + 0.6 * random.nextDouble());
  }

  private static void buildings(Random random, List<Thing> things, double edge) {
    double z = 0;
    while (z < LENGTH) {
      double width = 6 + 12 * random.nextDouble();
      if (random.nextDouble() < 0.8) {
        int color = rgb(random, 90, 120, 75, 110, 60, 110);
        double setback = Math.signum(edge) * 3 * random.nextDouble();
        double height = 4 + 12 * random.nextDouble();
        things.add(
            new Thing(
                Kind.BUILDING, edge + setback, z, width, height, 0, color, random.nextInt(8)));
      } else if (random.nextBoolean()) {
        int color = rgb(random, 70, 120, 65, 100, 55, 90);
        things.add(
            new Thing(
                Kind.FENCE, edge, z, width, 1 + random.nextDouble(), 0, color, random.nextInt(3)));
      }
      z += width;
    }
  }

  private static void furniture(
      Random random, List<Thing> things, int side, double roadHalf, double pavement) {
    double kerb = side * (roadHalf + 0.4);
    for (double z = 3 * random.nextDouble(); z < LENGTH; z += 4 + 9 * random.nextDouble()) {
      double draw = random.nextDouble();
      if (draw < 0.3) {
        int color = gray(random, 50, 90);
        things.add(
            new Thing(
                Kind.POLE,
                kerb,
                z,
                0.12 + 0.14 * random.nextDouble(),
                4 + 4 * random.nextDouble(),
                0,
                color,
                random.nextInt(4)));
      } else if (draw < 0.5) {
        int color = signColor(random);
        things.add(
            new Thing(
                Kind.SIGN,
                kerb,
                z,
                0.6 + 0.5 * random.nextDouble(),
                2.2 + 1.2 * random.nextDouble(),
                0,
                color,
                random.nextInt(3)));
      } else if (draw < 0.85) {
        int color = rgb(random, 30, 70, 60, 80, 20, 50);
        things.add(
            new Thing(
                Kind.TREE,
                kerb + side * pavement * random.nextDouble(),
                z,
                2 + 4 * random.nextDouble(),
                4 + 6 * random.nextDouble(),
                0,
                color,
                random.nextInt(1000)));
      }
    }
    int people = random.nextInt(6);
    for (int i = 0; i < people; i++) {
      int color = rgb(random, 20, 190, 20, 190, 20, 190);
      double x = side * (roadHalf + 0.5 + (pavement - 0.7) * random.nextDouble());
      things.add(
          new Thing(
              Kind.PEDESTRIAN,
              x,
              LENGTH * random.nextDouble(),
              0.6,
              1.5 + 0.4 * random.nextDouble(),
              3 * random.nextDouble() - 1.5,
              color,
              random.nextInt(1000)));
    }
  }

  private static void traffic(Random random, List<Thing> things, double roadHalf) {
    int parked = random.nextInt(6);
    for (int i = 0; i < parked; i++) {
      int side = random.nextBoolean() ? 1 : -1;
      things.add(car(random, side * (roadHalf - 1), LENGTH * random.nextDouble(), 0));
    }
    int moving = 1 + random.nextInt(4);
    for (int i = 0; i < moving; i++) {
      boolean oncoming = random.nextBoolean();
      double speed = (oncoming ? -1 : 1) * (4 + 6 * random.nextDouble());
      double x = (oncoming ? -1 : 1) * roadHalf * (0.3 + 0.15 * random.nextDouble());
      things.add(car(random, x, LENGTH * random.nextDouble(), speed));
    }
    int riders = random.nextInt(4);
    for (int i = 0; i < riders; i++) {
      int side = random.nextBoolean() ? 1 : -1;
      int color = rgb(random, 20, 200, 20, 200, 20, 200);
      things.add(
          new Thing(
              Kind.BICYCLIST,
              side * (roadHalf - 0.6 - random.nextDouble()),
              LENGTH * random.nextDouble(),
              0.7,
              1.7,
              side * (2 + 3 * random.nextDouble()),
              color,
              random.nextInt(1000)));
    }
  }

  private static Thing car(Random random, double x, double z, double speed) {
    int color =
        random.nextInt(3) == 0 ? gray(random, 20, 220) : rgb(random, 20, 200, 20, 160, 20, 190);
    double height = 1.35 + 0.5 * random.nextDouble() + (random.nextInt(6) == 0 ? 0.8 : 0);
    return new Thing(
        Kind.CAR,
        x,
        z,
        1.7 + 0.3 * random.nextDouble(),
        height,
        speed,
        color,
        random.nextInt(1000));
  }

  private static int signColor(Random random) {
    int[] usual = {0xC81E1E, 0x1E46B4, 0xE6E6E6, 0xE6C81E, 0x1E8C3C};
    return usual[random.nextInt(usual.length)];
  }

  private static int gray(Random random, int low, int range) {
    int v = low + random.nextInt(range);
    return v << 16 | v << 8 | v;
  }

  private static int rgb(Random random, int r, int rRange, int g, int gRange, int b, int bRange) {
    return (r + random.nextInt(rRange)) << 16
        | (g + random.nextInt(gRange)) << 8
        | (b + random.nextInt(bRange));
  }

  /** A rectangle as a polygon, for shapes that are all drawn alike. */
  static Polygon box(double left, double top, double right, double bottom) {
    int[] xs = {(int) left, (int) right, (int) right, (int) left};
    int[] ys = {(int) top, (int) top, (int) bottom, (int) bottom};
    return new Polygon(xs, ys, 4);
  }
}
