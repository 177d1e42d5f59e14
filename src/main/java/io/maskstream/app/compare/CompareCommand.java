package io.maskstream.app.compare;

import io.maskstream.app.model.NetworkCard;
import io.maskstream.app.option.ClassTables;
import io.maskstream.app.option.DataFolder;
import io.maskstream.app.option.ImageSize;
import io.maskstream.app.serve.StopSignal;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.dataset.Appearance;
import io.maskstream.dataset.Augmentation;
import io.maskstream.dataset.DataLayout;
import io.maskstream.dataset.FolderFrames;
import io.maskstream.dataset.LabelScheme;
import io.maskstream.dataset.LabeledFrames;
import io.maskstream.dataset.NameFilter;
import io.maskstream.dataset.ViewSchedule;
import io.maskstream.frame.ClassTable;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.loss.CompositeLoss;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.ParameterSpec;
import io.maskstream.network.Parameters;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.ModelWriter;
import io.maskstream.training.TrainingConfig;
import io.maskstream.training.TrainingJob;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains or loads a set of models and measures them side by side. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description =
        "Trains or loads a set of models and measures them side by side: accuracy, edges, "
            + "flicker, size, latency. Prints the table and writes table.md, table.csv and "
            + "plot.png. Stopped and started again with the same --out, it goes on where it was. "
            + "See models/compare.yaml. A file with networks measures what heads cost on foreign "
            + "graphs: parameters, FLOPs, memory, latency. See models/papers.yaml.")
public final class CompareCommand implements Callable<Integer> {
  @Option(names = "--config", required = true, description = "YAML file with the set.")
  private Path config;

  @Option(names = "--out", required = true, description = "Folder for trainings and results.")
  private Path out;

  @Option(
      names = "--video",
      description = "Video without labels to measure flicker and consistency on as well.")
  private @Nullable Path video;

  private LabelScheme labels = LabelScheme.ofIds(ClassTable.camvid11());

  @Override
  public Integer call() throws IOException, ConfigException, ModelException {
    if (measuresHeads()) {
      new HeadCosts(YamlReader.read(config, HeadCostConfig.class, System.getenv())).run(out);
      return 0;
    }
    CompareConfig plan = YamlReader.read(config, CompareConfig.class, System.getenv());
    if (plan.data().classes().isPresent()) {
      labels = ClassTables.labeled(plan.data().classes().get());
    }
    for (CompareConfig.Entry entry : plan.entries()) { // wrong names are reported before any work
      if (entry.model().isEmpty()) {
        CompositeLoss.weights(shape(plan, entry), entry.losses());
      }
    }
    LabeledFrames validation = folder(plan.data()).frames(plan.data().validation(), labels.table());
    Optional<LabeledFrames> foreign = foreign(plan);
    List<ComparisonEntry> candidates = candidates(plan);
    Map<Path, Double> millis = ComparisonEntry.latencies(candidates, validation);
    Map<String, List<ComparedModel.Run>> runs = new LinkedHashMap<>();
    for (ComparisonEntry candidate : candidates) {
      runs.computeIfAbsent(candidate.entry(), unused -> new ArrayList<>())
          .add(
              candidate.measure(
                  validation,
                  foreign,
                  Objects.requireNonNull(millis.get(candidate.folder()), "no latency")));
    }
    List<ComparedModel> models =
        runs.entrySet().stream().map(e -> new ComparedModel(e.getKey(), e.getValue())).toList();
    CompareReport report = new CompareReport(models, labels.table());
    report.write(out);
    System.out.println(report.markdown());
    if (video != null) {
      System.out.println(ComparisonEntry.videoTable(candidates, video));
    }
    return 0;
  }

  /** Whether the file lists foreign networks in place of trainings. */
  private boolean measuresHeads() throws IOException, ConfigException {
    return Files.isRegularFile(config)
        && YamlReader.value(Files.readString(config)) instanceof Map<?, ?> keys
        && keys.containsKey("networks");
  }

  private NetworkConfig shape(CompareConfig plan, CompareConfig.Entry entry) {
    return entry.network(
        plan.recipe(), labels.table().size(), TrainingJob.groups(labels.table()).size());
  }

  private DataFolder folder(CompareConfig.Data data) {
    return new DataFolder(
        DataLayout.of(data.layout()),
        data.folder(),
        data.width(),
        data.height(),
        data.classMap(),
        Optional.of(labels));
  }

  private List<ComparisonEntry> candidates(CompareConfig plan) throws IOException {
    List<ComparisonEntry> candidates = new ArrayList<>();
    @Nullable LabeledFrames train = null;
    for (CompareConfig.Entry entry : plan.entries()) {
      if (entry.model().isPresent()) {
        candidates.add(new ComparisonEntry(entry.name(), entry.model().get(), 0, 0));
        continue;
      }
      for (long seed : entry.seeds().isEmpty() ? plan.seeds() : entry.seeds()) {
        Path folder = out.resolve(slug(entry.name()) + "-seed" + seed);
        if (!Files.exists(folder.resolve(TrainingJob.WEIGHTS))) {
          train = train == null ? trainingFrames(plan) : train;
          System.out.printf("training %s, seed %d%n", entry.name(), seed);
          train(job(plan, entry, seed, folder, train));
        }
        candidates.add(export(plan, entry, folder));
      }
    }
    return candidates;
  }

  private static void train(TrainingJob job) throws IOException {
    try (StopSignal stop = new StopSignal()) {
      if (!job.run(List.of(), stop::isAsked)) {
        throw new InterruptedIOException("the comparison was stopped");
      }
    }
  }

  private static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  private static NameFilter trained(CompareConfig plan) {
    return new NameFilter(List.of(), plan.data().exclude());
  }

  /** The frames of excluded drives. */
  private Optional<LabeledFrames> foreign(CompareConfig plan) throws IOException {
    List<String> drives = plan.data().exclude();
    return drives.isEmpty()
        ? Optional.empty()
        : Optional.of(
            folder(plan.data())
                .frames(plan.data().train(), new NameFilter(drives, List.of()), labels.table()));
  }

  private LabeledFrames trainingFrames(CompareConfig plan) throws IOException {
    FolderFrames real =
        folder(plan.data()).frames(plan.data().train(), trained(plan), labels.table());
    return DataFolder.withStreet(real, plan.recipe().street(), false, 1);
  }

  private TrainingJob job(
      CompareConfig plan, CompareConfig.Entry entry, long seed, Path folder, LabeledFrames frames) {
    CompareConfig.Recipe recipe = plan.recipe();
    TrainingConfig training =
        TrainingConfig.with(recipe.epochs(), recipe.batchSize(), recipe.rate(), seed)
            .withBackboneRate(recipe.backboneRate())
            .withPriorShare(entry.priorShare())
            .withLossWeights(entry.losses());
    return new TrainingJob(
        new SegmentationNetwork(shape(plan, entry)),
        training,
        labels,
        frames,
        ViewSchedule.constant(
            Augmentation.sized(
                recipe.cropWidth(),
                recipe.cropHeight(),
                Appearance.Level.of(entry.appearance().orElse(recipe.appearance())))),
        recipe.classBalance(),
        folder,
        new TrainingJob.Given(
            entry.imagenet().or(recipe::imagenet), recipe.init(), Optional.empty()));
  }

  private ComparisonEntry export(CompareConfig plan, CompareConfig.Entry entry, Path folder)
      throws IOException {
    Parameters parameters = Parameters.read(folder.resolve(TrainingJob.WEIGHTS));
    SegmentationNetwork network =
        new SegmentationNetwork(
            NetworkConfig.described(parameters.metadata(), labels.table().size()));
    ImageSize size = new ImageSize(plan.data().width(), plan.data().height());
    ModelWriter writer = new ModelWriter(network, parameters);
    ModelCard card = NetworkCard.of(network, labels.table(), size, slug(entry.name()), "1");
    BundleWriter.writeBesideWeights(
        folder, card, writer.write(size.height(), size.width(), Map.of()));
    long numbers =
        network.parameters().stream()
            .filter(spec -> !spec.name().equals(SegmentationNetwork.GROUPS))
            .mapToLong(ParameterSpec::size)
            .sum();
    return new ComparisonEntry(
        entry.name(), folder, numbers, writer.multiplyAdds(size.height(), size.width()));
  }
}
