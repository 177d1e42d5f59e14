package io.maskstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients have a build of their own: their versions are the program's. */
class ClientVersionsTest {
  private static String found(String file, String pattern) throws IOException {
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
    assertThat(matcher.find()).as("%s in %s", pattern, file).isTrue();
    return matcher.group(1);
  }

  private static String artifact(String file, String name) throws IOException {
    return found(file, "<artifactId>" + name + "</artifactId>\\s*<version>([^<]+)</version>");
  }

  @ParameterizedTest
  @CsvSource({"kafka-clients,kafka", "zstd-jni,zstd", "protobuf-java,protobuf"})
  void library_ofTheJavaClient_isTheProgramsVersion(String artifact, String property)
      throws IOException {
    String version = artifact("clients/java/pom.xml", artifact);
    String stated =
        version.startsWith("${")
            ? found("clients/java/pom.xml", "<" + property + ".version>([^<]+)<")
            : version;
    assertThat(stated).isEqualTo(found("pom.xml", "<" + property + ".version>([^<]+)<"));
  }

  @ParameterizedTest
  @CsvSource({"jackson-databind,jackson-bom", "jspecify,jspecify"})
  void library_thatTheProgramNames_isTheSame(String ofClient, String ofProgram) throws IOException {
    assertThat(artifact("clients/java/pom.xml", ofClient))
        .isEqualTo(artifact("pom.xml", ofProgram));
  }

  @Test
  void version_isTheProgramsOwn() throws IOException {
    String revision = found("pom.xml", "<revision>([^<]+)</revision>");
    assertThat(artifact("clients/java/pom.xml", "maskstream-client")).isEqualTo(revision);
    assertThat(found("clients/python/pyproject.toml", "(?m)^version = \"([^\"]+)\""))
        .isEqualTo(revision.replace("-SNAPSHOT", ""));
    assertThat(found("docs/consuming.md", "io.maskstream:maskstream-client:([^`]+)`"))
        .isEqualTo(revision);
  }
}
