package io.maskstream.app;

import io.maskstream.camera.VideoFile;
import io.maskstream.config.ConfigException;
import io.maskstream.config.YamlReader;
import io.maskstream.evaluation.Evaluator;
import io.maskstream.evaluation.FlowConsistency;
import io.maskstream.frame.ClassTable;
import io.maskstream.frame.LabeledPicture;
import io.maskstream.frame.Picture;
import io.maskstream.inference.BundleWriter;
import io.maskstream.inference.CameraSegmenter;
import io.maskstream.inference.LoadedModel;
import io.maskstream.inference.ModelBundle;
import io.maskstream.inference.ModelCard;
import io.maskstream.inference.ModelException;
import io.maskstream.inference.PictureScaler;
import io.maskstream.inference.SegmentationRequest;
import io.maskstream.inference.Segmenter;
import io.maskstream.network.NetworkConfig;
import io.maskstream.network.ParameterSpec;
import io.maskstream.network.Parameters;
import io.maskstream.network.PlaceMemory;
import io.maskstream.network.SegmentationNetwork;
import io.maskstream.onnx.ModelWriter;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetRules;
import io.maskstream.prototype.Reuse;
import io.maskstream.training.Augmentation;
import io.maskstream.training.ClassMap;
import io.maskstream.training.CompositeLoss;
import io.maskstream.training.DataLayout;
import io.maskstream.training.FolderFrames;
import io.maskstream.training.InMemoryFrames;
import io.maskstream.training.JoinedFrames;
import io.maskstream.training.LabeledFrames;
import io.maskstream.training.StreetFrames;
import io.maskstream.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    description = {
      "Trains or loads a set of models and measures them side by side: accuracy, edges, flicker,",
      "size, latency. Prints the table and writes table.md, table.csv and plot.png. Stopped and",
      "started again with the same --out, it goes on where it was. See models/compare.yaml."
    })
final class CompareCommand implements Callable<Integer> {
  private static final int LATENCY_ROUNDS = 30;

  @Option(names = "--config", required = true, description = "YAML file with the set.")
  private Path config;

  @Option(names = "--out", required = true, description = "Folder for trainings and results.")
  private Path out;

  @Option(
      names = "--video",
      description = "Video without labels to measure flicker and consistency on as well.")
  private @Nullable Path video;

  private final ClassTable table = ClassTable.camvid11();

  /** A model that stands ready to be measured. */
  private record Candidate(String entry, Path folder, long parameters, long multiplyAdds) {}

  @Override
  public Integer call() throws IOException, ConfigException, ModelException {
    CompareConfig plan = YamlReader.read(config, CompareConfig.class, System.getenv());
    for (CompareConfig.Entry entry : plan.entries()) { // wrong names are told before any work
      if (entry.model().isEmpty()) {
        CompositeLoss.weights(shape(plan, entry), entry.losses());
      }
    }
    LabeledFrames validation = frames(plan.data(), plan.data().validation());
    List<Candidate> candidates = candidates(plan);
    Map<Path, Double> millis = latencies(candidates, validation);
    Map<String, List<ComparedModel.Run>> runs = new LinkedHashMap<>();
    for (Candidate candidate : candidates) {
      runs.computeIfAbsent(candidate.entry, unused -> new ArrayList<>())
          .add(measure(candidate, validation, millis.getOrDefault(candidate.folder, Double.NaN)));
    }
    List<ComparedModel> models =
        runs.entrySet().stream().map(e -> new ComparedModel(e.getKey(), e.getValue())).toList();
    CompareReport report = new CompareReport(models, table);
    report.write(out);
    System.out.println(report.markdown());
    if (video != null) {
      System.out.println(videoTable(candidates, video));
    }
    return 0;
  }

  private NetworkConfig shape(CompareConfig plan, CompareConfig.Entry entry) {
    return entry.network(plan.recipe().backbone(), table.size(), TrainingJob.groups(table).size());
  }

  private FolderFrames frames(CompareConfig.Data data, String split) throws IOException {
    DataLayout layout = DataLayout.of(data.layout());
    FolderFrames.Source source =
        new FolderFrames.Source(layout, data.folder(), split, data.width(), data.height());
    try {
      ClassMap map =
          data.classMap().isPresent()
              ? ClassMap.read(data.classMap().get(), table)
              : layout.defaultMap(table);
      return new FolderFrames(source, map);
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private List<Candidate> candidates(CompareConfig plan) throws IOException {
    List<Candidate> candidates = new ArrayList<>();
    @Nullable LabeledFrames train = null;
    for (CompareConfig.Entry entry : plan.entries()) {
      if (entry.model().isPresent()) {
        candidates.add(new Candidate(entry.name(), entry.model().get(), 0, 0));
        continue;
      }
      for (long seed : entry.seeds().isEmpty() ? plan.seeds() : entry.seeds()) {
        Path folder = out.resolve(slug(entry.name()) + "-seed" + seed);
        if (!Files.exists(folder.resolve(TrainingJob.WEIGHTS))) {
          train = train == null ? trainingFrames(plan) : train;
          System.out.printf("training %s, seed %d%n", entry.name(), seed);
          job(plan, entry, seed, folder, train).run(List.of());
        }
        candidates.add(export(entry, folder));
      }
    }
    return candidates;
  }

  private static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  private LabeledFrames trainingFrames(CompareConfig plan) throws IOException {
    LabeledFrames real = new InMemoryFrames(frames(plan.data(), plan.data().train()));
    if (plan.recipe().street() == 0) {
      return real;
    }
    StreetFrames drawn =
        new StreetFrames(1, plan.data().width(), plan.data().height(), plan.recipe().street());
    return new JoinedFrames(List.of(real, new InMemoryFrames(drawn)));
  }

  private TrainingJob job(
      CompareConfig plan, CompareConfig.Entry entry, long seed, Path folder, LabeledFrames frames) {
    CompareConfig.Recipe recipe = plan.recipe();
    TrainingConfig training =
        TrainingConfig.with(recipe.epochs(), recipe.batchSize(), recipe.rate(), seed)
            .supervised(entry.priorShare(), entry.losses());
    return new TrainingJob(
        new SegmentationNetwork(shape(plan, entry)),
        training,
        table,
        frames,
        Augmentation.sized(recipe.cropWidth(), recipe.cropHeight()),
        recipe.classBalance(),
        folder,
        new TrainingJob.Start(recipe.imagenet(), recipe.init()));
  }

  private Candidate export(CompareConfig.Entry entry, Path folder) throws IOException {
    Parameters parameters = Parameters.read(folder.resolve(TrainingJob.WEIGHTS));
    SegmentationNetwork network =
        new SegmentationNetwork(
            NetworkConfig.described(parameters.metadata(), table.size())
                .withPlace(PlaceMemory.Settings.DEFAULT));
    int width = 480;
    int height = 360;
    ModelWriter writer = new ModelWriter(network, parameters);
    ModelCard card =
        new ModelCard(
            slug(entry.name()),
            "1",
            network.config().head().kind().label(),
            table.id(),
            ModelCard.entries(table),
            width,
            height,
            SegmentationNetwork.STRIDE,
            network.config().features(),
            network.config().head().prototypesPerClass(),
            network.config().place().rows(),
            "",
            "",
            "",
            "",
            Map.of());
    BundleWriter.write(folder, card, writer.write(height, width, false, Map.of()));
    long numbers =
        network.parameters().stream()
            .filter(spec -> !spec.name().equals(SegmentationNetwork.GROUPS))
            .mapToLong(ParameterSpec::size)
            .sum();
    return new Candidate(entry.name(), folder, numbers, writer.multiplyAdds(height, width));
  }

  /** Median latency of each model; the models take turns, so that noise meets them all alike. */
  private static Map<Path, Double> latencies(List<Candidate> candidates, LabeledFrames frames)
      throws IOException, ModelException {
    Map<Path, double[]> times = new LinkedHashMap<>();
    Map<Path, LoadedModel> models = new LinkedHashMap<>();
    Map<Path, Segmenter> segmenters = new LinkedHashMap<>();
    try {
      for (Candidate candidate : candidates) {
        LoadedModel model = LoadedModel.load(ModelBundle.read(candidate.folder), 1);
        models.put(candidate.folder, model);
        segmenters.put(candidate.folder, model.newSegmenter());
        times.put(candidate.folder, new double[LATENCY_ROUNDS]);
      }
      for (int round = 0; round < LATENCY_ROUNDS; round++) {
        Picture picture = frames.get(round % frames.size()).picture();
        for (Map.Entry<Path, Segmenter> entry : segmenters.entrySet()) {
          ModelCard card = Objects.requireNonNull(models.get(entry.getKey())).card();
          SegmentationRequest request =
              new SegmentationRequest(
                  PictureScaler.scale(picture, card.width(), card.height()),
                  new float[card.prototypes() * card.features()],
                  new float[card.prototypes()]);
          long start = System.nanoTime();
          entry.getValue().segment(request);
          Objects.requireNonNull(times.get(entry.getKey()))[round] =
              (System.nanoTime() - start) / 1e6;
        }
      }
    } finally {
      segmenters.values().forEach(Segmenter::close);
      models.values().forEach(LoadedModel::close);
    }
    Map<Path, Double> medians = new LinkedHashMap<>();
    times.forEach(
        (path, values) -> {
          Arrays.sort(values);
          medians.put(path, values[values.length / 2]);
        });
    return medians;
  }

  private ComparedModel.Run measure(Candidate candidate, LabeledFrames frames, double millis)
      throws IOException, ModelException {
    int threads = Runtime.getRuntime().availableProcessors();
    ModelBundle bundle = ModelBundle.read(candidate.folder);
    try (LoadedModel model = LoadedModel.load(bundle, threads);
        Evaluator single = evaluator(model, Reuse.Policy.PER_FRAME);
        Evaluator reused = evaluator(model, Reuse.Policy.GUIDED)) {
      for (int i = 0; i < frames.size(); i++) {
        LabeledPicture frame = frames.get(i);
        boolean starts = i == 0 || !frames.sameSequence(i - 1, i);
        single.add(frame, starts);
        reused.add(frame, starts);
      }
      double[] classIou = new double[table.size()];
      for (int k = 0; k < classIou.length; k++) {
        classIou[k] = single.matrix().iou(k);
      }
      return new ComparedModel.Run(
          single.matrix().meanIou(),
          classIou,
          single.boundaries().mean(),
          single.flipRate(),
          single.temporalConsistency(),
          reused.matrix().meanIou(),
          reused.flipRate(),
          reused.temporalConsistency(),
          candidate.parameters,
          candidate.multiplyAdds,
          millis);
    }
  }

  private static Evaluator evaluator(LoadedModel model, Reuse.Policy policy) {
    return new Evaluator(model, Reuse.of(policy).build(), ResetRules.defaults());
  }

  /** Flicker on a video without labels, with and without reuse. */
  private static String videoTable(List<Candidate> candidates, Path video)
      throws IOException, ModelException {
    StringBuilder text =
        new StringBuilder(
            "| model | policy | temporal consistency | flips of static pixels |\n|---|---|---|---|\n");
    for (Candidate candidate : candidates) {
      for (Reuse.Policy policy : List.of(Reuse.Policy.PER_FRAME, Reuse.Policy.GUIDED)) {
        text.append(videoRow(candidate, video, policy));
      }
    }
    return text.toString();
  }

  private static String videoRow(Candidate candidate, Path video, Reuse.Policy policy)
      throws IOException, ModelException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (LoadedModel model = LoadedModel.load(ModelBundle.read(candidate.folder), threads);
        CameraSegmenter segmenter =
            new CameraSegmenter(model, Reuse.of(policy).build(), ResetRules.defaults());
        VideoFile file = VideoFile.open(video);
        FlowConsistency flow = new FlowConsistency()) {
      CameraMemory memory = null;
      Optional<VideoFile.TimedPicture> next = file.next();
      while (next.isPresent()) {
        Picture picture = next.get().picture();
        CameraSegmenter.Result result =
            segmenter.segment(
                new CameraSegmenter.Shot(0, next.get().mediaMicros(), picture),
                memory,
                Optional.empty());
        flow.add(
            PictureScaler.scale(picture, model.card().width(), model.card().height()),
            result.segmentation().mask(),
            memory == null);
        memory = result.memory();
        next = file.next();
      }
      return String.format(
          Locale.ROOT,
          "| %s | %s | %.2f | %.2f |%n",
          candidate.entry,
          policy.label(),
          100 * flow.consistency(),
          100 * flow.staticFlipRate());
    }
  }
}
