package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers in files, records and messages, on a machine whose language has digits of its own. */
class NumbersTest {

  @Test
  void numbers_whereTheMachineSpeaksArabic_haveTheDigitsOfThePrograms() throws Exception {
    Process password =
        new ProcessBuilder(
                ChildJvm.command(
                    List.of("-Duser.language=ar", "-Duser.country=EG"),
                    Maskstream.class,
                    "password"))
            .start();
    password.getOutputStream().write("correct horse\n".getBytes(StandardCharsets.UTF_8));
    password.getOutputStream().close();
    String hash = new String(password.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(password.waitFor()).isZero();
    assertThat(hash).matches("[a-z0-9-]+\\$[0-9]+\\$[A-Za-z0-9+/=]+\\$[A-Za-z0-9+/=]+\\R");
  }
}
