package io.maskstream.app.compare;

import io.maskstream.config.Key;
import io.maskstream.network.HeadConfig;
import io.maskstream.onnx.SwappedHead;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Which heads {@code compare} puts on which networks to measure what they cost. */
record HeadCostConfig(
    @Key("Folder of the graphs, named NETWORK-WIDTHxHEIGHT.onnx.") Path graphs,
    @Key(
            value =
                "Processor threads of a pass. With one, its processor time is measured, which other work on the machine hardly changes.",
            defaultValue = "1")
        int threads,
    @Key("Sizes of the picture.") List<Size> sizes,
    @Key("Heads in place of the networks' last layer.") List<HeadEntry> heads,
    @Key("Networks.") List<Network> networks) {

  /** One size. */
  record Size(
      @Key("Width of the picture.") int width,
      @Key("Height of the picture.") int height,
      @Key(value = "Passes of each whole network that are timed.", defaultValue = "15") int rounds,
      @Key(value = "Passes of each head alone that are timed.", defaultValue = "31") int headRounds,
      @Key(
              value = "Names of the networks to measure at this size; all where empty.",
              defaultValue = "[]")
          List<String> networks) {

    public Size {
      networks = List.copyOf(networks);
      if (width < 1 || height < 1 || rounds < 1 || headRounds < 1) {
        throw new IllegalArgumentException("width, height and rounds must be at least 1");
      }
    }
  }

  /** One head. */
  record HeadEntry(
      @Key("Name in the table.") String name,
      @Key("ssa or protoseg.") String head,
      @Key(value = "M, for protoseg.", defaultValue = "1") int prototypes,
      @Key(
              value = "Whether it takes a camera's memory and gives what to remember.",
              defaultValue = "false")
          boolean memory) {

    public HeadEntry {
      HeadConfig.of(HeadConfig.Kind.of(head), prototypes);
    }

    SwappedHead.Variant variant() {
      return new SwappedHead.Variant(HeadConfig.of(HeadConfig.Kind.of(head), prototypes), memory);
    }
  }

  /** One network. */
  record Network(
      @Key("Name in the table.") String name,
      @Key("Beginning of the names of its graphs.") String graph,
      @Key(value = "What a paper says, by the name of the head or plain.", defaultValue = "{}")
          Map<String, String> paper) {

    public Network {
      paper = Map.copyOf(paper);
    }
  }

  /** The networks of a size. */
  List<Network> networks(Size size) {
    return networks.stream()
        .filter(network -> size.networks().isEmpty() || size.networks().contains(network.name()))
        .toList();
  }

  public HeadCostConfig {
    sizes = List.copyOf(sizes);
    heads = List.copyOf(heads);
    networks = List.copyOf(networks);
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, is " + threads);
    }
    if (sizes.isEmpty() || heads.isEmpty() || networks.isEmpty()) {
      throw new IllegalArgumentException("sizes, heads and networks must not be empty");
    }
    List<String> known = networks.stream().map(Network::name).toList();
    for (Size size : sizes) {
      if (!known.containsAll(size.networks())) {
        throw new IllegalArgumentException(
            "networks of a size must be among %s, are %s".formatted(known, size.networks()));
      }
    }
    List<String> names = heads.stream().map(HeadEntry::name).toList();
    for (Network network : networks) {
      for (String head : network.paper().keySet()) {
        if (!head.equals(HeadCostReport.PLAIN) && !names.contains(head)) {
          throw new IllegalArgumentException(
              "paper of %s names no head: '%s' is not one of %s"
                  .formatted(network.name(), head, names));
        }
      }
    }
  }

  /** Where a network's graph of a size is. */
  Path graph(Network network, Size size) {
    return graphs.resolve("%s-%dx%d.onnx".formatted(network.graph(), size.width(), size.height()));
  }
}
