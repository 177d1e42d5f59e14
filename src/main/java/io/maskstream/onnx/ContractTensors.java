package io.maskstream.onnx;

import java.util.Set;

/** Names of a bundle's tensors; docs/models.md has their shapes and meanings. */
public final class ContractTensors {
  public static final String IMAGE = "image";
  public static final String PRIOR = "prior";
  public static final String TRUST = "trust";

  public static final String LOGITS = "logits";
  public static final String LABELS = "labels";
  public static final String CONFIDENCE = "confidence";
  public static final String PIXELS = "pixels";
  public static final String PROTOTYPES = "prototypes";
  public static final String EVIDENCE = "evidence";
  public static final String AGREEMENT = "agreement";

  /** What need not leave a graph that gives logits. */
  public static final Set<String> LABELING = Set.of(LABELS, CONFIDENCE, PIXELS);

  private ContractTensors() {}
}
