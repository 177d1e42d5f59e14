package io.maskstream.onnx;

import io.maskstream.onnx.format.ValueInfoProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/**
 * What a pass of a graph costs beside the first graph of a list. The graphs take turns, so that
 * what else the machine does meets all alike; each gives its memory back after each tensor.
 *
 * @param peakBytes most memory during a pass, weights included; empty where the system cannot tell
 * @param millis median time of a pass; of the processor where it has one thread
 * @param extraMillis median of the differences from the first graph's pass of the same turn
 * @param ratio median of the quotients with it
 */
public record PassCosts(OptionalLong peakBytes, double millis, double extraMillis, double ratio) {
  private static final long SEED = 1;

  /**
   * Measures graphs side by side.
   *
   * @param rounds passes of each that are timed, at least 1
   * @return in the order of the graphs
   */
  public static List<PassCosts> of(List<MeasuredGraph> graphs, int threads, int rounds)
      throws IOException {
    List<OptionalLong> peaks = peaks(graphs, threads);
    List<Opened> opened = new ArrayList<>();
    try {
      for (MeasuredGraph graph : graphs) {
        opened.add(Opened.of(graph, threads));
      }
      double[][] times = new double[graphs.size()][rounds];
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < times.length; i++) {
          GraphRun.Prepared pass = opened.get(i).inputs;
          times[i][round] = threads == 1 ? pass.processorTime() : pass.time();
        }
      }
      List<PassCosts> costs = new ArrayList<>();
      for (int i = 0; i < times.length; i++) {
        costs.add(of(peaks.get(i), times[i], times[0]));
      }
      return costs;
    } finally {
      opened.forEach(Opened::close);
    }
  }

  private static List<OptionalLong> peaks(List<MeasuredGraph> graphs, int threads)
      throws IOException {
    List<OptionalLong> peaks = new ArrayList<>();
    ProcessMemory.giveBackAtOnce(true);
    try {
      for (MeasuredGraph graph : graphs) {
        peaks.add(peak(graph, threads));
      }
    } finally {
      ProcessMemory.giveBackAtOnce(false);
    }
    return peaks;
  }

  private static OptionalLong peak(MeasuredGraph graph, int threads) throws IOException {
    OptionalLong before = ProcessMemory.resident();
    try (Opened opened = Opened.of(graph, threads)) {
      boolean counts = ProcessMemory.resetPeak() && before.isPresent();
      opened.inputs.time();
      OptionalLong most = ProcessMemory.peak();
      return counts && most.isPresent()
          ? OptionalLong.of(most.getAsLong() - before.getAsLong())
          : OptionalLong.empty();
    }
  }

  private static PassCosts of(OptionalLong peak, double[] times, double[] first) {
    double[] differences = new double[times.length];
    double[] quotients = new double[times.length];
    for (int round = 0; round < times.length; round++) {
      differences[round] = times[round] - first[round];
      quotients[round] = times[round] / first[round];
    }
    return new PassCosts(peak, median(times), median(differences), median(quotients));
  }

  /** The mean of the two in the middle where they are even in number. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** A graph ready to be timed. */
  private record Opened(GraphRun run, GraphRun.Prepared inputs) implements AutoCloseable {

    static Opened of(MeasuredGraph graph, int threads) throws IOException {
      Path file = Files.createTempFile("maskstream", ".onnx");
      try {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
          graph.model().writeTo(out);
        }
        GraphRun run = GraphRun.withoutArena(file, threads);
        return new Opened(run, run.prepare(inputs(graph)));
      } finally {
        Files.deleteIfExists(file);
      }
    }

    /** Normal numbers for pictures and features, zeros for a memory. */
    private static Map<String, GraphRun.Value> inputs(MeasuredGraph graph) {
      Map<String, GraphRun.Value> values = new LinkedHashMap<>();
      Random random = new Random(SEED);
      for (ValueInfoProto input : new OnnxGraph(graph.model().getGraph()).inputs()) {
        long[] shape = PictureInput.shape(input);
        float[] data = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        if (shape.length == 4) {
          for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
          }
        }
        values.put(input.getName(), new GraphRun.Value(shape, data));
      }
      return values;
    }

    @Override
    public void close() {
      inputs.close();
      run.close();
    }
  }
}
