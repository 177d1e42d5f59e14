package io.maskstream.inference;

/** Labels of model outputs, for tests outside of this package. */
public final class ModelOutputs {

  private ModelOutputs() {}

  /** What the graph labeled, or what its logits say. */
  public static Labels labels(ModelOutput output, ModelCard card) {
    return output
        .labels()
        .orElseGet(
            () ->
                LogitDecoder.of(card, ConfidenceOutput.NONE).decode(output.logits().orElseThrow()));
  }
}
