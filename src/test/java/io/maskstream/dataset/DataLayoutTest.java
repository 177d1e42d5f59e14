package io.maskstream.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.PictureScaler;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataLayoutTest {
  private static final ClassTable TABLE = ClassTable.camvid11();
  private static final byte ROAD = 3;
  private static final byte SKY = 0;

  /** A grey picture of 8×6 whose left half has one value and right half another. */
  private static void write(Path file, String format, int left, int right) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(8, 6, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 6; y++) {
      for (int x = 0; x < 8; x++) {
        image.getRaster().setSample(x, y, 0, x < 4 ? left : right);
      }
    }
    ImageIO.write(image, format, file.toFile());
  }

  private static FolderFrames frames(DataLayout layout, Path data, String split)
      throws IOException {
    return new FolderFrames(
        new FolderFrames.Source(layout, data, split, 4, 3, NameFilter.ALL),
        layout.defaultMap(TABLE));
  }

  private static void assertHalves(LabeledPicture frame, byte left, byte right) {
    assertThat(frame.picture().width()).isEqualTo(4);
    assertThat(frame.groundTruth().labels())
        .containsExactly(
            left, left, right, right, left, left, right, right, left, left, right, right);
  }

  @Test
  void cityscapes_asPublished_isReadByItsLabelIdsAndSequences(@TempDir Path data)
      throws IOException {
    for (String frame : new String[] {"aachen_000000_000019", "aachen_000000_000020"}) {
      write(data.resolve("leftImg8bit/val/aachen/" + frame + "_leftImg8bit.png"), "png", 9, 200);
      write(data.resolve("gtFine/val/aachen/" + frame + "_gtFine_labelIds.png"), "png", 7, 23);
    }
    write(data.resolve("leftImg8bit/val/bonn/bonn_000003_000019_leftImg8bit.png"), "png", 9, 200);
    write(data.resolve("gtFine/val/bonn/bonn_000003_000019_gtFine_labelIds.png"), "png", 4, 7);
    FolderFrames frames = frames(DataLayout.CITYSCAPES, data, "val");
    assertThat(frames.size()).isEqualTo(3);
    assertHalves(frames.get(0), ROAD, SKY);
    assertHalves(frames.get(2), (byte) ClassTable.VOID, ROAD); // 4 is "static", not evaluated
    assertThat(frames.sameSequence(0, 1)).isTrue();
    assertThat(frames.sameSequence(1, 2)).isFalse();
  }

  @Test
  void ade20k_asPublished_isReadByItsIndices(@TempDir Path data) throws IOException {
    write(data.resolve("images/validation/ADE_val_00000001.jpg"), "jpg", 9, 200);
    write(data.resolve("annotations/validation/ADE_val_00000001.png"), "png", 7, 3);
    FolderFrames frames = frames(DataLayout.ADE20K, data, "validation");
    assertHalves(frames.get(0), ROAD, SKY);
  }

  @Test
  void classMap_ofOnesOwn_joinsValuesToNames(@TempDir Path data) throws Exception {
    write(data.resolve("train/a_1.png"), "png", 9, 200);
    write(data.resolve("trainannot/a_1.png"), "png", 40, 41);
    Path file = data.resolve("map.yaml");
    Files.writeString(file, "classes:\n  40: road\n  41: sky\n");
    FolderFrames frames =
        new FolderFrames(
            new FolderFrames.Source(DataLayout.FOLDER, data, "train", 4, 3, NameFilter.ALL),
            ClassMap.read(file, TABLE));
    assertHalves(frames.get(0), ROAD, SKY);
    Files.writeString(file, "classes:\n  40: raod\n");
    assertThatThrownBy(() -> ClassMap.read(file, TABLE))
        .hasMessageContaining("classes.40")
        .hasMessageContaining("raod")
        .hasMessageContaining("pavement");
  }

  @Test
  void scheme_namesTheValuesOfItsClasses(@TempDir Path data) throws Exception {
    write(data.resolve("train/a_1.jpg"), "jpg", 9, 200);
    write(data.resolve("trainannot/a_1.png"), "png", 40, 41);
    LabelScheme scheme =
        LabelScheme.parse(
            "mine.yaml",
            "id: mine\nclasses: [{name: floor, labels: [1, 41]}, {name: door, labels: [40]}]");
    LabelScheme kept = LabelScheme.of(scheme.describe());
    assertThat(kept).isEqualTo(scheme);
    FolderFrames frames =
        new FolderFrames(
            new FolderFrames.Source(DataLayout.FOLDER, data, "train", 4, 3, NameFilter.ALL),
            ClassMap.of(kept, kept.table()));
    assertHalves(frames.get(0), (byte) 1, (byte) 0);
    assertThat(LabelScheme.of(Map.of()).table()).isEqualTo(TABLE); // weights of earlier versions
    assertThatThrownBy(
            () ->
                LabelScheme.parse(
                    "x", "id: x\nclasses: [{name: a, labels: [1]}, {name: b, labels: [1]}]"))
        .hasMessage("x: the label 1 belongs to a and to b");
    assertThatThrownBy(
            () -> LabelScheme.parse("x", "id: x\nclasses: [{name: a, labels: [256]}, {name: b}]"))
        .hasMessage("x: a label must be 0 to 255, class a has 256");
  }

  @Test
  void labelPictures_withAPalette_areReadByIndex_andColorsAreRefused(@TempDir Path data)
      throws Exception {
    write(data.resolve("train/a_1.png"), "png", 9, 200);
    Path file = data.resolve("trainannot/a_1.png");
    Files.createDirectories(data.resolve("trainannot"));
    byte[] red = {(byte) 200, 10, 20, 30};
    IndexColorModel palette = new IndexColorModel(8, 4, red, red, red);
    BufferedImage image = new BufferedImage(8, 6, BufferedImage.TYPE_BYTE_INDEXED, palette);
    image.getRaster().setSamples(4, 0, 4, 6, 0, new int[24]);
    for (int y = 0; y < 6; y++) {
      for (int x = 0; x < 4; x++) {
        image.getRaster().setSample(x, y, 0, 3);
      }
    }
    ImageIO.write(image, "png", file.toFile());
    FolderFrames frames = frames(DataLayout.FOLDER, data, "train");
    assertHalves(frames.get(0), ROAD, SKY);
    ImageIO.write(new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    assertThatThrownBy(() -> frames.get(0)).hasMessageContaining("has 3 channels");
    ImageIO.write(new BufferedImage(9, 6, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
    FolderFrames unscaled =
        new FolderFrames(
            new FolderFrames.Source(DataLayout.FOLDER, data, "train", 0, 0, NameFilter.ALL),
            ClassMap.identity(TABLE));
    assertThatThrownBy(() -> unscaled.get(0)).hasMessageContaining("8×6, its label picture 9×6");
  }

  @ParameterizedTest
  @CsvSource({"16, 12", "6, 5", "3, 2"})
  void pictures_scaled_areAsAWorkerScalesThem(int width, int height, @TempDir Path data)
      throws IOException {
    write(data.resolve("train/a_1.png"), "png", 9, 200);
    write(data.resolve("trainannot/a_1.png"), "png", 3, 0);
    ClassMap map = ClassMap.identity(TABLE);
    LabeledPicture whole = frames(data, 0, 0, map).get(0);
    LabeledPicture scaled = frames(data, width, height, map).get(0);
    assertThat(scaled.picture().rgb())
        .isEqualTo(PictureScaler.scale(whole.picture(), width, height).rgb());
    assertThat(scaled.groundTruth().labels()).containsOnly(ROAD, SKY);
  }

  private static FolderFrames frames(Path data, int width, int height, ClassMap map)
      throws IOException {
    return new FolderFrames(
        new FolderFrames.Source(DataLayout.FOLDER, data, "train", width, height, NameFilter.ALL),
        map);
  }

  @Test
  void labelPicture_thatIsDamaged_isNamed(@TempDir Path data) throws IOException {
    write(data.resolve("train/a_1.png"), "png", 9, 200);
    Path file = data.resolve("trainannot/a_1.png");
    write(file, "png", 3, 0);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    FolderFrames frames = frames(DataLayout.FOLDER, data, "train");
    assertThatThrownBy(() -> frames.get(0))
        .hasMessageStartingWith("not a label picture that can be read (PNG): " + file + " (");
  }

  @Test
  void shippedTables_fitTheirLayouts() throws Exception {
    for (DataLayout layout : List.of(DataLayout.CITYSCAPES, DataLayout.ADE20K)) {
      Path file = Path.of("src/main/resources/classtables", layout.label() + ".yaml");
      ClassTable table = LabelScheme.parse(layout.label(), Files.readString(file)).table();
      ClassMap map = layout.defaultMap(table);
      int first = layout == DataLayout.CITYSCAPES ? 7 : 1;
      int last = layout == DataLayout.CITYSCAPES ? 33 : 150;
      assertThat(map.classOf((byte) first)).isZero();
      assertThat(map.classOf((byte) last)).isEqualTo((byte) (table.size() - 1));
      assertThat(map.classOf((byte) 0)).isEqualTo((byte) ClassTable.VOID);
    }
  }

  @Test
  void names_keepADriveFromTraining(@TempDir Path data) throws IOException {
    for (String name : List.of("0006R0_1", "0006R0_2", "0016E5_1")) {
      write(data.resolve("train/" + name + ".png"), "png", 9, 200);
      write(data.resolve("trainannot/" + name + ".png"), "png", 3, 0);
    }
    List<String> drive = List.of("0006R0");
    assertThat(named(data, new NameFilter(List.of(), drive)).size()).isEqualTo(1);
    FolderFrames foreign = named(data, new NameFilter(drive, List.of()));
    assertThat(foreign.size()).isEqualTo(2);
    assertThat(foreign.name(1)).isEqualTo("0006R0_2.png");
    assertThatThrownBy(() -> named(data, new NameFilter(List.of("0001TP"), List.of())))
        .hasMessageContaining("0001TP");
  }

  private static FolderFrames named(Path data, NameFilter names) throws IOException {
    return new FolderFrames(
        new FolderFrames.Source(DataLayout.FOLDER, data, "train", 4, 3, names),
        ClassMap.identity(TABLE));
  }

  @Test
  void missingFolderOrLabels_areNamed(@TempDir Path data) throws IOException {
    assertThatThrownBy(() -> frames(DataLayout.CITYSCAPES, data, "val"))
        .hasMessageContaining("cityscapes")
        .hasMessageContaining(data.resolve("leftImg8bit").resolve("val").toString());
    write(data.resolve("train/a_1.png"), "png", 9, 200);
    assertThatThrownBy(() -> frames(DataLayout.FOLDER, data, "train"))
        .hasMessageContaining("trainannot");
  }
}
