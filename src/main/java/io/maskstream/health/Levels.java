package io.maskstream.health;

import io.maskstream.prototype.SceneSignature;

/**
 * What is usual for a camera: running means over minutes.
 *
 * @param samples pictures that they were learned from
 * @param flat share of cells without texture
 * @param sharpness see {@link PictureStats}
 * @param scene cells of the {@link SceneSignature}; shared, only read
 */
public record Levels(long samples, double flat, double sharpness, float[] scene) {

  /** Time after which a lasting change is learned to about two thirds, milliseconds. */
  private static final double MEMORY_MILLIS = 300_000;

  /** Pictures before the values count. */
  private static final int ENOUGH = 10;

  static Levels of(PictureStats stats) {
    return new Levels(1, stats.flat(), stats.sharpness(), stats.signature().cells());
  }

  /** The levels after another picture, this many milliseconds later. */
  Levels with(PictureStats stats, long elapsedMillis) {
    double gain =
        Math.max(1.0 / (samples + 1), 1 - Math.exp(-Math.max(0, elapsedMillis) / MEMORY_MILLIS));
    float[] cells = stats.signature().cells();
    for (int c = 0; c < cells.length; c++) {
      cells[c] = (float) (scene[c] + gain * (cells[c] - scene[c]));
    }
    return new Levels(
        samples + 1,
        flat + gain * (stats.flat() - flat),
        sharpness + gain * (stats.sharpness() - sharpness),
        cells);
  }

  boolean learned() {
    return samples >= ENOUGH;
  }

  /** How far a picture is from the usual scene, 0 to 2. */
  double distance(PictureStats stats) {
    double squares = 0;
    for (float cell : scene) {
      squares += (double) cell * cell;
    }
    float[] unit = scene.clone(); // a mean of signatures has less than unit deviation
    double scale = squares > 0 ? Math.sqrt(unit.length / squares) : 0;
    for (int c = 0; c < unit.length; c++) {
      unit[c] = (float) (unit[c] * scale);
    }
    return new SceneSignature(unit).distance(stats.signature());
  }
}
