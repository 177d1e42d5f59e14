package io.maskstream.stream;

import io.maskstream.metrics.FrameTraces;
import io.maskstream.metrics.Metrics;
import io.maskstream.prototype.CameraMemory;
import io.maskstream.prototype.ResetReason;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The replay path: every frame is segmented, in order, on the stream thread, and the camera's
 * memory is stored with each, so that the same records give byte-equal masks.
 */
final class ReplayProcessor extends ContextualProcessor<String, byte[], String, Object> {
  private final FrameReader reader;
  private final FrameSegmentation segmentation;
  private final int maxRecordBytes;
  private final Metrics metrics;
  private final FrameTraces traces;
  private final Set<String> cameras = new HashSet<>();
  private OutcomeForwarder forwarder;
  private FrameOffsets offsets;
  private KeyValueStore<String, CameraMemory> memories;
  private KeyValueStore<String, byte[]> requests;

  @SuppressWarnings("NullAway.Init") // by init, which comes before all else
  ReplayProcessor(
      FrameReader reader,
      FrameSegmentation segmentation,
      int maxRecordBytes,
      Metrics metrics,
      FrameTraces traces) {
    this.reader = reader;
    this.segmentation = segmentation;
    this.maxRecordBytes = maxRecordBytes;
    this.metrics = metrics;
    this.traces = traces;
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    super.init(context);
    forwarder = new OutcomeForwarder(context, metrics, traces, maxRecordBytes);
    offsets = new FrameOffsets(context, metrics);
    memories = context.getStateStore(SegmentTopology.PROTOTYPES);
    requests = context.getStateStore(SegmentTopology.REQUESTS);
  }

  /** What is kept of the cameras here is not for their next owner, nor for this one later. */
  @Override
  public void close() {
    cameras.forEach(segmentation::handOver);
    cameras.clear();
  }

  @Override
  public void process(Record<String, byte[]> record) {
    context().recordMetadata().ifPresent(place -> offsets.read(record, place));
    FrameRecord frame = reader.read(record, context().recordMetadata());
    cameras.add(frame.camera());
    if (frame.missing().isPresent()) {
      long age = frame.ageMicros(TimeUnit.MILLISECONDS.toMicros(context().currentSystemTimeMs()));
      forwarder.forward(new Outcome.Dropped(frame, frame.missing().get(), age));
      return;
    }
    boolean requested = requests.get(frame.camera()) != null;
    try (FrameSegmentation.Work work = segmentation.begin(frame)) {
      work.segment(
          memories.get(frame.camera()),
          requested ? Optional.of(ResetReason.OPERATOR) : Optional.empty(),
          outcome -> {
            memories.put(frame.camera(), outcome.memory());
            if (requested) {
              requests.delete(frame.camera());
            }
            forwarder.forward(outcome);
          });
    }
  }
}
