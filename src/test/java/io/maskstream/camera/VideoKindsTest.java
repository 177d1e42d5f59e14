package io.maskstream.camera;

import static io.maskstream.frame.Pictures.meanDifference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.maskstream.frame.Picture;
import io.maskstream.metrics.Metrics;
import io.maskstream.synthetic.SyntheticStreet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.imageio.ImageIO;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameRecorder;
import org.bytedeco.javacv.Frame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Video that is unlike what most cameras send. */
class VideoKindsTest {
  private static final Picture STREET =
      new SyntheticStreet(3, 320, 240).at(Duration.ZERO).picture();

  /** From the tag of a track's header in MP4 to its matrix. */
  private static final int MATRIX = 44;

  @TempDir private Path folder;

  private static Picture first(Path file) throws IOException {
    try (VideoFile video = VideoFile.open(file)) {
      return video.next().orElseThrow().picture();
    }
  }

  @Test
  void aGifWithoutAFrameRate_hasOneToWriteItsFilmWith() throws Exception {
    Path file = folder.resolve("still.gif");
    ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_BYTE_INDEXED), "gif", file.toFile());
    try (VideoFile video = VideoFile.open(file)) {
      assertThat(video.filmFps()).isEqualTo(100); // the unit of its times
    }
  }

  @Test
  void aFilmOfTinyPictures_isStretched() throws Exception {
    Path file = folder.resolve("tiny.mp4");
    try (VideoWriter film = VideoWriter.open(file, 200, 1, 25)) {
      film.write(Picture.black(200, 1));
    }
    assertThat(first(file).height()).isEqualTo(16);
    assertThat(first(file).width()).isEqualTo(200);
  }

  @Test
  void interlacedVideo_isReadAsWholePictures() throws Exception {
    Path file = folder.resolve("interlaced.ts");
    FfmpegLog.install();
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toString(), 320, 240);
        Frame frame = new Frame(320, 240, Frame.DEPTH_UBYTE, 3)) {
      recorder.setFormat("mpegts");
      recorder.setVideoCodec(avcodec.AV_CODEC_ID_MPEG2VIDEO);
      recorder.setVideoOption("flags", "+ildct+ilme");
      recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(25);
      recorder.setVideoBitrate(4_000_000);
      recorder.start();
      ((ByteBuffer) frame.image[0]).put(STREET.rgb());
      for (int i = 0; i < 5; i++) {
        recorder.record(frame, avutil.AV_PIX_FMT_RGB24);
      }
    }
    Picture read = first(file);
    assertThat(read.width()).isEqualTo(320);
    assertThat(meanDifference(read, STREET)).isLessThan(12);
  }

  @Test
  void framesOfAFilm_haveTheirTimes() throws IOException {
    Path film = folder.resolve("film.mp4");
    List<Long> times = List.of(0L, 40_000L, 80_000L, 480_000L, 520_000L, 1_000_000L);
    Picture picture = Picture.black(160, 120);
    try (VideoWriter writer = VideoWriter.open(film, 160, 120, 25)) {
      for (long micros : times) {
        writer.write(picture, micros);
      }
      writer.write(picture, 80_000); // the clock was set back
      writer.write(picture);
    }
    List<Long> read = new ArrayList<>();
    try (VideoFile file = VideoFile.open(film)) {
      for (var next = file.next(); next.isPresent(); next = file.next()) {
        read.add(next.get().mediaMicros());
      }
      assertThat(file.filmFps()).isEqualTo(25);
    }
    assertThat(read.subList(0, 6)).isEqualTo(times);
    assertThat(read.subList(6, 8)).containsExactly(1_040_000L, 1_080_000L);
  }

  @Test
  void times_beginWithTheFirstFrame() throws IOException {
    Path file = Clips.write(folder.resolve("late.ts"), Clips.steady(36_000_000_000L, 3));
    try (VideoFile video = VideoFile.open(file)) {
      assertThat(video.next().orElseThrow().mediaMicros()).isZero();
      assertThat(video.next().orElseThrow().mediaMicros()).isEqualTo(40_000);
    }
  }

  @Test
  void videoWithoutItsIndex_isNamedWithWhatFfmpegSays() throws IOException {
    Path file = folder.resolve("cut.mp4");
    try (VideoWriter writer = VideoWriter.open(file, 320, 240, 15)) {
      writer.write(STREET);
    }
    byte[] bytes = Files.readAllBytes(file);
    int index = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("moov");
    Files.write(file, Arrays.copyOf(bytes, index - 4));
    assertThatThrownBy(() -> VideoFile.open(file)).hasMessageEndingWith("(moov atom not found)");
  }

  @Test
  void folder_isNoVideoThatIsMissing() {
    assertThatThrownBy(() -> VideoFile.open(folder)).hasMessage("a folder, not a video: " + folder);
  }

  /** As a phone that was held upright writes it. */
  @Test
  void turnedVideo_isSeenUpright() throws IOException {
    Path file = folder.resolve("turned.mp4");
    try (VideoWriter writer = VideoWriter.open(file, 320, 240, 15)) {
      writer.write(STREET);
    }
    byte[] bytes = Files.readAllBytes(file);
    int tag = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("tkhd");
    ByteBuffer matrix = ByteBuffer.wrap(bytes).position(tag + MATRIX);
    for (int number : new int[] {0, 1 << 16, 0, -(1 << 16), 0, 0, 240 << 16, 0, 1 << 30}) {
      matrix.putInt(number);
    }
    Files.write(file, bytes);
    Picture read = first(file);
    assertThat(read.width()).isEqualTo(240);
    assertThat(read.height()).isEqualTo(320);
    Picture expected = Orientation.of(0, 1 << 16, -(1 << 16), 0).apply(STREET);
    assertThat(meanDifference(read, expected)).isLessThan(12);
  }

  /** Media whose decoder FFmpeg gives a name of its own. */
  @Test
  void av1_isOneOfTheCodecsOfCameras() throws IOException {
    Path file = record("clip.mkv", "matroska", avcodec.AV_CODEC_ID_AV1, 1);
    TestCameras.awaitFrames(TestCameras.camera("c", file.toString()).withLoop(true));
  }

  @Test
  void pixelsThatAreNotSquare_keepTheShapeOfThePicture() throws IOException {
    Path file = record("wide.ts", "mpegts", avcodec.AV_CODEC_ID_MPEG2VIDEO, 4 / 3.0);
    List<Picture> pictures = new CopyOnWriteArrayList<>();
    try (CameraSupervisor camera =
        TestCameras.supervise(
            List.of(TestCameras.camera("c", file.toString())),
            frame -> pictures.add(frame.picture()),
            new Metrics())) {
      await().until(camera::finished);
    }
    assertThat(pictures.get(0).width()).isEqualTo(160);
    assertThat(pictures.get(0).height()).isEqualTo(90);
  }

  private Path record(String name, String format, int codec, double pixelAspect)
      throws IOException {
    Path file = folder.resolve(name);
    FfmpegLog.install();
    try (FFmpegFrameRecorder recorder = new FFmpegFrameRecorder(file.toString(), 320, 240);
        Frame frame = new Frame(320, 240, Frame.DEPTH_UBYTE, 3)) {
      recorder.setFormat(format);
      recorder.setVideoCodec(codec);
      recorder.setVideoOption("cpu-used", "8");
      recorder.setPixelFormat(avutil.AV_PIX_FMT_YUV420P);
      recorder.setFrameRate(25);
      recorder.setAspectRatio(pixelAspect);
      recorder.start();
      ((ByteBuffer) frame.image[0]).put(STREET.rgb());
      for (int i = 0; i < 5; i++) {
        recorder.record(frame, avutil.AV_PIX_FMT_RGB24);
      }
    }
    return file;
  }

  /** Where the machine lacks a library that FFmpeg's devices need, the message names it. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void deviceThatIsNotThere_isNamed() {
    assertThat(TestCameras.failure(TestCameras.camera("c", "/dev/video-none")))
        .matches(".*/dev/video-none: No such file.*|devices need libraries .*");
  }

  /** The device is a disk that is always full. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDisk_isNamedWithTheFile() throws IOException {
    Path full = Files.createSymbolicLink(folder.resolve("full.mp4"), Path.of("/dev/full"));
    assertThatThrownBy(
            () -> {
              try (VideoWriter writer = VideoWriter.open(full, 320, 240, 15)) {
                for (int i = 0; i < 200; i++) {
                  writer.write(STREET);
                }
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write the video " + full + ": No space left on device");
    Path png = Files.createSymbolicLink(folder.resolve("full.png"), Path.of("/dev/full"));
    assertThatThrownBy(() -> PictureFiles.writePng(png, STREET))
        .hasMessage("cannot write " + png + ": No space left on device");
  }

  @Test
  void largePictures_areWrittenSmaller() throws IOException {
    Path file = folder.resolve("large.mp4");
    try (VideoWriter writer = VideoWriter.open(file, 7680, 4320, 5)) {
      writer.write(Picture.black(7680, 4320));
    }
    assertThat(first(file).width()).isEqualTo(3840);
  }
}
