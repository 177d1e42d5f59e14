package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.ClassTable;
import io.maskstream.frame.Mask;
import io.maskstream.topic.CameraReport;
import io.maskstream.topic.v1.ClassShare;
import io.maskstream.topic.v1.Reuse;
import io.maskstream.topic.v1.SegmentedFrame;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class CameraStateTest {
  private final AtomicInteger encoded = new AtomicInteger();

  private MaskedFrame frame(long sequence) {
    return captured(sequence, 0);
  }

  private MaskedFrame captured(long sequence, long millis) {
    return frame(sequence, millis, 0);
  }

  private MaskedFrame propagated(long sequence, long micros) {
    return frame(sequence, 0, micros);
  }

  private MaskedFrame frame(long sequence, long millis, long propagatedMicros) {
    ClassTable table = ClassTable.camvid11();
    SegmentedFrame.Builder record =
        SegmentedFrame.newBuilder()
            .setCamera("a")
            .setEpoch(1)
            .setSequence(sequence)
            .setReuse(Reuse.newBuilder().setPropagatedMicros(propagatedMicros))
            .setCaptureMicros(1_000 * millis);
    for (int k = 0; k < table.size(); k++) {
      record.addClasses(ClassShare.newBuilder().setPixels(k == 0 ? 4 : 0));
    }
    return new MaskedFrame(
        record.build(),
        new Mask(2, 2, new byte[] {0, 1, 2, 3}),
        1,
        () -> {
          throw new AssertionError("a JPEG is not decoded");
        },
        () -> new byte[] {(byte) encoded.incrementAndGet()},
        table);
  }

  @Test
  void history_isOfOneClassTable() {
    CameraState state = new CameraState("a", List::of);
    MaskedFrame first = captured(1, 0);
    state.add(first, 0, 1);
    state.add(captured(2, 1_000), 1_000, 2);
    assertThat(state.history()).hasSize(2);
    ClassTable other = new ClassTable("other", first.table().classes());
    MaskedFrame next = captured(3, 2_000);
    state.add(
        new MaskedFrame(
            next.record(), next.mask(), next.pictureBytes(), next.picture(), next.jpeg(), other),
        2_000,
        3);
    assertThat(state.history()).hasSize(1);
  }

  /** Of a worker whose table has fewer classes, or of whoever writes to the topic. */
  @Test
  void recordWithoutItsClasses_isShownWithoutTheirShares() {
    CameraState state = new CameraState("a", List::of);
    MaskedFrame whole = frame(1);
    state.add(
        new MaskedFrame(
            whole.record().toBuilder().clearClasses().build(),
            whole.mask(),
            1,
            whole.picture(),
            whole.jpeg(),
            whole.table()),
        0,
        1);
    assertThat(state.view(0).shares()).isEmpty();
    state.add(frame(2), 0, 2);
    assertThat(state.view(0).shares()).hasSize(whole.table().size());
  }

  @Test
  void images_areEncodedOncePerFrame() throws Exception {
    CameraState state = new CameraState("a", List::of);
    assertThat(state.png()).isNull();
    state.add(frame(1), 0, 1);
    assertThat(state.png()).isSameAs(state.png());
    assertThat(ImageIO.read(new ByteArrayInputStream(state.png())).getRaster().getSample(1, 1, 0))
        .isEqualTo(3);
    assertThat(state.jpeg()).isSameAs(state.jpeg());
    assertThat(encoded).hasValue(1);
    state.add(frame(2), 0, 2);
    assertThat(state.jpeg()).containsExactly(2);
  }

  @Test
  void view_beforeTheFirstFrame_hasTheReasonAndTheNextTry() {
    CameraState state = new CameraState("a", List::of);
    state.report(new CameraReport("a", "waiting", "401, wrong user", 12_000_000L), 7);
    CameraState.View view = state.view(2_000);
    assertThat(view.state()).isEqualTo("waiting");
    assertThat(view.reason()).isEqualTo("401, wrong user");
    assertThat(view.nextTry()).isEqualTo(10);
    assertThat(view.id()).isEmpty();
    assertThat(state.changed()).isEqualTo(7);
  }

  @Test
  void view_ofASlowCamera_hasItsPace() {
    CameraState state = new CameraState("a", List::of);
    state.add(captured(1, 0), 500, 1);
    assertThat(state.view(1_000).silentAfter()).isEqualTo(3);
    state.add(captured(2, 60_000), 60_500, 2);
    CameraState.View view = state.view(100_000);
    assertThat(view.silentAfter()).isEqualTo(180);
    assertThat(view.fps()).isEqualTo(1 / 60.0);
    assertThat(state.view(60_000 + 180_000).fps()).isZero();
    state.add(captured(3, 60_200), 60_700, 3);
    assertThat(state.view(61_000).silentAfter()).isEqualTo(3);
  }

  @Test
  void view_propagated_isTheShareOfTheLastMasks() {
    CameraState state = new CameraState("a", List::of);
    assertThat(state.view(0).propagated()).isZero();
    for (int i = 0; i < 4; i++) {
      state.add(propagated(i, i == 3 ? 200_000 : 0), 100L * i, i);
    }
    assertThat(state.view(400).propagated()).isEqualTo(0.25);
    for (int i = 4; i < 70; i++) {
      state.add(propagated(i, 0), 100L * i, i);
    }
    assertThat(state.view(7_000).propagated()).isZero();
  }

  @Test
  void view_conditions_areThoseOfNow() {
    List<String> conditions = new ArrayList<>();
    CameraState state = new CameraState("a", () -> List.copyOf(conditions));
    assertThat(state.view(0).conditions()).isEmpty();
    conditions.add("moved");
    state.touch(4);
    assertThat(state.view(0).conditions()).containsExactly("moved");
    assertThat(state.changed()).isEqualTo(4);
  }

  @Test
  void view_paused_saysSoUntilItGoesOn() {
    CameraState state = new CameraState("a", List::of);
    state.report(new CameraReport("a", "waiting", "401, wrong user", 12_000_000L), 7);
    state.register(true, List.of(), 8);
    assertThat(state.view(2_000))
        .extracting(CameraState.View::state, CameraState.View::reason, CameraState.View::nextTry)
        .containsExactly("paused", "", 0.0);
    assertThat(state.changed()).isEqualTo(8);
    state.register(false, List.of(), 9);
    assertThat(state.view(2_000).state()).isEqualTo("waiting");
  }

  @Test
  void zones_haveANewNumber_onlyWhenTheyChange() {
    CameraState state = new CameraState("a", List::of);
    assertThat(state.view(0).zones()).isZero();
    List<ZoneOutline> zones =
        List.of(new ZoneOutline("gate", List.of(List.of(0.0, 0.5), List.of(1.0, 0.5)), List.of()));
    state.register(false, zones, 3);
    assertThat(state.view(0).zones()).isEqualTo(3);
    state.register(true, zones, 4);
    assertThat(state.view(0).zones()).isEqualTo(3);
    state.register(true, List.of(), 5);
    assertThat(state.view(0).zones()).isEqualTo(5);
    assertThat(state.zones()).isEmpty();
  }
}
