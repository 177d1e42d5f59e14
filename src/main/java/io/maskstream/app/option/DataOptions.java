package io.maskstream.app.option;

import io.maskstream.config.ConfigException;
import io.maskstream.dataset.DataLayout;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.dataset.NameFilter;
import io.maskstream.frame.ClassTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where labelled frames come from. */
public final class DataOptions {

  @Option(names = "--data", required = true, description = "Folder of the data set.")
  private Path data;

  @Option(
      names = "--layout",
      defaultValue = "folder",
      converter = LayoutConverter.class,
      description =
          "How the files lie: folder (NAME/*.png or *.jpg, and NAMEannot/*.png with the same "
              + "names, gray or with a palette), cityscapes or ade20k (as published). Default: "
              + "${DEFAULT-VALUE}.")
  private DataLayout layout;

  @Option(
      names = "--classes",
      description =
          "Class table: camvid, cityscapes, ade20k, or a YAML file (id, classes: name, color, "
              + "group, and labels, the values of the class in label pictures). Default: that of "
              + "the weights or model.")
  private @Nullable String classes;

  @Option(
      names = "--class-map",
      description =
          "YAML file 'classes: {7: road, 8: pavement}' that joins label values to classes; "
              + "what it does not name is void. Default: labels of --classes; else values are class "
              + "ids, and for cityscapes and ade20k a map that comes with the program.")
  private @Nullable Path classMap;

  @Option(
      names = "--scale",
      converter = ImageSize.Converter.class,
      description = "Size to scale pictures and labels to, such as 480x360. Default: as they are.")
  private @Nullable ImageSize scale;

  @Option(
      names = "--only",
      split = ",",
      description = "Only frames whose file names begin so, such as the name of a drive.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--exclude",
      split = ",",
      description =
          "No frames whose file names begin so. A training that excludes a drive measures "
              + "itself on that drive, which is then foreign to it.")
  private List<String> exclude = new ArrayList<>();

  /** The size to scale to where the command line names none. */
  public void scaleByDefault(ImageSize size) {
    scale = scale == null ? size : scale;
  }

  /** The class table of the command line. */
  public Optional<LabelScheme> scheme() throws IOException {
    try {
      return classes == null ? Optional.empty() : Optional.of(ClassTables.labeled(classes));
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The frames of a split that the options let through. */
  public FolderFrames frames(String split, ClassTable table) throws IOException {
    return frames(split, scheme(), table);
  }

  /** The same where label pictures are those of a scheme. */
  public FolderFrames frames(String split, LabelScheme labels) throws IOException {
    return frames(split, Optional.of(labels), labels.table());
  }

  private FolderFrames frames(String split, Optional<LabelScheme> labels, ClassTable table)
      throws IOException {
    return folder(labels).frames(split, new NameFilter(only, exclude), table);
  }

  /** The frames of a split that are excluded by name; empty where nothing is. */
  public Optional<FolderFrames> excluded(String split, LabelScheme labels) throws IOException {
    NameFilter names = new NameFilter(exclude, List.of());
    return exclude.isEmpty()
        ? Optional.empty()
        : Optional.of(folder(Optional.of(labels)).frames(split, names, labels.table()));
  }

  private DataFolder folder(Optional<LabelScheme> labels) {
    return new DataFolder(
        layout,
        data,
        scale == null ? 0 : scale.width(),
        scale == null ? 0 : scale.height(),
        Optional.ofNullable(classMap),
        labels);
  }

  static final class LayoutConverter implements ITypeConverter<DataLayout> {
    @Override
    public DataLayout convert(String label) {
      try {
        return DataLayout.of(label);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }
}
