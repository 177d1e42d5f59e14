package io.maskstream.inference;

/** Whether frames come with how sure the model is of each pixel. */
public enum ConfidenceOutput {
  NONE,
  /** A map at the resolution of the scores; needs a model that gives class scores. */
  MAP
}
