package io.maskstream.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** What of a process works and what does not: named checks, asked when somebody wants to know. */
public final class Health {

  /** How bad a failed check is. */
  public enum Severity {
    /** Reported only; neither a restart nor another process helps: a camera is dead. */
    DEGRADED,
    /** The process cannot do its work now: no broker. */
    NOT_READY,
    /** Only a restart helps: no stream thread is left. */
    NOT_ALIVE
  }

  /**
   * Result of a check.
   *
   * @param ok whether it is as it should be
   * @param detail one sentence
   */
  public record CheckResult(boolean ok, String detail) {}

  /**
   * Everything at one time.
   *
   * @param status {@code ok}, {@code degraded} or {@code down}
   * @param alive whether a restart would be useless
   * @param ready whether the process can do its work
   * @param checks by name
   */
  public record Report(
      String status, boolean alive, boolean ready, Map<String, CheckResult> checks) {}

  private record Check(Severity severity, Supplier<CheckResult> result) {}

  private final Map<String, Check> checks = new ConcurrentSkipListMap<>();
  private volatile boolean started;

  /** Not ready until {@link #started}: a check that is not there yet cannot fail. */
  public Health() {
    add(
        "start",
        Severity.NOT_READY,
        () -> new CheckResult(started, started ? "all roles have started" : "roles are starting"));
  }

  /** All checks of the process have been added. */
  public void started() {
    started = true;
  }

  /** Adds a check; it is asked by the threads of the endpoint and must answer at once. */
  public void add(String name, Severity severity, Supplier<CheckResult> result) {
    checks.put(name, new Check(severity, result));
  }

  /** Removes a check of something that is here no more. */
  public void remove(String name) {
    checks.remove(name);
  }

  public Report report() {
    Map<String, CheckResult> findings = new LinkedHashMap<>();
    boolean alive = true;
    boolean ready = true;
    boolean whole = true;
    for (Map.Entry<String, Check> entry : checks.entrySet()) {
      CheckResult result = entry.getValue().result.get();
      findings.put(entry.getKey(), result);
      if (!result.ok) {
        whole = false;
        alive &= entry.getValue().severity != Severity.NOT_ALIVE;
        ready &= entry.getValue().severity == Severity.DEGRADED;
      }
    }
    String status = whole ? "ok" : ready ? "degraded" : "down";
    return new Report(status, alive, ready, findings);
  }
}
