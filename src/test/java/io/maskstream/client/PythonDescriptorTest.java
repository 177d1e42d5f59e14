package io.maskstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.topic.v1.SegmentedFrame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The Python client reads records by a compiled copy of the Protobuf file. */
class PythonDescriptorTest {
  private static final Path COPY =
      Path.of("clients/python/src/maskstream_client/segmented_frame.desc");

  /** With -Dmaskstream.write=true, writes it. */
  @Test
  void copy_isThatOfTheProtobufFile() throws IOException {
    byte[] descriptor = SegmentedFrame.getDescriptor().getFile().toProto().toByteArray();
    if (Boolean.getBoolean("maskstream.write")) {
      Files.write(COPY, descriptor);
    }
    assertThat(Files.readAllBytes(COPY)).isEqualTo(descriptor);
  }
}
