package io.maskstream.inference;

/** Segments one frame at a time for one thread; others may share what is behind it. */
public interface FrameSegmenter extends AutoCloseable {

  /**
   * A frame's forward pass.
   *
   * @param output what the model said
   * @param waitNanos how long the frame waited for the device and for company
   */
  record Inference(ModelOutput output, long waitNanos) {}

  /** Segments a frame; waits for its result. */
  Inference segment(SegmentationRequest request);

  @Override
  void close();
}
