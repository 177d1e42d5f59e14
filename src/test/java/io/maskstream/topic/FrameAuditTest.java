package io.maskstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import io.maskstream.topic.DropRecord.Reason;
import io.maskstream.topic.DropRecord.Stage;
import io.maskstream.topic.FrameAudit.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameAuditTest {
  private static final long EPOCH = 1_000;
  private final FrameAudit audit = new FrameAudit(Instant.EPOCH, Instant.ofEpochSecond(100));

  private static FrameId frame(long sequence) {
    return new FrameId("cam", EPOCH, sequence, 1_000_000 + sequence);
  }

  private static DropRecord drop(long sequence, Reason reason) {
    return new DropRecord(new FrameId("cam", EPOCH, sequence, 1_000_000), Stage.INGEST, reason, 0);
  }

  @Test
  void results_eachFrameWithOneOutcome_hasNoneLeft() {
    audit.outcome(frame(0), Outcome.SEGMENTED);
    audit.dropped(drop(1, Reason.STALE));
    audit.dropped(drop(2, Reason.QUEUE_FULL));
    audit.outcome(frame(3), Outcome.DEAD_LETTER);
    for (int i = 0; i < 4; i++) {
      audit.published(frame(i));
    }
    FrameAudit.CameraResult result = audit.results().get("cam");
    assertThat(result.read()).isEqualTo(4);
    assertThat(result.segmented()).isOne();
    assertThat(result.drops()).isEqualTo(Map.of("stale", 1L, "queue-full", 1L));
    assertThat(result.deadLetters()).isOne();
    assertThat(result.none() + result.several()).isZero();
    assertThat(result.examples()).isEmpty();
  }

  @Test
  void results_frameWithoutARecord_isFoundByItsNumber() {
    audit.outcome(frame(0), Outcome.SEGMENTED);
    audit.outcome(frame(5_000), Outcome.SEGMENTED);
    FrameAudit.CameraResult result = audit.results().get("cam");
    assertThat(result.read()).isEqualTo(5_001);
    assertThat(result.none()).isEqualTo(4_999);
    assertThat(result.examples()).contains("1000/1 none");
  }

  /** Whoever writes to the topics may write any number. */
  @Test
  void results_largestNumber_costsNothing() {
    audit.outcome(frame(0), Outcome.SEGMENTED);
    audit.outcome(new FrameId("cam", EPOCH, Long.MAX_VALUE, 1_000_000), Outcome.SEGMENTED);
    audit.outcome(new FrameId("cam", EPOCH + 1, Long.MAX_VALUE, 1_000_000), Outcome.SEGMENTED);
    audit.outcome(new FrameId("other", EPOCH, 0, 1_000_000), Outcome.SEGMENTED);
    FrameAudit.CameraResult result = audit.results().get("cam");
    assertThat(result.segmented()).isEqualTo(3);
    assertThat(result.none()).isPositive();
    assertThat(result.examples()).hasSize(20).startsWith("1000/1 none");
    assertThat(audit.results().get("other").none()).isZero();
  }

  @Test
  void results_publishedWithoutOutcome_andTwoOutcomes_areNamed() {
    audit.published(frame(0));
    audit.outcome(frame(1), Outcome.SEGMENTED);
    audit.dropped(drop(1, Reason.WORKER_LOST));
    FrameAudit.CameraResult result = audit.results().get("cam");
    assertThat(result.none()).isOne();
    assertThat(result.several()).isOne();
    assertThat(result.examples()).containsExactly("1000/0 none", "1000/1 several");
  }

  @Test
  void results_manyOutcomesOfOneFrame_areCountedUpToThree() {
    for (int i = 0; i < 9; i++) {
      audit.outcome(frame(0), Outcome.SEGMENTED);
    }
    audit.outcome(frame(1), Outcome.DEAD_LETTER);
    audit.outcome(frame(1), Outcome.DEAD_LETTER);
    FrameAudit.CameraResult result = audit.results().get("cam");
    assertThat(result.segmented()).isEqualTo(3);
    assertThat(result.deadLetters()).isEqualTo(2);
    assertThat(result.several()).isEqualTo(2);
    assertThat(result.drops()).isEmpty();
  }

  @Test
  void results_examples_areTheFirstTwenty() {
    audit.outcome(frame(100), Outcome.SEGMENTED);
    assertThat(audit.results().get("cam").examples())
        .hasSize(20)
        .startsWith("1000/0 none")
        .endsWith("1000/19 none");
  }

  @Test
  void results_framesAtTheEdgesOfTheArray_haveRoom() {
    for (long sequence : new long[] {1_023, 1_024, 2_048, 9_000}) {
      audit.outcome(frame(sequence), Outcome.SEGMENTED);
    }
    assertThat(audit.results().get("cam").segmented()).isEqualTo(4);
  }

  @Test
  void results_connectionFromBeforeTheSpan_isJudgedFromItsFirstFrameThere() {
    FrameAudit later = new FrameAudit(Instant.ofEpochMilli(EPOCH), Instant.ofEpochSecond(100));
    FrameId old = new FrameId("old", EPOCH - 1, 500, 1_000_000);
    later.outcome(old, Outcome.SEGMENTED);
    later.outcome(new FrameId("new", EPOCH, 500, 1_000_000), Outcome.SEGMENTED);
    assertThat(later.results().get("old").read()).isOne();
    assertThat(later.results().get("new").read()).isEqualTo(501);
  }

  @Test
  void results_edgesOfTheSpan_areInside() {
    audit.published(new FrameId("first", EPOCH, 0, 0));
    audit.published(new FrameId("last", EPOCH, 0, 100_000_000));
    audit.published(new FrameId("early", EPOCH, 0, -1));
    audit.outcome(new FrameId("late", EPOCH, 0, 100_000_001), Outcome.SEGMENTED);
    assertThat(audit.results()).containsOnlyKeys("first", "last");
  }

  @Test
  void results_outsideTheSpan_isNotJudged() {
    audit.dropped(
        new DropRecord(new FrameId("cam", EPOCH, 9, 101_000_000), Stage.INGEST, Reason.STALE, 0));
    audit.published(new FrameId("cam", EPOCH, 9, 101_000_000));
    assertThat(audit.results()).isEmpty();
  }

  @Test
  void expired_explainsAsManyFramesWithoutAnOutcome() {
    audit.outcome(frame(0), Outcome.SEGMENTED);
    audit.outcome(frame(10), Outcome.SEGMENTED);
    assertThat(audit.unexplained()).isEqualTo(9);
    ExpiredRange range = ExpiredRange.of("frames", 0, 42, 49);
    assertThat(Json.read(Json.write(range), ExpiredRange.class)).isEqualTo(range);
    audit.expired(range, frame(10).captureMicros());
    audit.expired(range, Long.MAX_VALUE); // after the span
    assertThat(audit.expired()).isEqualTo(8);
    assertThat(audit.unexplained()).isOne();
    assertThat(audit.results().get("cam").none()).isEqualTo(9);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void reason_everyOne_isInTheRunbookAsInTheRecord(Reason reason) throws IOException {
    assertThat(reason.label()).matches("[a-z]+(-[a-z]+)*");
    assertThat(Files.readString(Path.of("docs/operations.md")))
        .contains("`" + reason.label() + "`");
    assertThat(Json.read(Json.write(reason), Reason.class)).isEqualTo(reason);
  }
}
