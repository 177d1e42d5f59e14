package io.maskstream.viewer;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** Slows down who guesses passwords: after some failures an address waits, each time longer. */
final class LoginThrottle {
  /** Failures that are forgiven: a browser may ask several times with an old password. */
  private static final int FREE = 5;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(2);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  /** Addresses that are remembered; the oldest is forgotten first. */
  private static final int ADDRESSES = 10_000;

  private record Failures(int count, Instant until) {}

  private final InstantSource clock;
  private final Map<String, Failures> failures =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
          return size() > ADDRESSES;
        }
      };

  LoginThrottle(InstantSource clock) {
    this.clock = clock;
  }

  /** How long an address has to wait; zero where it may try. */
  synchronized Duration wait(String address) {
    Failures before = failures.get(address);
    if (before == null) {
      return Duration.ZERO;
    }
    Duration left = Duration.between(clock.instant(), before.until);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** A login failed. */
  synchronized void failed(String address) {
    Failures before = failures.remove(address);
    int count = before == null ? 1 : before.count + 1;
    Instant until = clock.instant();
    if (count > FREE) {
      long factor = 1L << Math.min(count - FREE - 1, 20);
      Duration wait = FIRST_WAIT.multipliedBy(factor);
      until = until.plus(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
    }
    failures.put(address, new Failures(count, until));
  }

  /** A login succeeded. */
  synchronized void succeeded(String address) {
    failures.remove(address);
  }
}
