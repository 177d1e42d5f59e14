package io.maskstream.app;

import io.maskstream.frame.ClassTable;
import io.maskstream.training.DataLayout;
import io.maskstream.training.FolderFrames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where labelled frames come from. */
final class DataOptions {

  @Option(names = "--data", required = true, description = "Folder of the data set.")
  private Path data;

  @Option(
      names = "--layout",
      defaultValue = "folder",
      converter = LayoutConverter.class,
      description = {
        "How the files lie: folder (NAME/*.png and NAMEannot/*.png with grey label pictures),",
        "cityscapes or ade20k (as published). Default: ${DEFAULT-VALUE}."
      })
  private DataLayout layout;

  @Option(
      names = "--class-map",
      description = {
        "YAML file 'classes: {7: road, 8: pavement}' that joins label values to classes; what it",
        "does not name is void. Default: values are class ids, and for cityscapes and ade20k a map",
        "that comes with the program."
      })
  private @Nullable Path classMap;

  @Option(
      names = "--scale",
      converter = ImageSize.Converter.class,
      description = "Size to scale pictures and labels to, such as 480x360. Default: as they are.")
  private @Nullable ImageSize scale;

  /** The frames of a split. */
  FolderFrames frames(String split, ClassTable table) throws IOException {
    return new DataFolder(
            layout,
            data,
            scale == null ? 0 : scale.width(),
            scale == null ? 0 : scale.height(),
            Optional.ofNullable(classMap))
        .frames(split, table);
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
