package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A worker that is stopped while its model loads. */
class LoadAtTheEndTest {
  private static final Path BUNDLE = Path.of("models/street-ssa");

  /** Loads a model once as usual, and once more when the end of the process has begun. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws ModelException {
      Runtime.getRuntime().addShutdownHook(new Thread(Child::loadLate));
      LoadedModel.load(ModelBundle.read(BUNDLE), 1).close();
    }

    private static void loadLate() {
      try {
        TimeUnit.MILLISECONDS.sleep(500); // other hooks run at the same time
        LoadedModel.load(ModelBundle.read(BUNDLE), 1).close();
        System.out.println("loaded late");
      } catch (ModelException | InterruptedException e) {
        System.out.println(e);
      }
    }
  }

  @Test
  void load_whileTheProcessEnds_doesNotTakeItDown() throws Exception {
    Process child = ChildJvm.start(Child.class);
    String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(printed).isZero();
    assertThat(printed).contains("loaded late");
  }
}
