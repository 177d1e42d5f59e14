package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rtsp:/u:hunter2@h/x",
        "rtsp:hunter2",
        "http:hunter2@h",
        "user:hunter2@h/x",
        "root:hunter2:0:0:root",
        "rtsp://u:hunter2@",
        "rtsp://",
        "http:///x",
        "rtsp://:554/x",
        "udp://"
      })
  void parse_incompleteUrl_isRefusedWithoutItsSecrets(String text) {
    assertThatThrownBy(() -> CameraConfig.of("c", text))
        .hasMessageContaining("URL")
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void parse_mpegTsAtAPortOfThisMachine_needsNoHost() {
    assertThat(CameraUrl.parse("udp://:5000").kind()).isEqualTo(CameraUrl.Kind.MPEGTS);
    assertThat(CameraUrl.parse("udp://@:5000").kind()).isEqualTo(CameraUrl.Kind.MPEGTS);
  }

  /** A file of passwords that is named by mistake, or by somebody who wants to read it. */
  @ParameterizedTest
  @ValueSource(
      strings = {"hunter2:x:0:0:root:/root:/bin/bash", "synthetic:hunter2", "rtmp://hunter2"})
  void config_urlFromAFileThatHasNone_doesNotQuoteIt(String content, @TempDir Path folder)
      throws Exception {
    Path file = Files.writeString(folder.resolve("url"), content);
    assertThatThrownBy(
            () ->
                YamlReader.parse(
                    "test",
                    "{id: c, url: {file: '%s'}}".formatted(file),
                    CameraConfig.class,
                    Map.of()))
        .hasMessageContaining("must be a path or one of")
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void text_pathFromAVariableOrFile_isNotShown(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("url"), "hunter2");
    CameraConfig ofFile =
        YamlReader.parse(
            "test", "{id: c, url: {file: '%s'}}".formatted(file), CameraConfig.class, Map.of());
    CameraConfig ofVariable =
        YamlReader.parse(
            "test", "{id: c, url: '${SECRET}'}", CameraConfig.class, Map.of("SECRET", "hunter2"));
    for (CameraConfig config : List.of(ofFile, ofVariable)) {
      assertThat(config.toString()).doesNotContain("hunter2");
      assertThat(TestCameras.failure(config)).contains("No such file").doesNotContain("hunter2");
    }
    assertThat(CameraConfig.of("c", "clips/hunter2").toString()).contains("hunter2");
  }

  @Test
  void text_userWithoutAScheme_isHidden() {
    CameraUrl url = CameraUrl.parse("hunter2@cam/live");
    assertThat(url.toString()).isEqualTo("***@cam/live");
    assertThat(url.scrub("no user hunter2")).doesNotContain("hunter2");
    assertThat(url.scrub("cannot open 'u:pw@other/x'")).isEqualTo("cannot open '***@other/x'");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "..", "...."})
  void id_ofDotsAlone_isRefused(String id) {
    assertThatThrownBy(() -> CameraConfig.of(id, "rtsp://cam"))
        .hasMessageContaining("not only dots, is '" + id + "'");
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

  @ParameterizedTest
  @CsvSource({
    "rtsp://admin:p/w@cam:554/live, rtsp://***@cam:554/live, rtsp://admin:p%2Fw@cam:554/live",
    "rtsp://admin:p@w@cam/live, rtsp://***@cam/live, rtsp://admin:p%40w@cam/live",
    "http://cam/user=admin&password=hunter2, http://cam/user=***&password=***, ",
    "http://cam/live?auth=abcdef#x, http://cam/live?***, ",
    "http://cam:80/a@b, http://***, http://cam:80/a@b",
    "rtsp://admin:1234/56@cam/, rtsp://***, rtsp://admin:1234/56@cam/"
  })
  void text_secretInAnyPlace_isHiddenAndTheConnectionKeepsIt(
      String text, String shown, String opened) {
    CameraUrl url = CameraUrl.parse(text);
    assertThat(url.toString()).isEqualTo(shown);
    assertThat(url.secretAddress()).isEqualTo(opened == null ? text : opened);
  }

  /** Passwords of hostile characters in every place that cameras put them. */
  @Test
  void text_randomHostileUrls_showNoSecret() {
    Random random = new Random(14);
    for (int i = 0; i < 3_000; i++) {
      String secret = secret(random);
      String text = hostile(random, secret);
      CameraUrl url = CameraUrl.parse(text);
      assertThat(url.toString()).as(text).doesNotContain(secret);
      assertThat(url.scrub("cannot open " + text + ": " + secret + " is wrong"))
          .as(text)
          .doesNotContain(secret);
      assertThat(CameraConfig.of("c", text).toString()).as(text).doesNotContain(secret);
    }
  }

  private static String secret(Random random) {
    String characters = "aZ09:/@?#%&=+~!$'()*,;[]-._";
    StringBuilder secret = new StringBuilder("Q");
    for (int i = 0; i < 5 + random.nextInt(8); i++) {
      secret.append(characters.charAt(random.nextInt(characters.length())));
    }
    return secret.append("Q").toString();
  }

  private static String hostile(Random random, String secret) {
    String encoded = java.net.URLEncoder.encode(secret, java.nio.charset.StandardCharsets.UTF_8);
    return switch (random.nextInt(5)) {
      case 0 -> "rtsp://admin:" + secret + "@cam:554/live";
      case 1 -> "https://x:" + secret + "@[::1]:80/";
      case 2 -> "http://cam/user=admin&password=" + encoded;
      case 3 -> "http://cam:8080/live?auth=" + secret;
      default -> "rtsp://cam/live?a=b&token=" + secret + "&c=d";
    };
  }

  @Test
  void config_urlFromAFile_isReadAndNeverPrinted(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("url"), "rtsp://admin:hunter2@cam/live\n");
    CameraConfig config =
        YamlReader.parse(
            "test", "{id: c, url: {file: '%s'}}".formatted(file), CameraConfig.class, Map.of());
    assertThat(config.address().secretAddress()).isEqualTo("rtsp://admin:hunter2@cam/live");
    assertThatThrownBy(
            () ->
                YamlReader.parse(
                    "test", "{id: c, url: {fil: hunter2}}", CameraConfig.class, Map.of()))
        .hasMessageContaining("url: must be a text or {file: PATH}")
        .message()
        .doesNotContain("hunter2");
    assertThatThrownBy(() -> CameraConfig.of("c", "rtmp://admin:hun@ter2@cam/live?x=abc"))
        .message()
        .doesNotContain("ter2")
        .doesNotContain("abc");
  }
}
