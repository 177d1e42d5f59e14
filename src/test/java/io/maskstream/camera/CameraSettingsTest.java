package io.maskstream.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.topic.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CameraSettingsTest {

  private static CameraConfig camera(String yaml) throws ConfigException {
    return YamlReader.parse("test", yaml, CameraConfig.class, Map.of("PASSWORD", "s3cret"));
  }

  @Test
  void ofFile_hasWhatDiffersFromTheDefaults_andComesBackTheSame() throws Exception {
    CameraConfig config =
        camera("{id: gate, url: 'rtsp://cam/1', fps: 5, quality: 70, reconnectDelay: 3s}");
    CameraSettings settings = CameraSettings.ofFile(config);
    assertThat(settings.settings()).containsOnlyKeys("url", "fps", "quality", "reconnectDelay");
    assertThat(settings.file()).isEqualTo(settings.settings());
    CameraSettings read = Json.read(Json.write(settings), CameraSettings.class);
    assertThat(read).isEqualTo(settings);
    assertThat(read.toConfig("gate", Map.of()).toString()).isEqualTo(config.toString());
  }

  @Test
  void ofFile_secretInClear_isAVariable_ofItsOwnForEveryCamera() throws Exception {
    CameraConfig plain = camera("{id: 'front.door', url: 'rtsp://u:s3cret@cam/1'}");
    CameraConfig other = camera("{id: 'front-door', url: 'rtsp://u:other@cam/2'}");
    CameraConfig open = camera("{id: yard, url: 'rtsp://cam/3'}");
    CameraSettings settings = CameraSettings.ofFile(plain);
    assertThat(new String(Json.write(settings), java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("s3cret");
    Map<String, String> secrets = CameraSettings.secrets(List.of(plain, other, open));
    assertThat(secrets).hasSize(2).containsValues("rtsp://u:s3cret@cam/1", "rtsp://u:other@cam/2");
    assertThat(settings.toConfig("front.door", secrets).url().value())
        .isEqualTo("rtsp://u:s3cret@cam/1");
  }

  @Test
  void ofFile_reference_staysOne() throws Exception {
    CameraConfig config = camera("{id: gate, url: 'rtsp://u:${PASSWORD}@cam/1'}");
    assertThat(CameraSettings.ofFile(config).settings())
        .containsEntry("url", "rtsp://u:${PASSWORD}@cam/1");
    assertThat(CameraSettings.secrets(List.of(config))).isEmpty();
  }

  @Test
  void with_changesKeys_andTakesDefaultsAgain() {
    CameraSettings settings =
        CameraSettings.of(Map.of("url", "rtsp://cam/1", "fps", 5)).withPaused(true);
    Map<String, Object> changes = new HashMap<>();
    changes.put("fps", null);
    changes.put("quality", 60);
    CameraSettings changed = settings.with(changes);
    assertThat(changed.settings()).isEqualTo(Map.of("url", "rtsp://cam/1", "quality", 60));
    assertThat(changed.paused()).isTrue();
    assertThat(changed.withPaused(false).paused()).isFalse();
  }

  @Test
  void check_refusesWhatNoReaderCouldTake_andSecretsInClear() {
    assertThatCode(() -> CameraSettings.of(Map.of("url", "rtsp://cam/1")).check("gate"))
        .doesNotThrowAnyException();
    assertThatCode(
            () -> CameraSettings.of(Map.of("url", "rtsp://u:${UNKNOWN}@cam/1")).check("gate"))
        .doesNotThrowAnyException();
    assertThatCode(() -> CameraSettings.of(Map.of("url", Map.of("file", "/run/url"))).check("gate"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> CameraSettings.of(Map.of("url", "rtsp://u:p@cam/1")).check("gate"))
        .hasMessageContaining("the url of camera gate has a user or password in clear");
    assertThatThrownBy(
            () -> CameraSettings.of(Map.of("url", "rtsp://cam/1", "fsp", 5)).check("gate"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("fsp")
        .hasMessageContaining("fps");
    assertThatThrownBy(() -> CameraSettings.of(Map.of("id", "gate")))
        .hasMessageContaining("the id is the record's key");
  }
}
