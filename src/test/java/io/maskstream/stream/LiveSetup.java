package io.maskstream.stream;

import io.maskstream.inference.Arrivals;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ServedModel;
import io.maskstream.inference.TestBundles;
import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.synthetic.SyntheticStreet;
import io.maskstream.topic.ContentType;
import io.maskstream.topic.GroupMember;
import io.maskstream.topic.HeldPictures;
import io.maskstream.topic.KafkaConnection;
import io.maskstream.topic.PictureCodec;
import io.maskstream.topic.TopicSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A live worker with a small model, one lane and no broker. */
final class LiveSetup {
  static final Instant START = Instant.ofEpochSecond(1_700_000_000);
  static final Duration FORGET_AFTER = Duration.ofMinutes(10);
  static final Optional<Duration> MAX_AGE = Optional.of(Duration.ofMillis(500));
  static final TopicSettings TOPICS = TopicSettings.defaults("live");
  static final int WIDTH = 96;
  static final int HEIGHT = 64;
  static final byte[] PICTURE =
      PictureCodec.encode(
          new SyntheticStreet(5, WIDTH, HEIGHT).at(Duration.ZERO).picture(), ContentType.JPEG, 90);

  private LiveSetup() {}

  static LoadedModel model(Path folder) throws Exception {
    return LoadedModel.load(ModelBundle.read(TestBundles.write(folder, "m", "1", 1)), 1);
  }

  static ModelSlot slot(LoadedModel model, Metrics metrics) {
    return new ModelSlot(
        "m", ServedModel.of(model, Arrivals.unknown(), metrics), InstantSource.system(), metrics);
  }

  static SegmentWorker.Parts parts(
      Function<String, ModelSlot> slots, Metrics metrics, FrameTraces traces, InstantSource clock) {
    return parts(slots, Optional.empty(), MAX_AGE, metrics, traces, clock);
  }

  static SegmentWorker.Parts parts(
      Function<String, ModelSlot> slots,
      Optional<HeldPictures> held,
      Optional<Duration> maxAge,
      Metrics metrics,
      FrameTraces traces,
      InstantSource clock) {
    return new SegmentWorker.Parts(
        new GroupMember("test", Duration.ofSeconds(2), Optional.empty()),
        KafkaConnection.plain("unused:1"),
        TOPICS,
        SegmentConfig.of(Path.of("unused")).withMaxAge(maxAge),
        held,
        FORGET_AFTER,
        slots,
        camera -> List.of(),
        Map::of,
        1,
        Arrivals.tracked(),
        metrics,
        traces,
        clock);
  }
}
