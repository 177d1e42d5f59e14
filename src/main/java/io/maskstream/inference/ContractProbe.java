package io.maskstream.inference;

import ai.djl.ndarray.NDList;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a model and says what its outputs miss of the contract. */
final class ContractProbe implements Translator<List<SegmentationRequest>, List<String>> {
  private final ModelCard card;
  private int batch;

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
  public List<String> processOutput(TranslatorContext context, NDList outputs) {
    outputs.attach(context.getNDManager());
    return Contract.violations(card, outputs, batch);
  }
}
