package io.maskstream.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.maskstream.stream.Overload.Demand;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OverloadTest {
  private static final int LANES = 2;
  private static final Duration LONGEST = Duration.ofSeconds(1);
  private static final Duration MAX_AGE = Duration.ofMillis(500);
  private static final double PASS = 0.08;
  private static final double PROPAGATION = 0.01;

  private long nanos;

  private Overload overload(Duration longest) {
    return new Overload(LANES, Propagation.Limits.of(Duration.ZERO, longest), MAX_AGE, () -> nanos);
  }

  private static void serve(Overload overload, double pass, double propagation) {
    overload.served(nanos(pass), false);
    overload.served(nanos(propagation), true);
  }

  /** As often as a propagation is tried whatever it takes. */
  private static void serveAll(Overload overload, double pass, double propagation) {
    for (int i = 0; i < 10; i++) {
      serve(overload, pass, propagation);
    }
  }

  private static long nanos(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  /** Frames at a steady rate for a time. */
  private void arrive(Overload overload, double perSecond, double seconds) {
    for (int i = 0; i < perSecond * seconds; i++) {
      nanos += nanos(1 / perSecond);
      overload.arrived(Demand.MASK);
    }
  }

  private boolean hasWaited(Overload overload, double seconds) {
    return overload.hasWaitedLong(nanos - nanos(seconds));
  }

  /** Part of the time for which the lanes are busy. */
  private static double busy(double perSecond, double share) {
    return perSecond * ((1 - share) * PASS + share * PROPAGATION) / LANES;
  }

  @Test
  void share_keepsTheLanesFree_whereFramesAreTooMany() {
    Overload overload = overload(LONGEST);
    serve(overload, PASS, PROPAGATION);
    for (double rate : new double[] {5, 15, 24}) { // a load of 0.2, 0.6 and 0.96
      arrive(overload, rate, 20);
      assertThat(overload.share(Demand.MASK)).as("%s frames per second", rate).isZero();
    }
    for (double rate : new double[] {33, 40, 60}) {
      arrive(overload, rate, 20);
      serve(overload, PASS, PROPAGATION);
      assertThat(busy(rate, overload.share(Demand.MASK))).isCloseTo(Overload.BUSY, within(0.02));
    }
    arrive(overload, 1_000, 20);
    assertThat(overload.share(Demand.MASK)).isEqualTo(0.9); // some frames have a pass, always
  }

  /** Frames of two demands at steady rates for 20 seconds. */
  private void arrive(Overload overload, Map<Demand, Integer> perSecond) {
    for (int tick = 0; tick < 20_000; tick++) {
      nanos += nanos(0.001);
      for (Map.Entry<Demand, Integer> each : perSecond.entrySet()) {
        if (tick % (1_000 / each.getValue()) == 0) {
          overload.arrived(each.getKey());
        }
      }
    }
    serve(overload, PASS, PROPAGATION);
  }

  @Test
  void passesBesideMasks_giveWayFirst() {
    Overload calm = overload(LONGEST);
    arrive(calm, Map.of(Demand.MEMORY, 10, Demand.MASK, 5, Demand.NONE, 10)); // 1.2 + 0.2 lanes
    assertThat(calm.share(Demand.MEMORY)).isCloseTo(0, within(0.02));
    assertThat(calm.share(Demand.MASK)).isZero();
    Overload more = overload(LONGEST);
    arrive(more, Map.of(Demand.MEMORY, 20, Demand.MASK, 10, Demand.NONE, 20)); // 2.4 + 0.4
    double share = more.share(Demand.MEMORY);
    double busy = ((30 - share * 20) * PASS + 40 * PROPAGATION) / LANES;
    assertThat(busy).isCloseTo(Overload.BUSY, within(0.02));
    assertThat(more.share(Demand.MASK)).isZero();
    Overload most = overload(LONGEST);
    arrive(most, Map.of(Demand.MEMORY, 20, Demand.MASK, 40, Demand.NONE, 20));
    assertThat(most.share(Demand.MEMORY)).isEqualTo(Overload.MOST);
    double masks = most.share(Demand.MASK);
    double passes = (1 - masks) * 40 + (1 - Overload.MOST) * 20;
    busy = (passes * PASS + (masks * 40 + 40) * PROPAGATION) / LANES;
    assertThat(busy).isCloseTo(Overload.BUSY, within(0.02));
    assertThat(most.share(Demand.NONE)).isZero();
  }

  @Test
  void share_growsWithTheLoad() {
    Overload overload = overload(LONGEST);
    serve(overload, PASS, PROPAGATION);
    double before = 0;
    for (double rate = 26; rate < 80; rate += 2) {
      arrive(overload, rate, 20);
      serve(overload, PASS, PROPAGATION);
      assertThat(overload.share(Demand.MASK))
          .as("%s frames per second", rate)
          .isGreaterThan(before);
      before = overload.share(Demand.MASK);
    }
  }

  @Test
  void share_endsSomeSecondsAfterTheLoad() {
    Overload overload = overload(LONGEST);
    serve(overload, PASS, PROPAGATION);
    arrive(overload, 60, 20);
    assertThat(overload.share(Demand.MASK)).isPositive();
    arrive(overload, 15, 5);
    assertThat(overload.share(Demand.MASK)).isZero();
  }

  @Test
  void share_isZero_withoutAPassToMeasure_andWhereItIsOff() {
    Overload fresh = overload(LONGEST);
    arrive(fresh, 60, 20);
    assertThat(fresh.share(Demand.MASK)).isZero();
    Overload off = overload(Duration.ZERO);
    serve(off, PASS, PROPAGATION);
    arrive(off, 60, 20);
    assertThat(off.share(Demand.MASK)).isZero();
  }

  @Test
  void share_isZero_wherePropagationSavesLittle() {
    Overload overload = overload(LONGEST); // as on a GPU
    serveAll(overload, 0.012, 0.01);
    arrive(overload, 400, 2);
    assertThat(overload.share(Demand.MASK)).isZero();
    assertThat(hasWaited(overload, 1)).isFalse();
  }

  @Test
  void propagationsThatOthersSlowDown_goOn() {
    Overload overload = overload(LONGEST);
    for (int i = 0; i < 100; i++) {
      serve(overload, PASS, i % 5 == 0 ? PROPAGATION : 2 * PASS);
      arrive(overload, 60, 1);
    }
    assertThat(overload.share(Demand.MASK)).isEqualTo(Overload.MOST);
  }

  @Test
  void firstTimes_areSlowForBoth() {
    Overload overload = overload(LONGEST);
    serve(overload, 3 * PASS, PASS);
    overload.served(nanos(PASS), false);
    arrive(overload, 60, 2);
    assertThat(overload.share(Demand.MASK)).isPositive();
  }

  @Test
  void firstPropagationsOfAProcess_areNoMeasure() {
    Overload overload = overload(LONGEST);
    serve(overload, PASS, 5 * PASS);
    serve(overload, PASS, 2 * PASS);
    arrive(overload, 15, 20); // a load of 0.6
    assertThat(overload.share(Demand.MASK)).isZero();
    arrive(overload, 60, 2);
    assertThat(overload.share(Demand.MASK)).isPositive();
    assertThat(hasWaited(overload, 1)).isTrue();
  }

  @Test
  void slowPropagations_areTriedAgain() {
    Overload overload = overload(LONGEST);
    serveAll(overload, PASS, PASS);
    arrive(overload, 60, 2);
    assertThat(overload.share(Demand.MASK)).isZero();
    arrive(overload, 60, 9);
    assertThat(overload.share(Demand.MASK)).isPositive();
    overload.served(nanos(PROPAGATION), true);
    assertThat(overload.share(Demand.MASK)).isPositive();
  }

  @Test
  void camera_waitsForAsLongAsAPassTakes_andForPartOfTheGreatestAge() {
    Overload overload = overload(LONGEST);
    assertThat(hasWaited(overload, 1)).isFalse(); // no pass has been measured
    serve(overload, PASS, PROPAGATION);
    assertThat(hasWaited(overload, 0.09)).isFalse();
    assertThat(hasWaited(overload, 0.11)).isTrue(); // 0.2 of 500 ms
    Overload slow = overload(LONGEST);
    serve(slow, 0.3, PROPAGATION);
    assertThat(hasWaited(slow, 0.29)).isFalse();
    assertThat(hasWaited(slow, 0.31)).isTrue();
    Overload off = overload(Duration.ZERO);
    serve(off, PASS, PROPAGATION);
    assertThat(hasWaited(off, 1)).isFalse();
  }

  @Test
  void durations_areRunningMeans() {
    Overload overload = overload(LONGEST);
    overload.served(nanos(2), false); // the first pass of a young process
    arrive(overload, 15, 20);
    assertThat(overload.share(Demand.MASK)).isEqualTo(0.9);
    for (int i = 0; i < 12; i++) {
      serve(overload, PASS, PROPAGATION);
    }
    assertThat(overload.share(Demand.MASK)).isPositive();
    for (int i = 0; i < 12; i++) {
      serve(overload, PASS, PROPAGATION);
    }
    assertThat(overload.share(Demand.MASK)).isZero();
  }
}
