package io.maskstream.event;

import io.maskstream.config.Checks;
import io.maskstream.config.Key;
import io.maskstream.config.Labels;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is watched for: a measure of some classes, in a zone or the whole picture, that stays beyond
 * a threshold.
 */
public record Rule(
    @Key("Name of the rule; events carry it.") String name,
    @Key(value = "Cameras it holds for; all where it is left out.", defaultValue = "[]")
        List<String> cameras,
    @Key("Zone of the cameras; the whole picture where it is left out.") Optional<String> zone,
    @Key(
            value = "Classes whose measures are added; none for the measure unknown.",
            defaultValue = "[]")
        List<String> classes,
    @Key(
            value =
                "share: of the zone's pixels; regions: how many connected ones; largest-region: its"
                    + " share; change: of the share within a second; unknown: share of the picture"
                    + " whose class the model is not sure of.",
            defaultValue = "share")
        Measure measure,
    @Key("It begins where the measure is at least this.") Optional<Double> above,
    @Key("It begins where the measure is at most this, such as 0 for absence.")
        Optional<Double> below,
    @Key("It ends where the measure is beyond this on the other side; the threshold if left out.")
        Optional<Double> release,
    @Key(value = "How long it must hold before it counts.", defaultValue = "1s") Duration hold,
    @Key(value = "How long it must be over before it counts as ended.", defaultValue = "1s")
        Duration releaseHold,
    @Key(value = "Shortest time from an end to the next start.", defaultValue = "10s")
        Duration cooldown,
    @Key(value = "Time between two notices while it goes on.", defaultValue = "60s")
        Duration interval) {

  /** What is compared with the threshold. */
  public enum Measure {
    SHARE,
    REGIONS,
    LARGEST_REGION,
    CHANGE,
    UNKNOWN;

    public String label() {
      return Labels.of(this);
    }

    /** Whether it is a part of the pixels, 0 to 1. */
    boolean isShare() {
      return this == SHARE || this == LARGEST_REGION || this == UNKNOWN;
    }

    private void requireInRange(String rule, String key, double value) {
      Checks.require(
          value >= 0 && value <= (isShare() ? 1 : Double.MAX_VALUE),
          "rule %s: %s must be %s for the measure %s, is %s"
              .formatted(rule, key, isShare() ? "0 to 1" : "at least 0", label(), value));
    }

    /** Whether connected regions are measured, which zones count of the classes that they name. */
    boolean ofRegions() {
      return this == REGIONS || this == LARGEST_REGION;
    }
  }

  public Rule {
    cameras = List.copyOf(cameras);
    classes = List.copyOf(classes);
    Checks.require(
        name.matches("[A-Za-z0-9._-]{1,60}"),
        "a rule's name must be 1 to 60 letters, digits, dots, hyphens or underscores, is '"
            + name
            + "'");
    Checks.require(
        measure == Measure.UNKNOWN ? classes.isEmpty() && zone.isEmpty() : !classes.isEmpty(),
        measure == Measure.UNKNOWN
            ? "rule %s: unknown is of the whole picture, it has no classes and no zone"
                .formatted(name)
            : "rule " + name + " must name classes");
    Checks.require(
        above.isPresent() != below.isPresent(),
        "rule " + name + " must have one of above and below");
    Checks.require(
        zone.isPresent() || !measure.ofRegions(),
        "rule %s must name a zone to measure %s".formatted(name, measure.label()));
    above.ifPresent(value -> measure.requireInRange(name, "above", value));
    below.ifPresent(value -> measure.requireInRange(name, "below", value));
    release.ifPresent(value -> measure.requireInRange(name, "release", value));
    double threshold = above.or(() -> below).orElseThrow();
    double end = release.orElse(threshold);
    Checks.require(
        above.isPresent() ? end <= threshold : end >= threshold,
        "rule %s: release must not be beyond the threshold %s, is %s"
            .formatted(name, threshold, end));
  }

  /** Whether a camera is watched. */
  public boolean watches(String camera) {
    return cameras.isEmpty() || cameras.contains(camera);
  }

  /** Changes with what the rule says, not with the cameras that it holds for. */
  String version() {
    Rule everywhere =
        new Rule(
            name,
            List.of(),
            zone,
            classes,
            measure,
            above,
            below,
            release,
            hold,
            releaseHold,
            cooldown,
            interval);
    return Integer.toHexString(everywhere.toString().hashCode());
  }

  /** Hysteresis between the threshold and the release. */
  EventSteps.Threshold threshold() {
    double begin = above.or(() -> below).orElseThrow();
    return new EventSteps.Threshold(begin, release.orElse(begin), above.isPresent());
  }
}
