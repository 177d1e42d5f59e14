package io.maskstream.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The heads against the authors' forward passes. */
class AuthorsForwardTest {
  private static final int CLASSES = AuthorsForward.size("classes");
  private static final int FEATURES = AuthorsForward.size("features");
  private static final int ROWS = AuthorsForward.size("rows");
  private static final int COLUMNS = AuthorsForward.size("columns");
  private static final int PIXELS = ROWS * COLUMNS;

  private final Map<String, NDArray> weights = new HashMap<>();
  private NDManager manager;

  @BeforeEach
  void setUp() {
    manager = Engine.getEngine("PyTorch").newBaseManager();
  }

  @AfterEach
  void tearDown() {
    manager.close();
  }

  private NDArray array(JsonNode numbers, long... shape) {
    return manager.create(AuthorsForward.floats(numbers), new Shape(shape));
  }

  private void assertEqual(NDArray actual, JsonNode expected, double tolerance) {
    float[] ours = actual.toFloatArray();
    float[] theirs = AuthorsForward.floats(expected);
    assertThat(ours).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.length; i++) {
      assertThat((double) ours[i]).isCloseTo(theirs[i], within(tolerance));
    }
  }

  private void assertSameLabels(NDArray logits, JsonNode labels) {
    long[] ours = logits.argMax(1).flatten().toLongArray();
    for (int n = 0; n < PIXELS; n++) {
      assertThat(ours[n]).isEqualTo(labels.get(n).asLong());
    }
  }

  private Prior<NDArray> cold(int prototypes) {
    return new Prior<>(
        manager.zeros(new Shape(1, prototypes, FEATURES)), manager.zeros(new Shape(1, prototypes)));
  }

  /**
   * A linear layer's weight from PyTorch's [outputs, inputs] to [inputs, outputs], of some inputs.
   */
  private NDArray linear(JsonNode numbers, int outputs, int from, int to) {
    float[] theirs = AuthorsForward.floats(numbers);
    int inputs = theirs.length / outputs;
    float[] ours = new float[(to - from) * outputs];
    for (int i = from; i < to; i++) {
      for (int o = 0; o < outputs; o++) {
        ours[(i - from) * outputs + o] = theirs[o * inputs + i];
      }
    }
    return manager.create(ours, new Shape(to - from, outputs));
  }

  /**
   * Theirs concatenates [Z; S] in both branches, [E; R] in the student and [R; E] in the teacher;
   * ours takes the centre first everywhere.
   */
  private void adapter(String scope, JsonNode theirs) {
    int hidden = FEATURES / 2;
    for (String domain : new String[] {"semantic", "spatial"}) {
      JsonNode part = theirs.path(domain);
      NDArray left = linear(part.path("hidden"), hidden, 0, FEATURES);
      NDArray right = linear(part.path("hidden"), hidden, FEATURES, 2 * FEATURES);
      boolean centreFirst = domain.equals("semantic") || scope.equals("teacher.");
      weights.put(scope + domain + ".first", centreFirst ? left : right);
      weights.put(scope + domain + ".second", centreFirst ? right : left);
      weights.put(scope + domain + ".bias", manager.zeros(new Shape(hidden)));
      weights.put(
          scope + domain + ".output.weight", linear(part.path("output"), FEATURES, 0, hidden));
      weights.put(scope + domain + ".output.bias", array(part.path("bias"), FEATURES));
    }
    weights.put(scope + "projection", linear(theirs.path("projection"), FEATURES, 0, FEATURES));
  }

  @Test
  void ssa_studentAndTeacher_areTheAuthors() {
    JsonNode ssa = AuthorsForward.of("ssa");
    weights.put("fixed", array(ssa.path("fixed"), CLASSES, FEATURES));
    weights.put("fixedBias", array(ssa.path("fixedBias"), CLASSES, 1));
    weights.put("position", array(ssa.path("position"), CLASSES, FEATURES));
    weights.put("positional.weight", array(ssa.path("positionalWeight"), FEATURES, 1, 3, 3));
    weights.put("positional.bias", array(ssa.path("positionalBias"), FEATURES));
    adapter("", ssa.path("student"));
    adapter("teacher.", ssa.path("teacher"));
    HeadConfig config = HeadConfig.ssa().withOwnTeacher(true);
    SsaHead head = new SsaHead(Scope.root(), CLASSES, FEATURES, config);
    NdOps ops = new NdOps(manager, weights, name -> false);
    NDArray map = array(ssa.path("features"), 1, FEATURES, ROWS, COLUMNS);
    JsonNode expected = ssa.path("expected");
    HeadOutput<NDArray> student = head.forward(ops, map, cold(CLASSES));
    HeadDetail.Ssa<NDArray> detail = (HeadDetail.Ssa<NDArray>) student.detail();
    assertEqual(detail.coarse(), expected.path("coarse"), 1e-5);
    assertEqual(detail.semantic(), expected.path("semantic"), 1e-5);
    assertEqual(detail.spatial(), expected.path("spatial"), 1e-5);
    assertEqual(student.prototypes(), expected.path("prototypes"), 1e-5);
    assertEqual(student.logits(), expected.path("scores"), 1e-4); // up to 15
    assertSameLabels(student.logits(), expected.path("labels"));
    TeacherOutput<NDArray> teacher = head.forwardTeacher(ops, map, masks(ssa.path("labels")));
    assertEqual(teacher.semantic(), expected.path("taughtSemantic"), 1e-5);
    assertEqual(teacher.spatial(), expected.path("taughtSpatial"), 1e-5);
    assertEqual(teacher.logits(), expected.path("taughtScores"), 1e-4);
  }

  private NDArray masks(JsonNode labels) {
    float[] masks = new float[CLASSES * PIXELS];
    for (int n = 0; n < PIXELS; n++) {
      if (labels.get(n).asInt() < CLASSES) {
        masks[labels.get(n).asInt() * PIXELS + n] = 1f;
      }
    }
    return manager.create(masks, new Shape(1, CLASSES, PIXELS));
  }

  @Test
  void protoSeg_isTheAuthors() {
    JsonNode protoSeg = AuthorsForward.of("protoseg");
    int perClass = protoSeg.path("perClass").asInt();
    int prototypes = CLASSES * perClass;
    weights.put("prototypes", array(protoSeg.path("prototypes"), prototypes, FEATURES));
    weights.put("pixels.scale", array(protoSeg.path("pixelScale"), FEATURES, 1));
    weights.put("pixels.shift", array(protoSeg.path("pixelShift"), FEATURES, 1));
    weights.put("scores.scale", array(protoSeg.path("scoreScale"), CLASSES, 1));
    weights.put("scores.shift", array(protoSeg.path("scoreShift"), CLASSES, 1));
    ProtoSegHead head = new ProtoSegHead(Scope.root(), CLASSES, perClass, FEATURES);
    NdOps ops = new NdOps(manager, weights, name -> false);
    NDArray map = array(protoSeg.path("features"), 1, FEATURES, ROWS, COLUMNS);
    JsonNode expected = protoSeg.path("expected");
    assertEqual(head.embeddings(ops, map), expected.path("embeddings"), 1e-5);
    HeadOutput<NDArray> output = head.forward(ops, map, cold(prototypes));
    assertEqual(output.logits(), expected.path("scores"), 1e-4);
    assertSameLabels(output.logits(), expected.path("labels"));
  }
}
