package io.maskstream;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import io.maskstream.app.Maskstream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the table of packages: who may use whom. */
class ArchitectureTest {
  private static final String ROOT = "io.maskstream.";

  private static final JavaClasses CLASSES = OwnClasses.beside(Maskstream.class);

  /** What a package may use besides itself. {@code app} may use all. */
  private static Map<String, List<String>> table() {
    Map<String, List<String>> table = new LinkedHashMap<>();
    table.put("config", List.of());
    table.put("frame", List.of());
    table.put("prototype", List.of("frame", "config"));
    table.put("synthetic", List.of("frame"));
    table.put("metrics", List.of("frame", "config"));
    table.put("zone", List.of("frame", "config"));
    table.put("topic", List.of("frame", "prototype", "zone", "config"));
    table.put("event", List.of("frame", "zone", "topic", "config"));
    table.put("health", List.of("frame", "prototype", "event", "config"));
    table.put("redaction", List.of("frame", "config"));
    table.put("camera", List.of("frame", "zone", "topic", "metrics", "synthetic", "config"));
    table.put("inference", List.of("frame", "prototype", "onnx", "metrics", "config"));
    table.put("rollout", List.of("frame", "inference", "topic", "metrics", "config"));
    table.put(
        "stream",
        List.of(
            "frame",
            "prototype",
            "zone",
            "topic",
            "event",
            "health",
            "redaction",
            "inference",
            "rollout",
            "metrics",
            "config"));
    table.put("viewer", List.of("frame", "topic", "event", "metrics", "config"));
    table.put("client", List.of("frame", "topic"));
    table.put("tensorrt", List.of());
    table.put("network", List.of("config"));
    table.put("dataset", List.of("frame", "network", "synthetic", "config"));
    table.put("loss", List.of("network", "dataset"));
    table.put(
        "training",
        List.of(
            "frame",
            "prototype",
            "inference",
            "network",
            "dataset",
            "loss",
            "synthetic",
            "config"));
    table.put("onnx", List.of("network", "config"));
    table.put("evaluation", List.of("frame", "prototype", "inference"));
    table.put(
        "deployment",
        List.of(
            "frame",
            "prototype",
            "zone",
            "topic",
            "event",
            "health",
            "redaction",
            "camera",
            "inference",
            "rollout",
            "stream",
            "viewer",
            "metrics",
            "tensorrt",
            "synthetic",
            "config"));
    return table;
  }

  @Test
  void packages_useOnlyWhatTheTableAllows() {
    Map<String, List<String>> table = table();
    table.forEach(
        (name, allowed) -> {
          String[] forbidden =
              java.util.stream.Stream.concat(
                      table.keySet().stream(), java.util.stream.Stream.of("app"))
                  .filter(other -> !other.equals(name) && !allowed.contains(other))
                  .map(other -> ROOT + other + "..")
                  .toArray(String[]::new);
          noClasses()
              .that()
              .resideInAPackage(ROOT + name + "..")
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(forbidden)
              .check(CLASSES);
        });
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.maskstream.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void everyPackage_isInTheTable() {
    List<String> unknown =
        CLASSES.stream()
            .map(c -> c.getPackageName())
            .filter(name -> name.startsWith(ROOT))
            .map(name -> name.substring(ROOT.length()).split("\\.")[0])
            .distinct()
            .filter(name -> !name.equals("app") && !table().containsKey(name))
            .toList();
    org.assertj.core.api.Assertions.assertThat(unknown).isEmpty();
  }

  @Test
  void nothing_dependsOnPyTorchsClasses() {
    noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..").check(CLASSES);
  }

  @Test
  void servingPath_doesNotTrain() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + "camera..",
            ROOT + "topic..",
            ROOT + "inference..",
            ROOT + "rollout..",
            ROOT + "stream..",
            ROOT + "viewer..",
            ROOT + "deployment..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + "training..",
            ROOT + "dataset..",
            ROOT + "loss..",
            ROOT + "network..",
            "ai.djl.training..")
        .check(CLASSES);
  }
}
