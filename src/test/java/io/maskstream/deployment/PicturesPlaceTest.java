package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Settings under which pictures would leave the process are refused before anything starts. */
class PicturesPlaceTest {

  private static DeploymentConfig config(String lines) throws ConfigException {
    String yaml =
        """
        name: yard
        kafka: {bootstrap: 'localhost:1'}
        pictures: {place: process}
        monitor: {port: 0}
        view: {port: 0}
        """
            + lines;
    return YamlReader.parse("yard.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  @Test
  void overlay_isRefused() {
    assertThatThrownBy(() -> config("segment: {overlay: true}"))
        .hasMessageContaining(
            "segment.overlay must be false with pictures.place: process, because it shows the"
                + " picture; is true");
  }

  @Test
  void replay_isRefused() {
    assertThatThrownBy(() -> config("segment: {maxAge: none}"))
        .hasMessageContaining(
            "segment.maxAge must be a time with pictures.place: process, because a replay's state"
                + " holds a small picture; is none");
  }

  @Test
  void heldBytes_mustBePositive() {
    assertThatThrownBy(
            () ->
                YamlReader.parse(
                    "yard.yaml",
                    "{name: yard, kafka: {bootstrap: 'x:1'}, pictures: {heldBytes: 0}}",
                    DeploymentConfig.class,
                    Map.of()))
        .hasMessageContaining("pictures: heldBytes must be at least 1, is 0");
  }

  @Test
  void oneRoleOfTheTwo_isRefused() throws Exception {
    String rule =
        "pictures.place: process needs the roles ingest and segment in the same process, its roles"
            + " are ";
    DeploymentConfig config = config("");
    assertThat(Deployment.problems(config, Set.of(Role.SEGMENT))).contains(rule + "segment");
    assertThat(Deployment.problems(config, Set.of(Role.INGEST, Role.VIEW)))
        .contains(rule + "ingest, view");
    assertThat(Deployment.problems(config, Set.of(Role.VIEW))).isEmpty();
    assertThat(Deployment.problems(config, Set.of(Role.INGEST, Role.SEGMENT))).isEmpty();
    assertThat(Deployment.problems(config, Deployment.allRoles())).isEmpty();
    DeploymentConfig usual = DeploymentConfig.of("yard", "localhost:1");
    assertThat(Deployment.problems(usual, Set.of(Role.SEGMENT)))
        .noneMatch(problem -> problem.contains("pictures"));
  }
}
