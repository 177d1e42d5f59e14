package io.maskstream.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.maskstream.config.EngineNames;
import io.maskstream.dataset.Batch;
import io.maskstream.dataset.BatchSource;
import io.maskstream.loss.SafeArrays;
import io.maskstream.network.Head.MovedPrototypes;
import io.maskstream.network.NdOps;
import io.maskstream.network.SegmentationNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Prototypes for a ProtoSeg head on a network that is already trained: the centres of M clusters of
 * each class's embeddings, found by k-means whose assignment is Sinkhorn's, so that the clusters
 * are equally large.
 *
 * <p>ProtoSeg starts from random prototypes, to which a network from scratch bends its features.
 * One that can already tell the classes apart would have to unlearn its own arrangement first.
 */
public final class PrototypeInitializer {
  private static final int BATCHES = 12;

  /** Pixels of a class taken from one batch, at most. */
  private static final int PIXELS = 256;

  private static final int ROUNDS = 12;

  private final SegmentationNetwork network;
  private final Random random = new Random(1);
  private final List<List<float[]>> embeddings = new ArrayList<>(); // of each class

  private PrototypeInitializer(SegmentationNetwork network) {
    this.network = network;
    for (int k = 0; k < network.config().classes(); k++) {
      embeddings.add(new ArrayList<>());
    }
  }

  /** Puts the centres into a state before its first step. */
  public static void cluster(
      SegmentationNetwork network, MovedPrototypes moved, TrainingState state, BatchSource batches)
      throws IOException {
    PrototypeInitializer start = new PrototypeInitializer(network);
    for (int i = 0; i < Math.min(BATCHES, batches.steps()); i++) {
      start.collect(batches.batch(0, i), state);
    }
    float[] prototypes = state.value(moved.parameter());
    int perClass = moved.perClass();
    for (int k = 0; k < start.embeddings.size(); k++) {
      List<float[]> vectors = start.embeddings.get(k);
      if (vectors.size() >= perClass) {
        float[] centres = centres(vectors, perClass, start.random);
        System.arraycopy(centres, 0, prototypes, k * centres.length, centres.length);
      }
    }
    state.replace(moved.parameter(), prototypes);
  }

  /** Takes some pixels of each class, wherever they lie. */
  private void collect(Batch batch, TrainingState state) {
    try (NDManager manager = Engine.getEngine(EngineNames.PYTORCH).newBaseManager()) {
      NdOps ops = new NdOps(manager, state.weights(), name -> false);
      NDArray map = network.features(ops, batch.input(manager, network));
      int[] labels = batch.labels((int) map.getShape().get(2), (int) map.getShape().get(3));
      NDArray found = network.head().embeddings(ops, map); // [B, D, N]
      int features = (int) found.getShape().get(1);
      int area = (int) found.getShape().get(2);
      float[] values = SafeArrays.of(found);
      int[] taken = new int[embeddings.size()];
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < labels.length; i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      for (int i : order) {
        if (labels[i] < taken.length && taken[labels[i]] < PIXELS) {
          taken[labels[i]]++;
          float[] vector = new float[features];
          for (int d = 0; d < features; d++) {
            vector[d] = values[(i / area * features + d) * area + i % area];
          }
          embeddings.get(labels[i]).add(vector);
        }
      }
    }
  }

  /**
   * Centres of clusters of equal size.
   *
   * @param vectors unit length, at least as many as clusters, each of D
   * @param count M
   * @return unit length, M·D
   */
  static float[] centres(List<float[]> vectors, int count, Random random) {
    int features = vectors.get(0).length;
    List<float[]> drawn = new ArrayList<>(vectors);
    Collections.shuffle(drawn, random);
    float[] centres = new float[count * features];
    for (int m = 0; m < count; m++) {
      System.arraycopy(drawn.get(m), 0, centres, m * features, features);
    }
    for (int round = 0; round < ROUNDS; round++) {
      centres = means(vectors, centres, count);
    }
    return centres;
  }

  private static float[] means(List<float[]> vectors, float[] centres, int count) {
    int features = centres.length / count;
    float[] similarity = new float[vectors.size() * count];
    for (int i = 0; i < vectors.size(); i++) {
      for (int m = 0; m < count; m++) {
        for (int d = 0; d < features; d++) {
          similarity[i * count + m] += vectors.get(i)[d] * centres[m * features + d];
        }
      }
    }
    double[] plan = SinkhornAssignment.plan(similarity, count, SinkhornAssignment.ROUNDS);
    float[] means = new float[centres.length];
    for (int m = 0; m < count; m++) {
      double squares = 0;
      for (int d = 0; d < features; d++) {
        double sum = 0;
        for (int i = 0; i < vectors.size(); i++) {
          sum += plan[i * count + m] * vectors.get(i)[d];
        }
        means[m * features + d] = (float) (sum * count);
        squares += sum * count * sum * count;
      }
      for (int d = 0; d < features; d++) {
        means[m * features + d] /= (float) Math.max(1e-12, Math.sqrt(squares));
      }
    }
    return means;
  }
}
