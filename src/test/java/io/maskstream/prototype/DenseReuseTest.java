package io.maskstream.prototype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.prototype.DenseReuse.Past;
import io.maskstream.prototype.DenseReuse.Pooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DenseReuseTest {
  private static final int CLASSES = 3;
  private static final int ROWS = 6;
  private static final int COLUMNS = 8;
  private static final int PIXELS = ROWS * COLUMNS;
  private static final double FRAME = 1 / 15.0;
  private static final DenseReuse FLOW = DenseReuse.FLOW;

  private static LogitMap logits(long seed) {
    Random random = new Random(seed);
    float[] values = new float[CLASSES * PIXELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (3 * random.nextGaussian());
    }
    return new LogitMap(CLASSES, ROWS, COLUMNS, values);
  }

  private static Luma luma(int value) {
    byte[] values = new byte[4 * PIXELS];
    Arrays.fill(values, (byte) value);
    return new Luma(2 * COLUMNS, 2 * ROWS, values);
  }

  private static FlowField flow(float right, float down) {
    float[] vectors = new float[2 * 4 * PIXELS];
    for (int i = 0; i < vectors.length; i += 2) {
      vectors[i] = right;
      vectors[i + 1] = down;
    }
    return new FlowField(2 * COLUMNS, 2 * ROWS, vectors);
  }

  @Test
  void move_bringsTheMemoryToTheFrame() {
    DenseMemory memory = FLOW.pool(logits(1), luma(90), null).memory();
    DenseReuse.Moved still = FLOW.move(memory, flow(0, 0), luma(90));
    assertThat(still.match()).isEqualTo(1);
    assertThat(still.memory().probabilities()).isEqualTo(memory.probabilities());
    for (int pixel = 0; pixel < PIXELS; pixel++) {
      assertThat(winner(softmax(still.logits(), pixel)))
          .isEqualTo(winner(softmax(logits(1), pixel)));
    }
    DenseReuse.Moved moved = FLOW.move(memory, flow(2, 0), luma(90)); // one pixel of the stride
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS - 1; column++) {
        assertThat(winner(softmax(moved.logits(), row * COLUMNS + column)))
            .isEqualTo(winner(softmax(logits(1), row * COLUMNS + column + 1)));
      }
    }
    assertThat(moved.match()).isLessThan(1); // the last column comes from outside
    assertThat(FLOW.move(memory, flow(0, 0), luma(200)).match()).isLessThan(0.01f);
    assertThat(FLOW.match(memory, flow(2, 0), luma(90))).isEqualTo(moved.match());
  }

  private static double[] softmax(LogitMap logits, int pixel) {
    double[] p = new double[CLASSES];
    double sum = 0;
    for (int k = 0; k < CLASSES; k++) {
      p[k] = Math.exp(logits.values()[k * PIXELS + pixel]);
      sum += p[k];
    }
    for (int k = 0; k < CLASSES; k++) {
      p[k] /= sum;
    }
    return p;
  }

  private static int winner(double[] p) {
    int best = 0;
    for (int k = 1; k < p.length; k++) {
      best = p[k] > p[best] ? k : best;
    }
    return best;
  }

  @Test
  void pool_withoutPast_keepsTheLogitsAndRemembersTheirProbabilities() {
    LogitMap fresh = logits(1);
    Pooled pooled = FLOW.pool(fresh, luma(90), null);
    assertThat(pooled.logits()).isSameAs(fresh);
    assertThat(pooled.weight()).isZero();
    for (int n = 0; n < PIXELS; n++) {
      for (int k = 0; k < CLASSES; k++) {
        int stored = pooled.memory().probabilities()[k * PIXELS + n] & 0xFF;
        assertThat(stored / 255.0).isCloseTo(softmax(fresh, n)[k], within(0.5 / 255 + 1e-4));
      }
    }
  }

  @Test
  void pool_stillPicture_isTheWeightedMeanOfBothProbabilities() {
    LogitMap first = logits(1);
    LogitMap second = logits(2);
    DenseMemory memory = FLOW.pool(first, luma(90), null).memory();
    Pooled pooled = FLOW.pool(second, luma(90), new Past(memory, flow(0, 0), FRAME));
    double same = 0;
    for (int n = 0; n < PIXELS; n++) {
      same += winner(softmax(first, n)) == winner(softmax(second, n)) ? 1.0 / PIXELS : 0;
    }
    assertThat((double) pooled.agreement()).isCloseTo(same, within(1e-5));
    double stale = FRAME * (1 - same) / FLOW.staleness();
    double weight = FLOW.weight() * Math.exp(-stale * stale);
    assertThat((double) pooled.weight()).isCloseTo(weight, within(1e-5));
    for (int n = 0; n < PIXELS; n++) {
      for (int k = 0; k < CLASSES; k++) {
        double expected = (1 - weight) * softmax(second, n)[k] + weight * softmax(first, n)[k];
        double actual = Math.exp(pooled.logits().values()[k * PIXELS + n]);
        assertThat(actual).isCloseTo(expected, within(0.003)); // a memory is in units of 1 / 255
      }
    }
  }

  @Test
  void pool_movedPicture_takesProbabilitiesFromWhereTheFlowSays() {
    LogitMap first = logits(1);
    DenseMemory memory = FLOW.pool(first, luma(90), null).memory();
    LogitMap second = logits(2);
    // Everything has moved a pixel of the output stride to the left: it lay further right.
    Pooled moved = FLOW.pool(second, luma(90), new Past(memory, flow(2, 0), FRAME));
    double weight = moved.weight() * COLUMNS / (COLUMNS - 1.0); // the last column's is zero
    assertThat(weight).isBetween(0.05, FLOW.weight());
    for (int n = 0; n < PIXELS; n++) {
      boolean inside = n % COLUMNS < COLUMNS - 1;
      double p = softmax(second, n)[0];
      double q = inside ? softmax(first, n + 1)[0] : p;
      double expected = p + weight * (q - p);
      assertThat(Math.exp(moved.logits().values()[n])).isCloseTo(expected, within(0.003));
    }
  }

  @Test
  void pool_otherPicture_changesNothing() {
    DenseMemory memory = FLOW.pool(logits(1), luma(90), null).memory();
    LogitMap fresh = logits(2);
    Pooled pooled = FLOW.pool(fresh, luma(160), new Past(memory, flow(0, 0), FRAME));
    for (int n = 0; n < PIXELS; n++) {
      double[] pooledScores = new double[CLASSES];
      for (int k = 0; k < CLASSES; k++) {
        pooledScores[k] = pooled.logits().values()[k * PIXELS + n];
      }
      assertThat(winner(pooledScores)).isEqualTo(winner(softmax(fresh, n)));
    }
    assertThat(pooled.weight()).isLessThan(1e-6f);
  }

  @Test
  void pool_oldMemoryThatDisagrees_isOff() {
    DenseMemory memory = FLOW.pool(logits(1), luma(90), null).memory();
    LogitMap fresh = logits(2);
    Pooled pooled = FLOW.pool(fresh, luma(90), new Past(memory, flow(0, 0), 1));
    assertThat(pooled.agreement()).isBetween(0.1f, 0.7f);
    assertThat(pooled.logits()).isSameAs(fresh);
    assertThat(pooled.weight()).isZero();
  }

  @Test
  void pool_oldMemoryThatAgrees_isUsed() {
    LogitMap fresh = logits(1);
    DenseMemory memory = FLOW.pool(fresh, luma(90), null).memory();
    Pooled pooled = FLOW.pool(fresh, luma(90), new Past(memory, flow(0, 0), 1));
    assertThat(pooled.agreement()).isEqualTo(1f);
    assertThat(pooled.weight()).isCloseTo((float) FLOW.weight(), within(1e-5f));
  }

  @Test
  void pool_logitsOfAnySize_areSafe_andZeroProbabilityStaysFinite() {
    float[] values = new float[CLASSES * PIXELS];
    Arrays.fill(values, 0, PIXELS, 1_000f);
    Arrays.fill(values, PIXELS, 2 * PIXELS, -1_000f);
    LogitMap fresh = new LogitMap(CLASSES, ROWS, COLUMNS, values);
    DenseMemory memory = FLOW.pool(fresh, luma(90), null).memory();
    for (int n = 0; n < PIXELS; n++) {
      assertThat(memory.probabilities()[n]).isEqualTo((byte) 255);
      assertThat(memory.probabilities()[PIXELS + n]).isZero();
    }
    Pooled pooled = FLOW.pool(fresh, luma(90), new Past(memory, flow(0, 0), FRAME));
    for (int n = 0; n < PIXELS; n++) {
      assertThat(pooled.logits().values()[n]).isCloseTo(0, within(1e-5f));
      assertThat(pooled.logits().values()[PIXELS + n])
          .isCloseTo((float) Math.log(1e-6), within(1e-3f));
    }
  }

  @Test
  void pool_lastClassLargest_isSafe() {
    float[] values = new float[CLASSES * PIXELS];
    Arrays.fill(values, 2 * PIXELS, 3 * PIXELS, 1_000f);
    DenseMemory memory =
        FLOW.pool(new LogitMap(CLASSES, ROWS, COLUMNS, values), luma(90), null).memory();
    assertThat(memory.probabilities()[0]).isZero();
    assertThat(memory.probabilities()[2 * PIXELS]).isEqualTo((byte) 255);
  }

  @Test
  void pool_nothingMatches_agreesOnNothing() {
    DenseMemory memory = FLOW.pool(logits(1), luma(90), null).memory();
    Pooled pooled = FLOW.pool(logits(1), luma(90), new Past(memory, flow(99, 0), FRAME));
    assertThat(pooled.agreement()).isZero();
  }

  @Test
  void pool_evenScores_agreeOnTheFirstClass() {
    LogitMap even = new LogitMap(CLASSES, ROWS, COLUMNS, new float[CLASSES * PIXELS]);
    float[] values = new float[CLASSES * PIXELS];
    Arrays.fill(values, 0, PIXELS, 5);
    LogitMap first = new LogitMap(CLASSES, ROWS, COLUMNS, values);
    DenseMemory memory = FLOW.pool(first, luma(90), null).memory();
    assertThat(FLOW.pool(even, luma(90), new Past(memory, flow(0, 0), FRAME)).agreement()).isOne();
    memory = FLOW.pool(even, luma(90), null).memory();
    assertThat(FLOW.pool(first, luma(90), new Past(memory, flow(0, 0), FRAME)).agreement()).isOne();
  }

  @Test
  void settings_outOfRange_areRefused() {
    assertThatThrownBy(() -> new DenseReuse(-0.1, 12, 0.03, true))
        .hasMessageContaining("are -0.1, 12.0 and 0.03");
    assertThatThrownBy(() -> new DenseReuse(1, 0, 0.03, true)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> new DenseReuse(1, 12, 0, true)).hasMessageContaining("and 0.0");
    assertThat(new DenseReuse(0, 12, 0.03, true).weight()).isZero();
    assertThat(new DenseReuse(1, 12, 0.03, true).weight()).isOne();
    assertThatThrownBy(() -> new DenseReuse(1.5, 12, 0.03, true))
        .hasMessageContaining("weight must be 0 to 1");
  }

  @Test
  void fastMath_isExpAndLogWithinItsBounds() {
    for (int i = 0; i <= 20_000; i++) {
      float x = -i / 1000f;
      assertThat(FastMath.exp(x) / Math.exp(x)).isCloseTo(1, within(3e-5));
      float y = (float) Math.exp(x);
      assertThat((double) FastMath.log(y)).isCloseTo(Math.log(y), within(2e-6));
    }
    assertThat(FastMath.exp(-500f)).isEqualTo(FastMath.exp(-21f)).isLessThan(1e-9f);
  }
}
