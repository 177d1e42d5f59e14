package io.maskstream.synthetic;

import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.time.Duration;
import java.util.Random;

/**
 * An endless drive through synthetic streets, with a true class for every pixel in CamVid's 11
 * classes.
 *
 * <p>A frame depends on seed, size and time alone, so any frame can be drawn at any place: the
 * camera draws the picture, and whoever checks the masks draws the ground truth. There is a scene
 * cut every {@link #SCENE}; within a scene things move, the light changes slowly and the sensor
 * adds noise. Not safe for use by several threads.
 */
public final class SyntheticStreet {

  /** Time between two scene cuts. */
  public static final Duration SCENE = Duration.ofSeconds(12);

  private static final int NOISE_LENGTH = 1 << 16;
  private static final double NOISE_SIGMA = 5;

  private final long seed;
  private final int width;
  private final int height;
  private final BufferedImage colors;
  private final BufferedImage labels;
  private final byte[] noise = new byte[NOISE_LENGTH];
  private long sceneNumber = -1;
  private StreetScene scene;

  /**
   * A drive.
   *
   * @param seed which streets
   * @param width of the pictures, pixels
   * @param height of the pictures, pixels
   */
  public SyntheticStreet(long seed, int width, int height) {
    this.seed = seed;
    this.width = width;
    this.height = height;
    this.colors = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    this.labels = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    this.scene = StreetScene.random(new Random(seed));
    Random random = new Random(seed);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) Math.round(NOISE_SIGMA * random.nextGaussian());
    }
  }

  /** Draws the frame at a time since the start. */
  public LabeledPicture at(Duration time) {
    long number = time.toNanos() / SCENE.toNanos();
    if (number != sceneNumber) {
      scene = StreetScene.random(new Random(seed * 1_000_003 + number));
      sceneNumber = number;
    }
    double seconds = time.toNanos() / 1e9;
    StreetPainter.paint(scene, colors, labels, seconds);
    return new LabeledPicture(
        new Picture(width, height, develop(time.toNanos(), seconds)),
        new Mask(width, height, classIds()));
  }

  /** From drawn colours to what a sensor would deliver: light, contrast, warmth, noise; RGB. */
  private byte[] develop(long nanos, double seconds) {
    StreetScene.Look look = scene.look();
    double light = look.light() * (1 + 0.12 * Math.sin(seconds * 0.9));
    int[] red = curve(light * (1 + 0.12 * look.warmth()), look.contrast());
    int[] green = curve(light, look.contrast());
    int[] blue = curve(light * (1 - 0.12 * look.warmth()), look.contrast());
    byte[] bgr = ((DataBufferByte) colors.getRaster().getDataBuffer()).getData();
    byte[] rgb = new byte[bgr.length];
    int n = new Random(nanos ^ seed).nextInt(NOISE_LENGTH);
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = noisy(red[bgr[i + 2] & 0xFF], n++);
      rgb[i + 1] = noisy(green[bgr[i + 1] & 0xFF], n++);
      rgb[i + 2] = noisy(blue[bgr[i] & 0xFF], n++);
    }
    return rgb;
  }

  private byte noisy(int value, int n) {
    return (byte) Math.max(0, Math.min(255, value + noise[n & NOISE_LENGTH - 1]));
  }

  private static int[] curve(double gain, double contrast) {
    int[] curve = new int[256];
    for (int v = 0; v < curve.length; v++) {
      curve[v] = (int) Math.round(((v - 110) * contrast + 110) * gain);
    }
    return curve;
  }

  private byte[] classIds() {
    int[] drawn = ((DataBufferInt) labels.getRaster().getDataBuffer()).getData();
    byte[] ids = new byte[drawn.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (byte) drawn[i];
    }
    return ids;
  }
}
