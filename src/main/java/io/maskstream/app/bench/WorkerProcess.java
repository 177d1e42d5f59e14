package io.maskstream.app.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own, so that its processor time is counted apart. */
final class WorkerProcess implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

  private final Process process;

  private WorkerProcess(Process process) {
    this.process = process;
  }

  /** This program, with the options of this virtual machine and a topology of one segment role. */
  static WorkerProcess maskstream(Path topology, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.maskstream.app.Maskstream", "run", topology.toString()));
    command.addAll(List.of("--roles", "segment"));
    return start(command, log);
  }

  /**
   * The same path in Python.
   *
   * @param python the interpreter
   * @param script {@code bench/peer.py}
   * @param arguments of the script
   */
  static WorkerProcess python(String python, Path script, List<String> arguments, Path log)
      throws IOException {
    if (!Files.isRegularFile(script)) {
      throw new IOException("the peer's script is missing: " + script.toAbsolutePath());
    }
    List<String> command = new ArrayList<>(List.of(python, script.toString()));
    command.addAll(arguments);
    return start(command, log);
  }

  private static WorkerProcess start(List<String> command, Path log) throws IOException {
    return new WorkerProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start());
  }

  /** Processor time since the start, all threads. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(time -> time.toNanos() / 1e9).orElse(Double.NaN);
  }

  boolean alive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
