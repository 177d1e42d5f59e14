package io.maskstream.app.bench;

import io.maskstream.onnx.ProcessMemory;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A worker in a process of its own, so that its processor time is counted apart. */
final class WorkerProcess implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(15);

  /** Linux counts threads' time in hundredths for every program, whatever the kernel counts in. */
  private static final double TICKS_PER_SECOND = 100;

  private static final Pattern COMPILER =
      Pattern.compile("^\\d+ \\(C[12] Compiler\\w*\\)(?: \\S+){11} (\\d+) (\\d+) ");

  private final Process process;
  private final Path log;

  /** A benchmark that is interrupted does not leave its worker behind. */
  private WorkerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /** One role of this program, with the options of this virtual machine. */
  static WorkerProcess maskstream(Path topology, String role, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-XX:-UseDynamicNumberOfCompilerThreads"); // one that ended could not be asked
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("io.maskstream.app.Maskstream", "run", topology.toString()));
    command.addAll(List.of("--roles", role));
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
            .start(),
        log);
  }

  /** Processor time since the start, all threads. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(time -> time.toNanos() / 1e9).orElse(Double.NaN);
  }

  /**
   * Processor time since the start of the virtual machine's compiler threads, which are busy for
   * minutes and then idle. Not a number where there are none, or no {@code /proc}.
   */
  double compilerSeconds() {
    try (Stream<Path> threads =
        Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
      double[] ticks =
          threads.map(WorkerProcess::stat).mapToDouble(WorkerProcess::compilerTicks).toArray();
      double sum = Arrays.stream(ticks).filter(value -> !Double.isNaN(value)).sum();
      return sum > 0 ? sum / TICKS_PER_SECOND : Double.NaN;
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  private static String stat(Path thread) {
    try {
      return Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  /** Most bytes that it has had in memory. */
  OptionalLong peakBytes() {
    return ProcessMemory.peak(process);
  }

  /** User and system time of a compiler thread; see proc_pid_stat(5), fields 2, 14 and 15. */
  private static double compilerTicks(String stat) {
    Matcher fields = COMPILER.matcher(stat);
    return fields.find()
        ? Double.parseDouble(fields.group(1)) + Double.parseDouble(fields.group(2))
        : Double.NaN;
  }

  /** Ends it as a crash would. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /**
   * Waits for what it gives.
   *
   * @param given whether that is there
   * @param state what there is instead, for the message
   */
  void await(BooleanSupplier given, Supplier<String> state)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (!given.getAsBoolean()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IOException(
            "%s, and the process %s; its log: %s"
                .formatted(
                    state.get(),
                    process.isAlive()
                        ? "runs for %d s".formatted(TIMEOUT.toSeconds())
                        : "has ended",
                    log));
      }
      TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
    }
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
