package io.maskstream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.topic.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The committed models on the data that their cards name. */
class ModelAccuracyIT {

  @Test
  @Tag("data")
  void eval_camvidVal_holdsWhatTheCardsSay() {
    for (String model : List.of("street-ssa", "street-protoseg")) {
      Map<?, ?> single = eval(model, "per-frame", "float");
      Map<?, ?> reused = eval(model, "flow", "auto"); // as a worker of this machine serves it
      assertThat(single.get("frames")).isEqualTo(101);
      assertThat(number(single, "miou")).as(model).isGreaterThan(72);
      assertThat(number(reused, "miou")).as(model).isGreaterThan(number(single, "miou") - 0.1);
      assertThat(number(eval(model, "per-frame", "auto"), "miou"))
          .as(model)
          .isGreaterThan(number(single, "miou") - 0.3);
      assertThat(number(reused, "flipRate"))
          .as(model)
          .isLessThan(number(single, "flipRate") * 0.85);
      assertThat(number(reused, "temporalConsistency"))
          .as(model)
          .isGreaterThan(number(single, "temporalConsistency"));
    }
  }

  private static double number(Map<?, ?> result, String name) {
    return ((Number) Objects.requireNonNull(result.get(name))).doubleValue();
  }

  private static Map<?, ?> eval(String model, String policy, String precision) {
    Path data = Path.of(System.getProperty("maskstream.data"), "camvid");
    PrintStream before = System.out;
    ByteArrayOutputStream caught = new ByteArrayOutputStream();
    System.setOut(new PrintStream(caught, true, StandardCharsets.UTF_8));
    try {
      String[] command = {
        "eval",
        "--model",
        "models/" + model,
        "--data",
        data.toString(),
        "--reuse",
        policy,
        "--precision",
        precision,
        "--json"
      };
      assertThat(Maskstream.commandLine().execute(command)).isZero();
    } finally {
      System.setOut(before);
    }
    String[] lines = caught.toString(StandardCharsets.UTF_8).strip().split("\n");
    return Json.read(lines[lines.length - 1].getBytes(StandardCharsets.UTF_8), Map.class);
  }
}
