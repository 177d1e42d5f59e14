package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CameraUrlTest {

  @ParameterizedTest
  @CsvSource({
    "rtsp://cam/1,RTSP",
    "rtsps://cam/1,RTSP",
    "http://cam/video.mjpg,HTTP",
    "https://cam/live.m3u8,HTTP",
    "udp://127.0.0.1:5000,MPEGTS",
    "tcp://127.0.0.1:5000,MPEGTS",
    "/dev/video0,V4L2",
    "clips/a.mp4,FILE",
    "file:///clips/a.mp4,FILE",
    "synthetic:street?seed=4,SYNTHETIC"
  })
  void parse_knownAddress_hasItsKind(String text, CameraUrl.Kind kind) {
    assertThat(CameraUrl.parse(text).kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({"gopher://x", "concat:a|b", "data:text", "subfile:x", "synthetic:forest"})
  void parse_otherAddress_isRefused(String text) {
    assertThatThrownBy(() -> CameraUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void text_hidesUserPasswordAndQuery() {
    CameraUrl url = CameraUrl.parse("rtsp://admin:hunter2@cam:554/live?token=abc");
    assertThat(url.toString()).isEqualTo("rtsp://***@cam:554/live?***");
    assertThat(url.scrub("cannot open rtsp://admin:hunter2@cam:554/live?token=abc"))
        .doesNotContain("hunter2")
        .doesNotContain("abc");
    assertThat(url.scrub("user admin, password hunter2")).doesNotContain("hunter2");
    assertThat(CameraConfig.of("c", "rtsp://admin:hunter2@cam/live").toString())
        .doesNotContain("hunter2");
  }

  @Test
  void config_outOfRange_namesRuleAndValue() {
    assertThatThrownBy(() -> CameraConfig.of("front door", "rtsp://cam"))
        .hasMessageContaining("'front door'");
  }
}
