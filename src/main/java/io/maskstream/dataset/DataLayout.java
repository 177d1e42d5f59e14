package io.maskstream.dataset;

import io.maskstream.config.Labels;
import io.maskstream.frame.ClassTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How the files of a labelled data set lie in their folder. */
public enum DataLayout {

  /**
   * {@code NAME/*} (PNG or JPEG) and {@code NAMEannot/*.png}, as the 480×360 edition of CamVid. A
   * sequence is what stands before the last underscore of the name.
   */
  FOLDER("", ".png .jpg .jpeg") {
    @Override
    Path pictures(Path data, String split) {
      return data.resolve(split);
    }

    @Override
    Path groundTruth(Path data, String split, Path picture) {
      String name = String.valueOf(picture.getFileName());
      String stem = name.substring(0, name.lastIndexOf('.'));
      return data.resolve(split + "annot").resolve(stem + ".png");
    }
  },

  /**
   * {@code leftImg8bit/NAME/CITY/*_leftImg8bit.png} and {@code
   * gtFine/NAME/CITY/*_gtFine_labelIds.png}. A sequence is a city's numbered recording.
   */
  CITYSCAPES("cityscapes", "_leftImg8bit.png") {
    @Override
    Path pictures(Path data, String split) {
      return data.resolve("leftImg8bit").resolve(split);
    }

    @Override
    Path groundTruth(Path data, String split, Path picture) {
      String name = String.valueOf(picture.getFileName());
      String stem = name.substring(0, name.length() - "_leftImg8bit.png".length());
      Path city = pictures(data, split).relativize(picture).getParent();
      Path folder = data.resolve("gtFine").resolve(split);
      return (city == null ? folder : folder.resolve(city)).resolve(stem + "_gtFine_labelIds.png");
    }

    @Override
    String sequence(Path picture) {
      String[] parts = String.valueOf(picture.getFileName()).split("_");
      return parts[0] + "_" + (parts.length > 1 ? parts[1] : "");
    }
  },

  /**
   * {@code images/NAME/*.jpg} and {@code annotations/NAME/*.png} of the scene-parsing edition, 0 =
   * void, 1 to 150. Every picture is a sequence of its own.
   */
  ADE20K("ade20k", ".jpg") {
    @Override
    Path pictures(Path data, String split) {
      return data.resolve("images").resolve(split);
    }

    @Override
    Path groundTruth(Path data, String split, Path picture) {
      String name = String.valueOf(picture.getFileName());
      return data.resolve("annotations")
          .resolve(split)
          .resolve(name.substring(0, name.length() - ".jpg".length()) + ".png");
    }

    @Override
    String sequence(Path picture) {
      return String.valueOf(picture.getFileName());
    }
  };

  private final String mapName;
  private final String suffixes; // with spaces between them

  DataLayout(String mapName, String suffixes) {
    this.mapName = mapName;
    this.suffixes = suffixes;
  }

  /** As written in configuration. */
  public String label() {
    return Labels.of(this);
  }

  public static DataLayout of(String label) {
    return Labels.parse(DataLayout.class, "data layout", label);
  }

  abstract Path pictures(Path data, String split);

  abstract Path groundTruth(Path data, String split, Path picture);

  String sequence(Path picture) {
    String name = String.valueOf(picture.getFileName());
    int end = name.lastIndexOf('_');
    return end < 0 ? "" : name.substring(0, end);
  }

  /** The map that fits the layout and a table without a file of one's own. */
  public ClassMap defaultMap(ClassTable table) throws IOException {
    return mapName.isEmpty()
        ? ClassMap.identity(table)
        : ClassMap.builtIn(mapName + "-" + table.id(), table);
  }

  /** All pictures of a split, in the order of their names. */
  List<Path> list(Path data, String split) throws IOException {
    Path folder = pictures(data, split);
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "a data set laid out as %s needs the folder %s, which does not exist"
              .formatted(label(), folder));
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> found = files.filter(this::isPicture).sorted().toList();
      if (found.isEmpty()) {
        throw new IOException("no picture (%s) in %s".formatted(suffixes, folder));
      }
      return found;
    }
  }

  private boolean isPicture(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return Arrays.stream(suffixes.split(" "))
        .anyMatch(suffix -> name.endsWith(suffix.toLowerCase(Locale.ROOT)));
  }
}
