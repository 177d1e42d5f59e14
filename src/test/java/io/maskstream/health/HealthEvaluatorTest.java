package io.maskstream.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.config.YamlReader;
import io.maskstream.event.Event;
import io.maskstream.frame.FrameId;
import io.maskstream.frame.Picture;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Drawn pictures with made faults; two pictures per second. */
class HealthEvaluatorTest {
  private static final Picture STREET =
      new SyntheticStreet(5, PictureMeter.WIDTH, PictureMeter.HEIGHT)
          .at(Duration.ofSeconds(1))
          .picture();
  private static final UnaryOperator<Picture> CLEAN = UnaryOperator.identity();
  private static final Serde<HealthState> STORE = Json.serde(HealthState.class);

  private @Nullable HealthState state;
  private long sequence;

  private static CameraHealthConfig config(Map<String, Object> settings) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("conditions", List.of("covered", "blinded", "frozen", "out-of-focus", "moved"));
    all.put("hold", "3s");
    all.put("releaseHold", "2s");
    all.put("frozenHold", "5s");
    all.putAll(settings);
    return YamlReader.defaults(CameraHealthConfig.class, all);
  }

  /** Notices over some pictures, as second, condition and kind; the state passes the store. */
  private List<String> notices(
      CameraHealthConfig config, int pictures, UnaryOperator<Picture> fault) {
    HealthEvaluator evaluator = new HealthEvaluator(config);
    List<String> notices = new ArrayList<>();
    for (int i = 0; i < pictures; i++) {
      HealthEvaluator.Step step = evaluator.step(state, stats(fault, false), 500 * sequence);
      state = stored(step.state());
      for (Event event : step.events()) {
        notices.add("%.1f %s %s".formatted(sequence / 2.0, event.subject(), event.notice()));
      }
      sequence++;
    }
    return notices;
  }

  private static HealthState stored(HealthState state) {
    return STORE.deserializer().deserialize("", STORE.serializer().serialize("", state));
  }

  private PictureStats stats(UnaryOperator<Picture> fault, boolean relearn) {
    Picture picture = fault.apply(Faults.noisy(STREET));
    return PictureMeter.measure(new FrameId("gate", 7, sequence, 0), picture, relearn);
  }

  private static UnaryOperator<Picture> fault(CameraCondition condition) {
    return switch (condition) {
      case COVERED -> picture -> Faults.noisy(Faults.covered(picture, 1));
      case BLINDED -> picture -> Faults.exposed(picture, 20);
      case FROZEN -> picture -> STREET;
      case OUT_OF_FOCUS -> picture -> Faults.blurred(picture, 3);
      case MOVED -> picture -> Faults.turned(picture, 0.3);
    };
  }

  @ParameterizedTest
  @EnumSource
  void step_fault_isOneEventOfItsCondition(CameraCondition condition) {
    String name = condition.label();
    CameraHealthConfig config = config(Map.of());
    assertThat(notices(config, 20, CLEAN)).isEmpty();
    // from 10.0 s on; a frozen picture is one that was there before, at 10.5 s
    String start = condition == CameraCondition.FROZEN ? "15.5" : "13.0";
    assertThat(notices(config, 20, fault(condition)))
        .containsExactly(start + " " + name + " started");
    assertThat(state.open()).containsExactly(name);
    assertThat(notices(config, 20, CLEAN)).containsExactly("22.0 " + name + " ended");
    assertThat(state.open()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void step_oddPictures_areNoEvent(CameraCondition condition) {
    notices(config(Map.of()), 20, CLEAN);
    for (int i = 0; i < 5; i++) {
      assertThat(notices(config(Map.of()), 5, fault(condition))).isEmpty();
      assertThat(notices(config(Map.of()), 1, CLEAN)).isEmpty();
    }
  }

  @Test
  void step_tooDark_isBlinded() {
    assertThat(notices(config(Map.of()), 20, picture -> Faults.exposed(picture, 0.03)))
        .containsExactly("3.0 blinded started");
  }

  @Test
  void step_allWhite_isBlindedAndNotFrozen() {
    assertThat(notices(config(Map.of()), 30, picture -> Faults.exposed(picture, 1_000)))
        .containsExactly("3.0 blinded started");
  }

  @Test
  void step_sameSettingsAndPictures_giveTheSameIds() {
    HealthEvaluator evaluator = new HealthEvaluator(config(Map.of("hold", "0s")));
    PictureStats black = stats(picture -> Faults.exposed(picture, 0), false);
    Event event = evaluator.step(null, black, 5).events().get(0);
    assertThat(evaluator.step(null, black, 5).events()).containsExactly(event);
    assertThat(event.id()).isEqualTo("gate/camera:blinded/7/0/started/5");
    assertThat(event.type()).isEqualTo("io.maskstream.camera.started");
    assertThat(event.is(Event.Kind.CAMERA)).isTrue();
    assertThat(event.is(Event.Kind.RULE)).isFalse();
    assertThat(event.data().measure()).isEqualTo("clipped");
    assertThat(event.data().value()).isEqualTo(1.0);
  }

  @Test
  void step_lastingMove_becomesNormal() {
    CameraHealthConfig config = config(Map.of("acceptAfter", "20s"));
    notices(config, 20, CLEAN);
    assertThat(notices(config, 80, fault(CameraCondition.MOVED)))
        .containsExactly("13.0 moved started", "32.5 moved ended");
    assertThat(notices(config, 20, CLEAN)).contains("53.0 moved started");
  }

  @Test
  void step_lastingCover_staysReported() {
    CameraHealthConfig config = config(Map.of("acceptAfter", "20s", "interval", "10s"));
    notices(config, 20, CLEAN);
    assertThat(notices(config, 60, fault(CameraCondition.COVERED)))
        .containsExactly("13.0 covered started", "23.0 covered ongoing", "33.0 covered ongoing");
  }

  @Test
  void step_coveredWhileMoved_keepsTheMove() {
    CameraHealthConfig config = config(Map.of());
    notices(config, 20, CLEAN);
    notices(config, 20, fault(CameraCondition.MOVED));
    assertThat(notices(config, 20, fault(CameraCondition.COVERED)))
        .containsExactly("23.0 covered started");
    assertThat(state.open()).containsExactly("covered", "moved");
  }

  @Test
  void step_operatorsReset_learnsAgain() {
    CameraHealthConfig config = config(Map.of());
    notices(config, 20, CLEAN);
    notices(config, 20, fault(CameraCondition.MOVED));
    HealthEvaluator evaluator = new HealthEvaluator(config);
    PictureStats relearned = stats(fault(CameraCondition.MOVED), true);
    state = evaluator.step(state, relearned, 500 * sequence++).state();
    assertThat(notices(config, 20, fault(CameraCondition.MOVED)))
        .containsExactly("22.0 moved ended");
  }

  @Test
  void step_conditionTurnedOff_endsItsEvent() {
    notices(config(Map.of()), 20, fault(CameraCondition.BLINDED));
    assertThat(notices(config(Map.of("conditions", List.of("moved"))), 2, CLEAN))
        .containsExactly("10.0 blinded ended");
  }

  @Test
  void silence_endsWhatIsOpen_andKeepsWhatIsUsual() {
    CameraHealthConfig config = config(Map.of());
    notices(config, 20, CLEAN);
    notices(config, 20, fault(CameraCondition.COVERED));
    HealthEvaluator.Step step = new HealthEvaluator(config).silence(state, "gate", 60_000);
    assertThat(step.events()).hasSize(1);
    assertThat(step.events().get(0).data().frame()).isNull();
    assertThat(step.state().open()).isEmpty();
    state = step.state();
    sequence += 100;
    assertThat(notices(config, 10, fault(CameraCondition.MOVED)))
        .containsExactly("73.0 moved started");
  }

  @Test
  void settings_outOfRange_areRefused() {
    assertThatThrownBy(() -> config(Map.of("covered", 1.5)))
        .hasMessageContaining("covered must be between 0 and 1, is 1.5");
    assertThatThrownBy(() -> config(Map.of("conditions", List.of("moved", "moved"))))
        .hasMessageContaining("conditions must differ");
  }
}
