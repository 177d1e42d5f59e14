package io.maskstream.app.model;

import io.maskstream.app.option.ImageSize;
import io.maskstream.frame.ClassTable;
import io.maskstream.inference.ModelCard;
import io.maskstream.network.SegmentationNetwork;
import java.util.Map;

/** Cards of networks that were trained here. */
public final class NetworkCard {

  private NetworkCard() {}

  /** A card with what the network says of itself, and nothing of where it comes from. */
  public static ModelCard of(
      SegmentationNetwork network, ClassTable table, ImageSize size, String id, String version) {
    return new ModelCard(
        id,
        version,
        network.config().head().kind().label(),
        table.id(),
        ModelCard.entries(table),
        size.width(),
        size.height(),
        stride(network, size),
        network.config().features(),
        network.config().head().prototypesPerClass(),
        "",
        "",
        "",
        "",
        Map.of(),
        0,
        Map.of(),
        ModelCard.NOT_MEASURED,
        ModelCard.EXACT_WEIGHT_BITS,
        ModelCard.NO_THRESHOLD);
  }

  private static int stride(SegmentationNetwork network, ImageSize size) {
    return network
        .frozen()
        .map(trunk -> (double) size.width() * size.height() / (trunk.rows() * trunk.columns()))
        .map(area -> (int) Math.max(1, Math.round(Math.sqrt(area))))
        .orElse(SegmentationNetwork.STRIDE);
  }
}
