package io.maskstream.app.compare;

import io.maskstream.onnx.MeasuredGraph;
import io.maskstream.onnx.PassCosts;
import io.maskstream.onnx.SwappedHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures what heads cost on networks, one network after the other. */
final class HeadCosts {
  private final HeadCostConfig config;

  HeadCosts(HeadCostConfig config) {
    this.config = config;
  }

  /**
   * One row of the table.
   *
   * @param size of the picture
   * @param network its name
   * @param head its name
   * @param paper what the paper says, empty where nothing
   * @param graph the whole network
   * @param pass of the whole network
   * @param alone a pass of the head alone
   */
  record Row(
      HeadCostConfig.Size size,
      String network,
      String head,
      String paper,
      MeasuredGraph graph,
      PassCosts pass,
      PassCosts alone) {}

  /** Measures all, and rewrites the tables after each network: the largest take minutes. */
  void run(Path folder) throws IOException {
    requireGraphs();
    Files.createDirectories(folder);
    List<Row> rows = new ArrayList<>();
    for (HeadCostConfig.Size size : config.sizes()) {
      for (HeadCostConfig.Network network : config.networks(size)) {
        rows.addAll(rows(size, network));
        new HeadCostReport(rows).write(folder);
        System.out.printf("%s, %d×%d%n", network.name(), size.width(), size.height());
      }
    }
    System.out.println(new HeadCostReport(rows).markdown());
  }

  private void requireGraphs() throws IOException {
    List<Path> missing = new ArrayList<>();
    for (HeadCostConfig.Size size : config.sizes()) {
      for (HeadCostConfig.Network network : config.networks(size)) {
        Path graph = config.graph(network, size);
        if (!Files.isRegularFile(graph)) {
          missing.add(graph);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new IOException(
          "no such files: %s; models/papers/networks.py writes them".formatted(missing));
    }
  }

  private List<Row> rows(HeadCostConfig.Size size, HeadCostConfig.Network network)
      throws IOException {
    SwappedHead swapped = SwappedHead.read(config.graph(network, size));
    List<String> names = new ArrayList<>(List.of(HeadCostReport.PLAIN));
    List<MeasuredGraph> wholes = new ArrayList<>(List.of(swapped.plain()));
    List<MeasuredGraph> alone = new ArrayList<>(List.of(swapped.plainAlone()));
    for (HeadCostConfig.HeadEntry head : config.heads()) {
      names.add(head.name());
      wholes.add(swapped.with(head.variant()));
      alone.add(swapped.alone(head.variant()));
    }
    List<PassCosts> passes = PassCosts.of(wholes, config.threads(), size.rounds());
    List<PassCosts> heads = PassCosts.of(alone, config.threads(), size.headRounds());
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String paper = network.paper().getOrDefault(names.get(i), "");
      rows.add(
          new Row(
              size,
              network.name(),
              names.get(i),
              paper,
              wholes.get(i),
              passes.get(i),
              heads.get(i)));
    }
    return rows;
  }
}
