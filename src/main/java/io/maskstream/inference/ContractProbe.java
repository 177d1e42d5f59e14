package io.maskstream.inference;

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.maskstream.onnx.ContractTensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a model and says what its outputs miss of the contract. */
final class ContractProbe implements Translator<List<SegmentationRequest>, ContractProbe.Findings> {
  private final ModelCard card;
  private int batch;

  /**
   * What a pass showed.
   *
   * @param problems one line each; empty where the outputs meet the contract
   * @param scores whether class scores are among them
   */
  record Findings(List<String> problems, boolean scores) {}

  ContractProbe(ModelCard card) {
    this.card = card;
  }

  @Override
  public @Nullable Batchifier getBatchifier() {
    return null;
  }

  @Override
  public NDList processInput(TranslatorContext context, List<SegmentationRequest> requests) {
    batch = requests.size();
    return new ContractTranslator(card).processInput(context, requests);
  }

  @Override
  public Findings processOutput(TranslatorContext context, NDList outputs) {
    outputs.attach(context.getNDManager());
    return new Findings(
        Contract.violations(card, outputs, batch),
        Contract.find(outputs, ContractTensors.LOGITS).isPresent());
  }
}
