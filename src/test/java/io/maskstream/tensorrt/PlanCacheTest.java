package io.maskstream.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCacheTest {
  private static final PlanKey.Target H200 = new PlanKey.Target("10.15.1", "NVIDIA H200", 90);
  private static final BatchProfile BATCH = new BatchProfile(1, 8, 32);

  @TempDir private Path folder;
  private Path onnx;
  private final AtomicInteger builds = new AtomicInteger();
  private PlanCache cache;

  @BeforeEach
  void setUp() throws IOException {
    onnx = folder.resolve("model.onnx");
    Files.writeString(onnx, "a model");
    cache =
        new PlanCache(
            folder.resolve("plans"),
            (file, profile, device, timing) ->
                ("plan " + builds.incrementAndGet()).getBytes(StandardCharsets.UTF_8));
  }

  private String plan(PlanKey key) throws IOException {
    return new String(cache.plan(onnx, key, 0), StandardCharsets.UTF_8);
  }

  @Test
  void plan_ofTheSameKey_isBuiltOnce() throws IOException {
    PlanKey key = PlanKey.of(onnx, H200, BATCH);
    assertThat(plan(key)).isEqualTo("plan 1");
    assertThat(plan(PlanKey.of(onnx, H200, BATCH))).isEqualTo("plan 1");
  }

  @Test
  void plan_ofAnotherModelGpuLibraryOrBatch_isAnotherPlan() throws IOException {
    Path other = folder.resolve("other.onnx");
    Files.writeString(other, "another model");
    List<PlanKey> keys =
        List.of(
            PlanKey.of(onnx, H200, BATCH),
            PlanKey.of(other, H200, BATCH),
            PlanKey.of(onnx, new PlanKey.Target("10.16.0", "NVIDIA H200", 90), BATCH),
            PlanKey.of(onnx, new PlanKey.Target("10.15.1", "NVIDIA L4", 89), BATCH),
            PlanKey.of(onnx, H200, new BatchProfile(1, 1, 1)));
    for (PlanKey key : keys) {
      plan(key);
    }
    assertThat(builds.get()).isEqualTo(keys.size());
    assertThat(keys.stream().map(PlanKey::fileName).distinct()).hasSize(keys.size());
  }

  @Test
  void plan_damagedCutOffOrForeign_isRefusedWithTheReasonAndBuiltAgain() throws IOException {
    PlanKey key = PlanKey.of(onnx, H200, BATCH);
    plan(key);
    Path file = cache.path(key);
    byte[] whole = Files.readAllBytes(file);

    byte[] damaged = whole.clone();
    damaged[damaged.length - 1] ^= 1;
    Files.write(file, damaged);
    assertThatThrownBy(() -> PlanFile.read(file, key)).hasMessageContaining("checksum");
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 3));
    assertThatThrownBy(() -> PlanFile.read(file, key)).hasMessageContaining("cut off");
    Files.writeString(file, "not a plan at all, but long enough to look like one");
    assertThatThrownBy(() -> PlanFile.read(file, key))
        .hasMessageContaining("not made by this program");
    PlanKey elsewhere = PlanKey.of(onnx, new PlanKey.Target("10.15.1", "NVIDIA L4", 89), BATCH);
    PlanFile.write(file, elsewhere, new byte[] {1});
    assertThatThrownBy(() -> PlanFile.read(file, key))
        .hasMessageContaining("gpu NVIDIA H200")
        .hasMessageContaining("gpu NVIDIA L4");

    assertThat(plan(key)).isEqualTo("plan 2");
    assertThat(plan(key)).isEqualTo("plan 2");
  }

  @Test
  void plan_thatTensorRtRefuses_isBuiltAgainOnce() throws IOException {
    PlanKey key = PlanKey.of(onnx, H200, BATCH);
    byte[] refused = cache.plan(onnx, key, 0);
    assertThat(cache.rebuild(onnx, key, 0, refused)).asString().isEqualTo("plan 2");
    assertThat(cache.rebuild(onnx, key, 0, refused)).asString().isEqualTo("plan 2"); // by another
    assertThat(plan(key)).isEqualTo("plan 2");
  }

  @Test
  void sizes_arePowersOfTwoFromTheSmallestToTheLargestBatch() {
    assertThat(BatchProfile.sizes(1, 32)).containsExactly(1, 2, 4, 8, 16, 32);
    assertThat(BatchProfile.sizes(1, 1)).containsExactly(1);
    assertThat(BatchProfile.sizes(3, 20)).containsExactly(3, 4, 8, 16, 20);
    assertThat(BatchProfile.sizes(4, 4)).containsExactly(4);
  }

  @Test
  void buildProcess_isGivenTheNumberOfTheGpu() {
    BuildProcess echo =
        new BuildProcess(List.of("sh", "-c", "echo \"$3 on $4\"; exit 1"), Duration.ofSeconds(20));
    assertThatThrownBy(() -> echo.build(onnx, BATCH, 3, folder.resolve("timing")))
        .hasMessageContaining("1,8,32 on 3");
  }

  @Test
  void plan_builtByTwoAtOnce_isBuiltOnceAndLeavesNoParts() throws Exception {
    PlanKey key = PlanKey.of(onnx, H200, BATCH);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Callable<String> task = () -> plan(key);
      List<Future<String>> results = threads.invokeAll(List.of(task, task));
      assertThat(results.get(0).get()).isEqualTo(results.get(1).get());
    } finally {
      threads.shutdownNow();
    }
    assertThat(builds.get()).isEqualTo(1);
    try (Stream<Path> files = Files.list(folder.resolve("plans"))) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
    }
  }

  @Test
  void buildProcess_withoutGpu_failsWithTheReason() {
    assertThatThrownBy(() -> new BuildProcess().build(onnx, BATCH, 0, folder.resolve("timing")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("could not be built")
        .hasMessageContaining("exit code 1");
  }

  @Test
  void profile_ofText_isCheckedAndReported() {
    assertThat(BatchProfile.of("1, 8,32")).isEqualTo(BATCH);
    assertThatThrownBy(() -> BatchProfile.of("8")).hasMessageContaining("like 1,8,32");
    assertThatThrownBy(() -> BatchProfile.of("8,1,32")).hasMessageContaining("min");
  }

  @Test
  void builder_thatTakesTooLong_isKilled() {
    BuildProcess slow =
        new BuildProcess(
            List.of("sh", "-c", "echo parsing; exec sleep 300"), Duration.ofMillis(300));
    assertThatThrownBy(() -> slow.build(Path.of("m.onnx"), BATCH, 0, folder.resolve("timing")))
        .isInstanceOf(IOException.class)
        .hasMessage("the plan of m.onnx was not built within 0 s: parsing");
    await().until(() -> ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
  }
}
