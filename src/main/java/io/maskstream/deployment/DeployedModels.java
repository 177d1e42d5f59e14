package io.maskstream.deployment;

import io.maskstream.frame.ClassTable;
import io.maskstream.inference.Arrivals;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.ServedModel;
import io.maskstream.metrics.Health;
import io.maskstream.metrics.Metrics;
import io.maskstream.redaction.Redactor;
import io.maskstream.rollout.ModelSlot;
import io.maskstream.rollout.RolloutController;
import io.maskstream.stream.SegmentConfig;
import io.maskstream.stream.SegmentConfig.ModelForCameras;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models of a worker: which cameras each is for, loaded, and changed by order. */
final class DeployedModels implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DeployedModels.class);

  /** Of a class table; Kafka has twenty seconds each time. */
  private static final int PUBLISH_ATTEMPTS = 3;

  private final ModelLoader loader;
  private final TablePublisher tables;
  private final Arrivals arrivals;
  private final Metrics metrics;
  private final InstantSource clock;
  private final Map<ModelSlot, RolloutController.Start> slots = new LinkedHashMap<>();
  private final Map<String, ModelSlot> byCamera = new LinkedHashMap<>();
  private final Map<ModelSlot, Substitute> substitutes = new LinkedHashMap<>();
  private final Set<ClassTable> published = ConcurrentHashMap.newKeySet();
  private final ModelSlot others;

  /** A model that serves since another, which was ordered, could not be loaded. */
  private record Substitute(ServedModel model, String why) {}

  /** Writes class tables to their topic. */
  interface TablePublisher {
    void publish(ClassTable table) throws IOException;
  }

  /** Loads what the configuration names, or what was ordered in its place. */
  DeployedModels(
      ModelLoader loader,
      TablePublisher tables,
      RolloutController orders,
      Arrivals arrivals,
      Metrics metrics,
      InstantSource clock)
      throws ModelException {
    this.loader = loader;
    this.tables = tables;
    this.arrivals = arrivals;
    this.metrics = metrics;
    this.clock = clock;
    SegmentConfig config = loader.config();
    try {
      this.others = open(config.model(), orders);
      for (ModelForCameras entry : config.models()) {
        ModelSlot slot = open(entry.model(), orders);
        entry.cameras().forEach(camera -> byCamera.put(camera, slot));
      }
    } catch (ModelException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Checks without loading that the bundles are there and differ in their ids. */
  static List<String> problems(SegmentConfig config) {
    Set<String> ids = new LinkedHashSet<>();
    List<String> problems = new ArrayList<>();
    check("segment.model", config, config.model(), ids, problems);
    for (int i = 0; i < config.models().size(); i++) {
      Path folder = config.models().get(i).model();
      check("segment.models[%d].model".formatted(i), config, folder, ids, problems);
    }
    return problems;
  }

  private static void check(
      String key, SegmentConfig config, Path folder, Set<String> ids, List<String> problems) {
    try {
      ModelCard card = ModelBundle.read(folder).card();
      config
          .redact()
          .map(redact -> Redactor.unknown(redact, card.table()))
          .filter(unknown -> !unknown.isEmpty())
          .ifPresent(
              unknown ->
                  problems.add(
                      "segment.redact.classes: %s has no class %s, it has %s"
                          .formatted(card.name(), unknown, card.table().names())));
      String id = card.id();
      if (!ids.add(id)) {
        problems.add("%s: every model needs an id of its own, two have '%s'".formatted(key, id));
      }
    } catch (ModelException e) {
      problems.add(key + ": " + e.getMessage());
    }
  }

  private ModelSlot open(Path configured, RolloutController orders) throws ModelException {
    String name = ModelBundle.read(configured).card().id();
    RolloutController.Start start = orders.start(name, configured.toString());
    LoadedModel model;
    Optional<String> substituted = Optional.empty();
    try {
      model = loader.load(Path.of(start.folder()));
    } catch (ModelException e) {
      if (start.folder().equals(start.configured())) {
        throw e;
      }
      String why =
          "%s: %s was ordered and cannot be loaded, %s serves instead: %s"
              .formatted(name, start.folder(), configured, e.getMessage());
      substituted = Optional.of(why);
      log.error(why);
      start = new RolloutController.Start(start.configured(), start.configured(), start.pending());
      model = loader.load(configured);
    }
    ModelSlot slot = new ModelSlot(name, serve(model), clock, metrics);
    slots.put(slot, start);
    substituted.ifPresent(why -> substitutes.put(slot, new Substitute(slot.active(), why)));
    return slot;
  }

  /** Loads a model as the configuration says. */
  ServedModel load(Path folder) throws ModelException {
    return serve(loader.load(folder));
  }

  /** A model's class table is there before its masks. */
  private ServedModel serve(LoadedModel model) throws ModelException {
    try {
      publish(model.card());
      return ServedModel.of(model, arrivals, metrics);
    } catch (ModelException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private void publish(ModelCard card) throws ModelException {
    for (int attempt = 1; !published.contains(card.table()); attempt++) {
      try {
        tables.publish(card.table());
        published.add(card.table());
      } catch (IOException e) {
        log.warn("the class table of {} was not taken, attempt {}", card.name(), attempt, e);
        if (attempt == PUBLISH_ATTEMPTS) {
          throw new ModelException(
              "the class table of %s is not in its topic: %s"
                  .formatted(card.name(), e.getMessage()),
              e);
        }
      }
    }
  }

  /** The model of a camera. */
  ModelSlot of(String camera) {
    return byCamera.getOrDefault(camera, others);
  }

  /** Frames that should be in work at a time. */
  int lanes() {
    int threads = loader.config().threads();
    return slots.keySet().stream()
        .mapToInt(slot -> slot.active().lanes(threads))
        .max()
        .orElse(threads);
  }

  /** All of them, with what they started from. */
  Map<ModelSlot, RolloutController.Start> slots() {
    return slots;
  }

  /** Whether the models serve that were ordered. */
  Health.CheckResult asOrdered() {
    Optional<String> found =
        substitutes.entrySet().stream()
            .filter(entry -> entry.getKey().active() == entry.getValue().model)
            .map(entry -> entry.getValue().why)
            .findFirst();
    return new Health.CheckResult(found.isEmpty(), found.orElse("as ordered"));
  }

  /** Whether every device answers. */
  Health.CheckResult answers() {
    Optional<String> lost =
        slots.keySet().stream().flatMap(slot -> slot.active().lost().stream()).findFirst();
    return new Health.CheckResult(lost.isEmpty(), lost.orElse("answers"));
  }

  @Override
  public void close() {
    slots.keySet().forEach(ModelSlot::close);
  }
}
