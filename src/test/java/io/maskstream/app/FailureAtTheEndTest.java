package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.ChildJvm;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A command that fails because the process is stopped: libraries cannot be loaded any more. */
class FailureAtTheEndTest {

  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> Maskstream.commandLine().execute("run", "/no/such.yaml")));
    }
  }

  @Test
  void failure_whileTheProcessEnds_isNoMistakeOfTheUsers() throws Exception {
    Process child = ChildJvm.start(Child.class);
    String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(printed).isZero();
    assertThat(printed).contains("stopped: ").doesNotContain("maskstream: ");
  }
}
