package io.maskstream.app.option;

import io.maskstream.config.ConfigException;
import io.maskstream.dataset.ClassMap;
import io.maskstream.dataset.DataLayout;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.dataset.InMemoryFrames;
import io.maskstream.dataset.JoinedFrames;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.dataset.LabeledFrames;
import io.maskstream.dataset.NameFilter;
import io.maskstream.dataset.StreetFrames;
import io.maskstream.frame.ClassTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A folder of labelled images.
 *
 * @param layout how its files lie
 * @param folder of the data set
 * @param width that pictures are scaled to, 0 for as they are
 * @param height that pictures are scaled to, 0 for as they are
 * @param classMap joins label values to classes; without it, the scheme's, then the layout's own
 * @param scheme a class table with the values of its classes
 */
public record DataFolder(
    DataLayout layout,
    Path folder,
    int width,
    int height,
    Optional<Path> classMap,
    Optional<LabelScheme> scheme) {
  private static final int DRAWN_WIDTH = 480;
  private static final int DRAWN_HEIGHT = 360;

  /** All frames of a split. */
  public FolderFrames frames(String split, ClassTable table) throws IOException {
    return frames(split, NameFilter.ALL, table);
  }

  /** Some frames of a split. */
  public FolderFrames frames(String split, NameFilter names, ClassTable table) throws IOException {
    return new FolderFrames(
        new FolderFrames.Source(layout, folder, split, width, height, names), map(table));
  }

  private ClassMap map(ClassTable table) throws IOException {
    if (classMap.isEmpty()) {
      if (scheme.isPresent() && !scheme.get().labels().isEmpty()) {
        return ClassMap.of(scheme.get(), table);
      }
      if (scheme.isPresent() && scheme.get().table().size() != table.size()) {
        throw new IOException(
            "the class table %s has %d classes, that of the model (%s) %d; where the classes of --classes have labels, their names join them to the model's"
                .formatted(
                    scheme.get().table().id(),
                    scheme.get().table().size(),
                    table.id(),
                    table.size()));
      }
      return layout.defaultMap(table);
    }
    try {
      return ClassMap.read(classMap.get(), table);
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Real frames, held in memory, and after them drawn ones.
   *
   * @param moving whether optical flow relates neighbors of the drawn ones
   */
  public static LabeledFrames withStreet(LabeledFrames real, int drawn, boolean moving, long seed)
      throws IOException {
    LabeledFrames held = new InMemoryFrames(real);
    if (drawn == 0) {
      return held;
    }
    StreetFrames street =
        moving
            ? StreetFrames.inMotion(seed, DRAWN_WIDTH, DRAWN_HEIGHT, drawn)
            : new StreetFrames(seed, DRAWN_WIDTH, DRAWN_HEIGHT, drawn);
    return new JoinedFrames(List.of(held, new InMemoryFrames(street)));
  }
}
