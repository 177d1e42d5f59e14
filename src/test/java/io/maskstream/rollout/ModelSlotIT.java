package io.maskstream.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.frame.Picture;
import io.maskstream.frame.SegmentationClass;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.ServedModel;
import io.maskstream.inference.TestBundles;
import io.maskstream.metrics.Metrics;
import io.maskstream.rollout.ShadowReport.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSlotIT {
  private static final ShadowRule RULE = new ShadowRule(Duration.ofSeconds(10), 0.9);

  @TempDir private Path folder;

  private final Metrics metrics = new Metrics();
  private final List<ShadowReport> reports = new ArrayList<>();
  private Instant now = Instant.EPOCH;
  private LoadedModel loaded;
  private ServedModel first;
  private ModelSlot slot;

  @BeforeEach
  void setUp() throws Exception {
    first = model("1");
    slot = new ModelSlot("m", first, () -> now, metrics);
  }

  @AfterEach
  void tearDown() {
    slot.close();
  }

  private ServedModel model(String version) throws Exception {
    Path bundle = TestBundles.write(folder.resolve(version), "m", version, 1);
    loaded = LoadedModel.load(ModelBundle.read(bundle), 1);
    return ServedModel.of(loaded, Arrivals.unknown(), metrics);
  }

  private static ShadowTrial.ModelOutput side(int label, long nanos) {
    return new ShadowTrial.ModelOutput(new Mask(2, 1, new byte[] {0, (byte) label}), nanos);
  }

  private void compare(int frames, int label) {
    ShadowTrial trial = slot.trial().orElseThrow();
    for (int i = 0; i < frames; i++) {
      slot.compare(trial, side(3, 10), side(label, 20));
    }
  }

  @Test
  void trial_thatAgrees_takesOverWhenItsTimeIsOver() throws Exception {
    slot.tryOut(model("2"), RULE, reports::add);
    compare(50, 3);
    assertThat(reports).isEmpty(); // enough frames, but not the time
    now = now.plusSeconds(10);
    compare(1, 3);
    assertThat(slot.active().card().version()).isEqualTo("2");
    assertThat(slot.trial()).isEmpty();
    assertThat(reports).hasSize(1);
    ShadowReport report = reports.get(0);
    assertThat(report.outcome()).isEqualTo(Outcome.TAKEN_OVER);
    assertThat(report.agreement()).isEqualTo(1);
    assertThat(report.frames()).isEqualTo(51);
    assertThat(report.timeRatio()).isEqualTo(2);
    assertThat(report.from()).isEqualTo("m@1");
    assertThat(report.to()).isEqualTo("m@2");
    assertThat(metrics.text())
        .contains("maskstream_model_info{model=\"m\",version=\"2\"")
        .doesNotContain("maskstream_model_info{model=\"m\",version=\"1\"")
        .contains("maskstream_model_swaps_total{slot=\"m\",outcome=\"taken-over\",} 1.0");
  }

  @Test
  void trial_thatDisagrees_isRolledBackWithTheClassesThatDo() throws Exception {
    slot.tryOut(model("2"), RULE, reports::add);
    now = now.plusSeconds(11);
    compare(ShadowRule.LEAST_FRAMES, 5); // half the pixels differ
    assertThat(slot.active()).isSameAs(first);
    ShadowReport report = reports.get(0);
    assertThat(report.outcome()).isEqualTo(Outcome.ROLLED_BACK);
    assertThat(report.agreement()).isEqualTo(0.5);
    assertThat(report.reason()).isEqualTo("agreement 0.5000 over 20 frames, 0.9000 asked");
    assertThat(report.classAgreement()).containsEntry("sky", 1.0).containsEntry("road", 0.0);
  }

  @Test
  void reportThatCannotBeSent_isNoFailureOfTheFrame() throws Exception {
    slot.tryOut(
        model("2"),
        RULE,
        report -> {
          throw new IllegalStateException("no broker");
        });
    now = now.plusSeconds(11);
    compare(ShadowRule.LEAST_FRAMES, 3);
    assertThat(slot.active().card().version()).isEqualTo("2");
  }

  @Test
  void trial_withFewFrames_waitsForMore() throws Exception {
    slot.tryOut(model("2"), RULE, reports::add);
    now = now.plusSeconds(100);
    compare(ShadowRule.LEAST_FRAMES - 1, 3);
    assertThat(reports).isEmpty();
    compare(1, 3);
    assertThat(reports).hasSize(1);
  }

  @Test
  void trial_thatFailsOnAFrame_isRolledBackOnce() throws Exception {
    slot.tryOut(model("2"), RULE, reports::add);
    ShadowTrial trial = slot.trial().orElseThrow();
    slot.failed(trial, new IllegalStateException("no memory"));
    slot.failed(trial, new IllegalStateException("no memory"));
    slot.compare(trial, side(3, 1), side(3, 1));
    assertThat(reports).hasSize(1);
    assertThat(reports.get(0).reason()).isEqualTo("it failed on a frame: no memory");
    assertThat(slot.active()).isSameAs(first);
    assertThat(slot.open(trial)).isEmpty();
  }

  @Test
  void trial_replacedByAnother_isRolledBack() throws Exception {
    slot.tryOut(model("2"), RULE, reports::add);
    slot.tryOut(model("3"), RULE, reports::add);
    assertThat(reports).extracting(ShadowReport::to).containsExactly("m@2");
    assertThat(slot.trial().orElseThrow().candidate().card().version()).isEqualTo("3");
  }

  /** A trial of version 2 whose last frame has come; it is not settled. */
  private ShadowReport endTrial() throws Exception {
    slot.tryOut(model("2"), RULE, reports::add);
    now = now.plusSeconds(11);
    compare(ShadowRule.LEAST_FRAMES - 1, 3);
    return slot.trial().orElseThrow().compare(side(3, 10), side(3, 20)).orElseThrow();
  }

  /** Its last frame ends it while another order is obeyed. */
  @Test
  void trial_replacedAtItsEnd_doesNotTakeOver() throws Exception {
    ShadowReport ended = endTrial();
    ShadowTrial trial = slot.trial().orElseThrow();
    List<ShadowReport> others = new ArrayList<>();
    slot.tryOut(model("3"), RULE, others::add);
    slot.settle(trial, ended);
    assertThat(slot.active()).isSameAs(first);
    assertThat(slot.trial().orElseThrow().candidate().card().version()).isEqualTo("3");
    assertThat(reports).extracting(ShadowReport::outcome).containsExactly(Outcome.ROLLED_BACK);
    assertThat(others).isEmpty();
  }

  @Test
  void trial_withdrawnAtItsEnd_doesNotTakeOver() throws Exception {
    ShadowReport ended = endTrial();
    ShadowTrial trial = slot.trial().orElseThrow();
    slot.withdraw("rolled back");
    slot.settle(trial, ended);
    assertThat(slot.active()).isSameAs(first);
    assertThat(slot.trial()).isEmpty();
    assertThat(reports).extracting(ShadowReport::outcome).containsExactly(Outcome.ROLLED_BACK);
  }

  @Test
  void model_withAnotherTableOfTheSameName_isRejectedWithTheDifference() throws Exception {
    List<SegmentationClass> classes = new ArrayList<>(ClassTable.camvid11().classes());
    classes.set(8, new SegmentationClass("lorry", 0x2060E0, "vehicle"));
    ClassTable table = new ClassTable(ClassTable.camvid11().id(), classes);
    Path bundle = TestBundles.write(folder.resolve("o"), "m", "2", 1, table);
    slot.tryOut(
        ServedModel.of(LoadedModel.load(ModelBundle.read(bundle), 1), Arrivals.unknown(), metrics),
        RULE,
        reports::add);
    assertThat(reports.get(0).reason())
        .isEqualTo(
            "class 8 of its class table camvid11 is lorry, that of the model in use is car: their masks cannot be compared");
  }

  @Test
  void model_withOtherClasses_isRejected() throws Exception {
    Path bundle = TestBundles.write(folder.resolve("o"), "m", "2", 1, TestBundles.otherTable());
    slot.tryOut(
        ServedModel.of(LoadedModel.load(ModelBundle.read(bundle), 1), Arrivals.unknown(), metrics),
        RULE,
        reports::add);
    assertThat(reports.get(0).outcome()).isEqualTo(Outcome.REJECTED);
    assertThat(reports.get(0).reason()).contains("class table is other").contains("camvid11");
    assertThat(slot.trial()).isEmpty();
  }

  @Test
  void model_takenAtOnce_staysLoadedWhileAThreadUsesIt() throws Exception {
    LoadedModel before = loaded;
    slot.open().segmenter().close(); // one that lies idle must not keep the model loaded
    ModelSlot.SegmenterHandle open = slot.open();
    ModelSlot.SegmenterHandle second = slot.open();
    second.segmenter().close();
    slot.tryOut(model("2"), ShadowRule.AT_ONCE, reports::add);
    assertThat(before.isOpen()).isTrue();
    assertThat(slot.active().card().version()).isEqualTo("2");
    SegmentationRequest request =
        new SegmentationRequest(
            Picture.black(96, 64),
            new float[open.model().card().prototypes() * open.model().card().features()],
            new float[open.model().card().prototypes()]);
    assertThat(open.segmenter().segment(request).output().logits().orElseThrow().columns())
        .isEqualTo(24);
    open.segmenter().close();
    assertThat(before.isOpen()).isFalse();
    assertThatThrownBy(first::borrowSegmenter).hasMessage("m@1 is retired");
  }
}
