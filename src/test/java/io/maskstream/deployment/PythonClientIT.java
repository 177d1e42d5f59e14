package io.maskstream.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.maskstream.frame.Mask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Python client, installed in its own environment, against records of ours. */
@Tag("python")
class PythonClientIT {
  private static final Path CLIENT = Path.of("clients", "python");

  @TempDir private Path folder;

  private String python(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(CLIENT.resolve(".venv/bin/python").toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .directory(CLIENT.resolve("tests").toFile())
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    try {
      assertThat(process.waitFor(150, TimeUnit.SECONDS)).as("ended in time").isTrue();
      assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
      return Files.readString(out);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void frames_ofAllEncodings_areReadOnce_andAccountedFor() throws Exception {
    JsonNode read;
    try (TestBroker broker = TestBroker.start(ClientRecords.TOPICS)) {
      ClientRecords.send(broker);
      String bootstrap = broker.connection().get("bootstrap.servers").toString();
      read = new ObjectMapper().readTree(python("read_frames.py", bootstrap, "clients", "3"));
    }
    assertThat(read.at("/frames").size()).isEqualTo(3);
    for (JsonNode frame : read.path("frames")) {
      Mask mask = ClientRecords.mask(frame.path(0).asLong());
      assertThat(frame.path(1).toString()).isEqualTo("[120,160]");
      assertThat(frame.path(2).asText()).isEqualTo(sha256(mask.labels()));
      assertThat(frame.path(3).asText()).isEqualTo("sky");
      double sum = 0;
      for (JsonNode share : frame.path(4)) {
        sum += share.asDouble();
      }
      assertThat(sum).isBetween(0.999, 1.001);
    }
    assertThat(read.at("/bad").toString())
        .contains("record 2 of clients.segmented-frames-0: it is no segmented frame of 3 bytes");
    assertThat(read.at("/account/segmented").asInt()).isEqualTo(3);
    assertThat(read.at("/account/repeated").asInt()).isEqualTo(1);
    assertThat(read.at("/account/dropped").asInt()).isEqualTo(1);
    assertThat(read.at("/missing").asInt()).isEqualTo(1);
  }

  @Test
  void itsOwnTests_pass() throws Exception {
    python("-m", "unittest", "test_client");
  }
}
