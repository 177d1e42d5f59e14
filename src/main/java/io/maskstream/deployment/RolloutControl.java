package io.maskstream.deployment;

import io.maskstream.frame.Micros;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelException;
import io.maskstream.rollout.ModelOrders;
import io.maskstream.rollout.ModelOrders.Ledger;
import io.maskstream.rollout.ModelOrders.Reported;
import io.maskstream.rollout.ModelOrders.Slot;
import io.maskstream.rollout.RolloutCommand;
import io.maskstream.rollout.ShadowRule;
import io.maskstream.viewer.ModelControl;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Orders and reports of models, for the page's operators. */
final class RolloutControl implements ModelControl {
  private static final int MOST_REPORTS = 20;
  private static final double MILLIS = 1_000;

  private final ModelOrders orders;
  private final List<Path> folders;
  private final InstantSource clock;

  /**
   * Control of some models.
   *
   * @param folders that the configuration names
   */
  RolloutControl(ModelOrders orders, List<Path> folders, InstantSource clock) {
    this.orders = orders;
    this.folders = List.copyOf(folders);
    this.clock = clock;
  }

  /**
   * A slot as JSON.
   *
   * @param slot its name; empty where the configured bundle cannot be read here
   * @param configured folder that the configuration names
   * @param serving folder of the model that serves by the last order
   * @param model name of that model; empty where its bundle cannot be read here
   * @param order the last one; null where there was none
   * @param trial whether its trial goes on
   * @param workers worker processes now
   * @param answered workers that have reported on the order
   * @param reports the newest first
   * @param problem why a bundle cannot be read here; empty where both can
   */
  record SlotView(
      String slot,
      String configured,
      String serving,
      String model,
      @Nullable RolloutCommand order,
      boolean trial,
      int workers,
      int answered,
      List<Reported> reports,
      String problem) {}

  @Override
  public List<SlotView> list() throws IOException {
    Ledger ledger = orders.read();
    int workers = orders.workers();
    return folders.stream().map(folder -> view(folder, ledger, workers)).toList();
  }

  private SlotView view(Path folder, Ledger ledger, int workers) {
    Slot slot;
    try {
      slot = Slot.of(ModelBundle.read(folder));
    } catch (ModelException e) {
      String problem = String.valueOf(e.getMessage());
      String path = folder.toString();
      return new SlotView("", path, path, "", null, false, workers, 0, List.of(), problem);
    }
    long now = Micros.now(clock);
    Optional<RolloutCommand> last = ledger.last(slot);
    String serving = last.map(order -> order.serving(now)).orElse(slot.configured());
    String model = "";
    String problem = "";
    try {
      model = ModelBundle.read(Path.of(serving)).card().name();
    } catch (ModelException e) {
      problem = String.valueOf(e.getMessage());
    }
    return new SlotView(
        slot.name(),
        slot.configured(),
        serving,
        model,
        last.orElse(null),
        last.map(order -> order.onTrial(now)).orElse(false),
        workers,
        last.map(ledger::answered).orElse(0),
        newest(ledger.reports(slot)),
        problem);
  }

  private static List<Reported> newest(List<Reported> reports) {
    List<Reported> newest = new ArrayList<>(reports);
    Collections.reverse(newest);
    return newest.subList(0, Math.min(MOST_REPORTS, newest.size()));
  }

  @Override
  public void swap(String slot, Swap swap) throws IOException {
    ModelBundle bundle = read(Path.of(swap.folder()));
    var unused = orders.swap(slot(slot), bundle.folder(), rule(swap));
  }

  private static ShadowRule rule(Swap swap) {
    Duration time =
        swap.shadowSeconds() == null
            ? ShadowRule.DEFAULT.time()
            : Duration.ofMillis(Math.round(swap.shadowSeconds() * MILLIS));
    return new ShadowRule(
        time, swap.agreement() == null ? ShadowRule.DEFAULT.agreement() : swap.agreement());
  }

  @Override
  public void rollback(String slot) throws IOException {
    var unused = orders.rollback(slot(slot));
  }

  private Slot slot(String name) {
    List<String> names = new ArrayList<>();
    for (Path folder : folders) {
      Slot slot = Slot.of(read(folder));
      if (slot.name().equals(name)) {
        return slot;
      }
      names.add(slot.name());
    }
    throw new IllegalArgumentException(
        "there is no model '%s' to replace, there are %s".formatted(name, names));
  }

  /** The bundle of a folder; the page's process sees the folders that the workers see. */
  private static ModelBundle read(Path folder) {
    try {
      return ModelBundle.read(folder);
    } catch (ModelException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
