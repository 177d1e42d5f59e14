package io.maskstream.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.maskstream.onnx.format.ModelProto;
import io.maskstream.onnx.format.NodeProto;
import io.maskstream.onnx.format.OperatorSetIdProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What ONNX Runtime makes of a model: constants computed, normalization folded into weights. */
final class GraphSimplifier {
  private static final Logger log = LoggerFactory.getLogger(GraphSimplifier.class);

  private GraphSimplifier() {}

  /** The model in ONNX's own operators, without what its outputs do not need. */
  static ModelProto simplify(ModelProto model) throws IOException {
    Path file = Files.createTempFile("maskstream", ".onnx");
    try (SessionOptions options = new SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.setOptimizationLevel(SessionOptions.OptLevel.BASIC_OPT);
      options.setOptimizedModelFilePath(file.toString());
      try (OrtSession session =
          OrtRuntime.environment().createSession(model.toByteArray(), options)) {
        log.debug("simplified a graph of {} inputs", session.getNumInputs());
      }
      return trimmed(ModelProto.parseFrom(Files.readAllBytes(file)));
    } catch (OrtException e) {
      throw new GraphException("ONNX Runtime does not take the graph: " + GraphRun.reason(e), e);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Without operator sets that no node is of, and without notes on tensors. */
  private static ModelProto trimmed(ModelProto model) {
    Set<String> domains =
        model.getGraph().getNodeList().stream()
            .map(NodeProto::getDomain)
            .collect(Collectors.toSet());
    ModelProto.Builder result = model.toBuilder().clearOpsetImport();
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (set.getDomain().isEmpty() || domains.contains(set.getDomain())) {
        result.addOpsetImport(set);
      }
    }
    return result.setGraph(OnnxGraph.withoutDeadNodes(model.getGraph(), Set.of())).build();
  }
}
