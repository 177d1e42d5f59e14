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
        SegmentationNetwork.STRIDE,
        network.config().features(),
        network.config().head().prototypesPerClass(),
        network.config().place().rows(),
        "",
        "",
        "",
        "",
        Map.of(),
        0,
        Map.of(),
        ModelCard.NOT_MEASURED);
  }
}
