package io.maskstream.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** One progress bar per epoch, and the mean of every loss term as a line of CSV. */
final class TrainingLog implements TrainingListener, AutoCloseable {
  private final Path file;
  private final int epochs;
  private final TreeMap<String, Double> sums = new TreeMap<>();
  private int steps;
  private @Nullable ProgressBar bar;

  TrainingLog(Path file, int epochs) {
    this.file = file;
    this.epochs = epochs;
  }

  @Override
  public void onStep(Step step) {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("epoch %d/%d".formatted(step.epoch() + 1, epochs))
              .setInitialMax(step.steps())
              .build();
      bar.stepTo(step.step());
    }
    bar.step();
    bar.setExtraMessage(" loss %.3f".formatted(step.loss()));
    steps++;
    sums.merge("sum", (double) step.loss(), Double::sum);
    step.terms().forEach((name, value) -> sums.merge(name, (double) value, Double::sum));
  }

  @Override
  public void onEpoch(int epoch, TrainingState state) throws IOException {
    close();
    forgetFrom(epoch);
    if (Files.notExists(file)) {
      Files.writeString(file, "epoch," + String.join(",", sums.keySet()) + "\n");
    }
    StringBuilder line = new StringBuilder().append(epoch + 1);
    sums.values()
        .forEach(sum -> line.append(String.format(Locale.ROOT, ",%.5f", sum / Math.max(1, steps))));
    Files.writeString(file, line.append('\n'), StandardOpenOption.APPEND);
    sums.clear();
    steps = 0;
  }

  /** Drops epochs that a training killed before their checkpoint had logged. */
  private void forgetFrom(int epoch) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    List<String> lines = Files.readAllLines(file);
    List<String> kept = lines.stream().filter(line -> number(line) <= epoch).toList();
    if (kept.size() < lines.size()) {
      Files.write(file, kept);
    }
  }

  /** The number of a line's epoch, from 1; 0 of the heading. */
  private static int number(String line) {
    String first = line.split(",", 2)[0];
    return first.matches("\\d{1,9}") ? Integer.parseInt(first) : 0;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
