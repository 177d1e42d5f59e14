package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureReasonTest {
  private static final CameraConfig CAMERA =
      TestCameras.camera("cam", "rtsp://user:secret@cam/live");

  private static String reason(String line) {
    MediaException failure =
        new MediaException(
            "has video that cannot be decoded", -22, false, Duration.ZERO, List.of(line, "other"));
    return String.valueOf(FailureReason.opening(failure, CAMERA).getMessage());
  }

  @Test
  void of_codecThatIsNotAllowed_saysHowToAllowIt() {
    assertThat(reason("Codec (msmpeg4) not on whitelist 'h264,hevc'"))
        .isEqualTo(
            "its codec msmpeg4 is not one that cameras send; allow: {codecs: [msmpeg4]} allows it");
    assertThat(reason("Format (gif) not on whitelist 'rtsp,sdp'"))
        .isEqualTo(
            "its format gif is not one that cameras send; allow: {formats: [gif]} allows it");
    assertThat(reason("Format (ogg,oga) not on whitelist 'rtsp,sdp'"))
        .contains("allow: {formats: [ogg]}");
    assertThat(reason("Codec (libaom-av1) not on whitelist 'h264'"))
        .contains("allow: {codecs: [libaom-av1]}");
    assertThat(reason("Protocol 'rtp' not on whitelist 'file'!"))
        .contains("its protocol rtp is not one")
        .contains("allow: {protocols: [rtp]}");
  }

  @Test
  void linesOfFfmpeg_loseWhoSaysThem_butNotTheFormatThatIsMeant() {
    assertThat(FfmpegLog.withoutPrefix("[http @ 0x7f00] HTTP error 404"))
        .isEqualTo("HTTP error 404");
    assertThat(FfmpegLog.withoutPrefix("[gif @ 0x7f00] Format not on whitelist 'rtsp'"))
        .isEqualTo("Format (gif) not on whitelist 'rtsp'");
    assertThat(FfmpegLog.withoutPrefix("no prefix")).isEqualTo("no prefix");
  }

  @Test
  void of_otherLines_areToldWithoutSecrets() {
    assertThat(reason("Protocol not found: rtsp://user:secret@cam/live")).doesNotContain("secret");
  }

  /** FFmpeg has one error, without a word, for several things over HTTP. */
  @Test
  void inputOutputErrorOverHttp_isARedirectOnlyWhenOpening() {
    CameraConfig camera = TestCameras.camera("cam", "http://cam/live");
    MediaException early = inputOutput(Duration.ZERO);
    assertThat(FailureReason.opening(early, camera)).hasMessageContaining("perhaps a redirect");
    assertThat(FailureReason.reading(early, camera, camera.timeout()))
        .hasMessage("the camera closed the connection");
    MediaException late = inputOutput(camera.timeout());
    assertThat(FailureReason.opening(late, camera)).hasMessage("no picture within 1.0 s");
    assertThat(FailureReason.reading(late, camera, camera.timeout()))
        .hasMessage("no picture within 1.0 s");
  }

  @Test
  void timeOut_isSaidWithWhatTheServerAnswered() {
    MediaException failure =
        new MediaException(
            "cannot be opened", -1, true, Duration.ZERO, List.of("HTTP error 404 Not Found"));
    assertThat(FailureReason.opening(failure, CAMERA))
        .hasMessage("no picture within 2.0 s, but HTTP error 404 Not Found");
  }

  private static MediaException inputOutput(Duration elapsed) {
    return new MediaException("cannot be read: Input/output error", -5, false, elapsed, List.of());
  }
}
