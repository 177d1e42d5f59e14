package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.ChildJvm;
import io.maskstream.app.Maskstream;
import io.maskstream.config.YamlReader;
import io.maskstream.deployment.Deployment.Role;
import io.maskstream.topic.AdminSession;
import io.maskstream.topic.KafkaConnection;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a user reads where a process cannot start: one sentence with what to look at. */
class StartMessagesIT {

  private static DeploymentConfig config(String kafka, int monitor, int view) throws Exception {
    String yaml =
        """
        name: start
        kafka: {bootstrap: '%s'}
        topics: {prefix: start, partitions: 1}
        view: {port: %d}
        monitor: {port: %d}
        """
            .formatted(kafka, view, monitor);
    return YamlReader.parse("start.yaml", yaml, DeploymentConfig.class, Map.of());
  }

  private static ServerSocket taken() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static String output(int expected, String... words) {
    StringWriter out = new StringWriter();
    CommandLine command = Maskstream.commandLine().setErr(new PrintWriter(out, true));
    assertThat(command.execute(words)).isEqualTo(expected);
    return out.toString();
  }

  @Test
  @Timeout(120)
  void broker_thatDoesNotAnswer_isNamedWithTheTime() throws Exception {
    try (ServerSocket silent = taken()) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      assertThatThrownBy(() -> Deployment.start(config(address, 0, 0), EnumSet.of(Role.VIEW)))
          .isInstanceOf(IOException.class)
          .hasMessage("cannot reach Kafka at %s: no answer within 20 s".formatted(address));
    }
  }

  @Test
  void tail_withoutBroker_isOneSentence() throws Exception {
    int free;
    try (ServerSocket socket = taken()) {
      free = socket.getLocalPort();
    }
    assertThat(output(1, "tail", "frames", "--bootstrap", "127.0.0.1:" + free))
        .isEqualTo(
            "maskstream: cannot reach Kafka at 127.0.0.1:%d: no answer within 20 s%n"
                .formatted(free));
    assertThat(output(1, "tail", "frames", "--bootstrap", "nowhere.invalid:9092"))
        .startsWith("maskstream: cannot use Kafka at nowhere.invalid:9092: ")
        .hasLineCount(1);
  }

  @Test
  void ports_thatAreTaken_areNamed() throws Exception {
    try (ServerSocket other = taken();
        EmbeddedBroker broker = EmbeddedBroker.start(Optional.empty(), 0)) {
      int port = other.getLocalPort();
      assertThatThrownBy(
              () -> Deployment.start(config(broker.bootstrap(), port, 0), EnumSet.of(Role.VIEW)))
          .hasMessage(
              "monitor: cannot listen on 127.0.0.1 port %d, is another process there?"
                  .formatted(port));
      assertThatThrownBy(
              () -> Deployment.start(config(broker.bootstrap(), 0, port), EnumSet.of(Role.VIEW)))
          .hasMessage(
              "view: cannot listen on 127.0.0.1 port %d, is another process there?"
                  .formatted(port));
      assertThatThrownBy(() -> EmbeddedBroker.start(Optional.empty(), port))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the embedded broker cannot start on port " + port);
    }
  }

  @Test
  void mistakes_ofAllParts_areInOneMessage(@TempDir Path folder) throws Exception {
    try (ServerSocket other = taken();
        ServerSocket another = taken();
        ServerSocket third = taken()) {
      Path file = folder.resolve("t.yaml");
      Files.writeString(
          file,
          """
          name: start
          kafka: {bootstrap: embedded}
          broker: {port: %d}
          segment: {model: none-a}
          view: {port: %d, users: gone-users}
          monitor: {port: %d}
          """
              .formatted(third.getLocalPort(), other.getLocalPort(), another.getLocalPort()));
      assertThat(output(1, "run", file.toString(), "--home", folder.toString()))
          .contains("segment.model: ", "none-a")
          .containsPattern("view.users: no such file, or not readable: \\S*gone-users")
          .contains("broker: cannot listen on localhost port " + third.getLocalPort())
          .contains("view: cannot listen on 127.0.0.1 port " + other.getLocalPort())
          .contains("monitor: cannot listen on 127.0.0.1 port " + another.getLocalPort())
          .hasLineCount(1);
    }
  }

  @Test
  void mistakes_ofTheFileAndOfTheMachine_areInOneMessage(@TempDir Path folder) throws Exception {
    try (ServerSocket other = taken()) {
      Path file = folder.resolve("t.yaml");
      Files.writeString(
          file,
          """
          name: start
          kafka: {bootstrap: embedded, bootstrapp: x}
          cameras: [{id: a, url: 'rtsp://a', fpss: 5}, {id: a, url: 'rtsp://b'}]
          segment: {model: none-a}
          monitor: {port: %d}
          """
              .formatted(other.getLocalPort()));
      assertThat(output(1, "run", file.toString(), "--home", folder.toString()))
          .contains("kafka.bootstrapp: is not a key here", "cameras[0].fpss: is not a key here")
          .contains("two cameras have the id 'a'");
      Files.writeString(file, Files.readString(file).replace("{id: a, url: 'rtsp://b'}", ""));
      assertThat(output(1, "run", file.toString(), "--home", folder.toString()))
          .contains("has 4 mistakes")
          .contains("kafka.bootstrapp: is not a key here", "cameras[0].fpss: is not a key here")
          .contains("segment.model: ", "none-a")
          .contains("monitor: cannot listen on 127.0.0.1 port " + other.getLocalPort());
    }
  }

  /** Kafka's own close waits for its calls, which a frozen broker never answers. */
  @Test
  @Timeout(20)
  void admin_ofASilentBroker_isClosedAtOnce() throws Exception {
    try (ServerSocket silent = taken()) {
      KafkaConnection kafka = KafkaConnection.plain("127.0.0.1:" + silent.getLocalPort());
      AdminSession session = AdminSession.open(kafka);
      var unused = session.admin().listTopics().names();
      session.close();
    }
  }

  @Test
  void modelFolders_thatAreMissing_areAllNamed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("t.yaml");
    Files.writeString(
        file,
        """
        name: start
        kafka: {bootstrap: embedded}
        segment:
          model: none-a
          models: [{model: none-b, cameras: [x]}]
        monitor: {port: 0}
        """);
    assertThat(output(1, "run", file.toString(), "--roles", "segment", "--home", folder.toString()))
        .contains("none-a")
        .contains("none-b")
        .doesNotContain("Exception");
  }

  /** As where the folders in which they are unpacked do not allow programs to run. */
  @ParameterizedTest
  @ValueSource(strings = {"org.bytedeco.javacpp.platform=none", "onnxruntime.native.path=/nowhere"})
  @Timeout(120)
  void nativeLibraries_thatCannotBeLoaded_areOneSentenceAndTheEnd(
      String property, @TempDir Path folder) throws Exception {
    Path topology =
        Files.writeString(
            folder.resolve("t.yaml"),
            """
            name: natives
            kafka: {bootstrap: embedded}
            cameras: [{id: a, url: 'synthetic:street?seed=1'}]
            monitor: {port: 0}
            """);
    Process process =
        new ProcessBuilder(
                ChildJvm.command(
                    List.of("-D" + property), Maskstream.class, "run", topology.toString()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(1);
    assertThat(output)
        .contains("maskstream: a native library cannot be loaded: ")
        .contains(System.getProperty("java.io.tmpdir"))
        .doesNotContain("\tat io.maskstream");
  }
}
