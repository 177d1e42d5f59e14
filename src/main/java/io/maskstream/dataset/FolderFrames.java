package io.maskstream.dataset;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imread;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_NEAREST;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.frame.PictureScaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** A labelled data set in a folder; see {@link DataLayout} for how its files may lie. */
public final class FolderFrames implements LabeledFrames {

  /**
   * Where and how.
   *
   * @param data folder of the data set
   * @param split part of it, such as {@code train}
   * @param width to scale to, pixels; 0 leaves the pictures as they are
   * @param height to scale to, pixels; 0 leaves the pictures as they are
   * @param names which of its frames count
   */
  public record Source(
      DataLayout layout, Path data, String split, int width, int height, NameFilter names) {}

  private static final Pattern LAST_NUMBER = Pattern.compile("(\\d{1,18})\\D*$");

  private final Source source;
  private final ClassMap map;
  private final List<Path> pictures;

  public FolderFrames(Source source, ClassMap map) throws IOException {
    this.source = source;
    this.map = map;
    this.pictures =
        source.layout.list(source.data, source.split).stream()
            .filter(picture -> source.names.accepts(String.valueOf(picture.getFileName())))
            .toList();
    if (pictures.isEmpty()) {
      throw new IOException(
          "no frame of the split %s in %s is left by the filter of names: %s"
              .formatted(source.split, source.data, source.names));
    }
    for (Path picture : pictures) {
      Path groundTruth = source.layout.groundTruth(source.data, source.split, picture);
      if (!Files.isRegularFile(groundTruth)) {
        throw new IOException(
            "a data set laid out as %s needs the file %s, which does not exist"
                .formatted(source.layout.label(), groundTruth));
      }
    }
  }

  /** {@code NAME/*} and {@code NAMEannot/*.png} whose grey values are class ids. */
  public FolderFrames(Path data, String split, ClassTable table) throws IOException {
    this(
        new Source(DataLayout.FOLDER, data, split, 0, 0, NameFilter.ALL), ClassMap.identity(table));
  }

  @Override
  public int size() {
    return pictures.size();
  }

  /** File name of a frame. */
  public String name(int index) {
    return String.valueOf(pictures.get(index).getFileName());
  }

  /**
   * When a frame was taken, by the number at the end of its name.
   *
   * @param rate numbers per second
   */
  public long captureMicros(int index, double rate) {
    Matcher number = LAST_NUMBER.matcher(name(index));
    long count = number.find() ? Long.parseLong(number.group(1)) : index;
    return Math.round(1e6 * count / rate);
  }

  @Override
  public LabeledPicture get(int index) throws IOException {
    Path picture = pictures.get(index);
    Path groundTruth = source.layout.groundTruth(source.data, source.split, picture);
    LabelFile.Values values = LabelFile.read(groundTruth);
    try (Mat image = readImage(picture);
        BytePointer pointer = new BytePointer(values.values());
        Mat drawn = new Mat(values.height(), values.width(), CV_8UC1, pointer);
        Mat label = scaled(drawn);
        Mat rgb = new Mat()) {
      cvtColor(image, rgb, COLOR_BGR2RGB);
      Picture scaled = scaledAsLive(rgb);
      if (scaled.height() != label.rows() || scaled.width() != label.cols()) {
        throw new IOException(
            "the picture %s is %d×%d, its label picture %d×%d"
                .formatted(picture, scaled.width(), scaled.height(), label.cols(), label.rows()));
      }
      byte[] ids = new byte[label.rows() * label.cols()];
      label.data().get(ids);
      for (int i = 0; i < ids.length; i++) {
        ids[i] = map.classOf(ids[i]);
      }
      return new LabeledPicture(scaled, new Mask(label.cols(), label.rows(), ids));
    }
  }

  private static Mat readImage(Path file) throws IOException {
    Mat image = imread(file.toString(), IMREAD_COLOR);
    if (image.empty()) {
      image.close();
      throw new IOException("cannot read the picture " + file);
    }
    return image;
  }

  /** The picture as a worker scales a camera's to the size of its model. */
  private Picture scaledAsLive(Mat rgb) {
    return source.width == 0
        ? PictureScaler.scale(rgb, rgb.cols(), rgb.rows())
        : PictureScaler.scale(rgb, source.width, source.height);
  }

  /** A second view of the label picture, or a scaled one. */
  private Mat scaled(Mat image) {
    boolean fits = image.cols() == source.width && image.rows() == source.height;
    if (source.width == 0 || fits) {
      return new Mat(image);
    }
    try (Size size = new Size(source.width, source.height)) {
      Mat result = new Mat();
      resize(image, result, size, 0, 0, INTER_NEAREST);
      return result;
    }
  }

  @Override
  public boolean sameSequence(int first, int second) {
    return source
        .layout
        .sequence(pictures.get(first))
        .equals(source.layout.sequence(pictures.get(second)));
  }
}
