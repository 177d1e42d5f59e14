package io.maskstream.inference;

import ai.djl.inference.Predictor;
import ai.djl.translate.TranslateException;
import java.util.List;

/** Runs a model for one thread. */
public final class Segmenter implements FrameSegmenter {
  private final Predictor<List<SegmentationRequest>, List<ModelOutput>> predictor;

  Segmenter(Predictor<List<SegmentationRequest>, List<ModelOutput>> predictor) {
    this.predictor = predictor;
  }

  @Override
  public Inference segment(SegmentationRequest request) {
    return new Inference(segment(List.of(request)).get(0), 0);
  }

  /** Segments a batch; results are in the order of the requests. */
  public List<ModelOutput> segment(List<SegmentationRequest> requests) {
    try {
      return predictor.predict(requests);
    } catch (TranslateException e) {
      throw failure(e);
    }
  }

  /** The reason without the names of the exceptions around it. */
  private static RuntimeException failure(TranslateException e) {
    Throwable reason = e;
    while (reason.getCause() != null) {
      reason = reason.getCause();
    }
    return reason instanceof ModelOutputException
        ? new ModelOutputException(String.valueOf(reason.getMessage()), e)
        : new IllegalStateException("inference failed: " + reason.getMessage(), e);
  }

  @Override
  public void close() {
    predictor.close();
  }
}
