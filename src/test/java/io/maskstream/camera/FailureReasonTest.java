package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureReasonTest {
  private static final CameraUrl URL = CameraUrl.parse("rtsp://user:secret@cam/live");

  private static String reason(String line) {
    MediaException failure =
        new MediaException("has video that cannot be decoded", -22, false, List.of(line, "other"));
    return String.valueOf(FailureReason.of(failure, URL, Duration.ofSeconds(1)).getMessage());
  }

  @Test
  void of_codecThatIsNotAllowed_saysHowToAllowIt() {
    assertThat(reason("Codec (msmpeg4) not on whitelist 'h264,hevc'"))
        .isEqualTo(
            "its codec msmpeg4 is not one that cameras send; allow: {codecs: [msmpeg4]} allows it");
    assertThat(reason("Format not on whitelist 'rtsp,sdp'"))
        .isEqualTo("its format is not one that cameras send; allow.formats widens them");
  }

  @Test
  void of_otherLines_areToldWithoutSecrets() {
    assertThat(reason("Protocol not found: rtsp://user:secret@cam/live")).doesNotContain("secret");
  }
}
