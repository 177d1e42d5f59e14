package io.maskstream.inference;

/** Segments one frame at a time for one thread; others may share what is behind it. */
public interface FrameSegmenter extends AutoCloseable {

  /** Segments a frame; waits for its result. */
  Segmentation segment(SegmentationRequest request);

  @Override
  void close();
}
