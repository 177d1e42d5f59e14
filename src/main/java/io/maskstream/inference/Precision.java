package io.maskstream.inference;

/** Which of a bundle's graphs a processor runs. */
public enum Precision {
  /** 8-bit integers where they lose little and the processor is made for them, else floats. */
  AUTO,
  FLOAT,
  /** 8-bit integers or an error. */
  INT8
}
