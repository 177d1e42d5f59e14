package io.maskstream.training;

import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_GRAYSCALE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imread;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * A data set laid out as {@code NAME/*.png} and {@code NAMEannot/*.png} with grey label pictures.
 *
 * <p>Labels of K and above are void. A sequence is the frames whose names share what stands before
 * the last underscore; frames are in the order of their names.
 */
public final class FolderFrames implements LabeledFrames {
  private final Path labels;
  private final List<Path> pictures;
  private final int classes;

  public FolderFrames(Path data, String split, ClassTable table) throws IOException {
    Path folder = data.resolve(split);
    this.labels = data.resolve(split + "annot");
    this.classes = table.size();
    for (Path needed : List.of(folder, labels)) {
      if (!Files.isDirectory(needed)) {
        throw new IOException("a data set needs the folder " + needed + ", which does not exist");
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      this.pictures = files.filter(file -> file.toString().endsWith(".png")).sorted().toList();
    }
    if (pictures.isEmpty()) {
      throw new IOException("no *.png in " + folder);
    }
  }

  @Override
  public int size() {
    return pictures.size();
  }

  /** File name of a frame. */
  public String name(int index) {
    return String.valueOf(pictures.get(index).getFileName());
  }

  @Override
  public LabeledPicture get(int index) throws IOException {
    Path truth = labels.resolve(name(index));
    try (Mat bgr = readImage(pictures.get(index), IMREAD_COLOR);
        Mat label = readImage(truth, IMREAD_GRAYSCALE);
        Mat rgb = new Mat()) {
      cvtColor(bgr, rgb, COLOR_BGR2RGB);
      byte[] colors = new byte[3 * rgb.rows() * rgb.cols()];
      rgb.data().get(colors);
      byte[] ids = new byte[label.rows() * label.cols()];
      label.data().get(ids);
      for (int i = 0; i < ids.length; i++) {
        if (Byte.toUnsignedInt(ids[i]) >= classes) {
          ids[i] = (byte) ClassTable.VOID;
        }
      }
      return new LabeledPicture(
          new Picture(rgb.cols(), rgb.rows(), colors), new Mask(label.cols(), label.rows(), ids));
    }
  }

  private static Mat readImage(Path file, int mode) throws IOException {
    Mat image = imread(file.toString(), mode);
    if (image.empty()) {
      image.close();
      throw new IOException("cannot read the picture " + file);
    }
    return image;
  }

  @Override
  public boolean sameSequence(int first, int second) {
    return sequence(first).equals(sequence(second));
  }

  private String sequence(int index) {
    String name = name(index);
    int end = name.lastIndexOf('_');
    return end < 0 ? "" : name.substring(0, end);
  }
}
