package io.maskstream.stream;

import io.maskstream.frame.LogContext;
import io.maskstream.frame.Micros;
import io.maskstream.inference.DeviceLostException;
import io.maskstream.inference.Dispatcher;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.topic.DropRecord.Reason;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the lanes do with a live camera. Touches no store. */
final class CameraTurns implements Dispatcher.Work {
  private static final Logger log = LoggerFactory.getLogger(CameraTurns.class);

  private final LiveCamera camera;
  private final LiveProcessor.Parts parts;
  private final Consumer<Outcome> receiver;

  /**
   * Of one camera.
   *
   * @param receiver gets what becomes of its frames, from all lanes
   */
  CameraTurns(LiveCamera camera, LiveProcessor.Parts parts, Consumer<Outcome> receiver) {
    this.camera = camera;
    this.parts = parts;
    this.receiver = receiver;
  }

  @Override
  public boolean isBriefNext() {
    return camera.propagatesNext();
  }

  @Override
  public boolean canBeBrief() {
    return camera.canPropagate();
  }

  @Override
  @SuppressWarnings("try") // the context is for what is logged inside
  public Dispatcher.End run(Dispatcher.Turn lane) {
    LiveCamera.Turn turn = camera.take(lane.mustBeBrief()).orElse(null);
    if (turn == null) {
      return lane.mustBeBrief() ? Dispatcher.End.PUT_BACK : Dispatcher.End.BRIEF;
    }
    FrameRecord frame = turn.frame();
    long age = frame.ageMicros(nowMicros());
    if (age > Micros.of(parts.maxAge())) {
      receiver.accept(new Outcome.Dropped(frame, Reason.STALE, age));
      return Dispatcher.End.BRIEF;
    }
    try (var unusedContext = LogContext.ofFrame(frame.id())) {
      return segmentInTurn(turn, lane);
    }
  }

  private Dispatcher.End segmentInTurn(LiveCamera.Turn turn, Dispatcher.Turn lane) {
    FrameRecord frame = turn.frame();
    for (int attempt = 1; ; attempt++) {
      try {
        return segment(turn, lane);
      } catch (PoisonRecordException e) {
        receiver.accept(new Outcome.Poison(frame, String.valueOf(e.getMessage())));
        return Dispatcher.End.FULL;
      } catch (DeviceLostException e) { // a frame without a result stays pending
        log.error("no further turns: {}", e.getMessage());
        parts.dispatcher().suspend(); // until the process is replaced
        return Dispatcher.End.FULL;
      } catch (RuntimeException | Error e) { // a lane outlives what a frame does
        log.warn("{}: segmentation failed, attempt {}", frame.camera(), attempt, e);
        if (attempt == FailedRecords.MAX_FAILURES) {
          receiver.accept(
              new Outcome.Poison(
                  frame, "failed %d times, last with: %s".formatted(attempt, e.getMessage())));
          return Dispatcher.End.FULL;
        }
      }
    }
  }

  private Dispatcher.End segment(LiveCamera.Turn turn, Dispatcher.Turn lane) {
    Consumer<Outcome.Segmented> keeper =
        outcome -> {
          camera.remember(outcome);
          receiver.accept(outcome);
        };
    long start = System.nanoTime();
    try (FrameSegmentation.Work work = parts.segmentation().begin(turn.frame())) {
      CameraMemory memory = turn.memory();
      Propagation propagation = turn.propagation().orElse(null);
      if (memory != null && propagation != null && work.propagate(memory, propagation, keeper)) {
        long end = System.nanoTime();
        parts.overload().served(end - start, true);
        if (!propagation.pass()) {
          return Dispatcher.End.BRIEF;
        }
        camera.passBegins();
        lane.open();
        start = end;
        refresh(work, turn.frame(), memory);
      } else if (lane.mustBeBrief()) {
        return putBack(turn.frame());
      } else {
        work.segment(memory, camera.requestedReset(), keeper);
      }
    }
    parts.overload().served(System.nanoTime() - start, false);
    return Dispatcher.End.FULL;
  }

  /** The frame has its outcome: what fails here is for the pass of the next one to say. */
  private void refresh(FrameSegmentation.Work work, FrameRecord frame, CameraMemory memory) {
    try {
      work.refresh(
          memory,
          () -> Objects.requireNonNullElse(camera.memory(), memory),
          fresh -> camera.refresh(frame, fresh));
    } catch (DeviceLostException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      log.warn(
          "{}: a pass beside the masks failed, the next frame waits for one", frame.camera(), e);
      camera.refresh(frame, Optional.empty());
    }
  }

  private Dispatcher.End putBack(FrameRecord frame) {
    if (!camera.putBack(frame)) {
      receiver.accept(new Outcome.Dropped(frame, Reason.SUPERSEDED, frame.ageMicros(nowMicros())));
    }
    return Dispatcher.End.PUT_BACK;
  }

  private long nowMicros() {
    return Micros.now(parts.clock());
  }
}
