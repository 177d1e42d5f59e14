package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class WaitingRecordsTest {

  private static ConsumerRecord<byte[], byte[]> picture(int bytes) {
    return new ConsumerRecord<>("frames", 0, 0, new byte[0], new byte[bytes]);
  }

  private static FrameId frame(String camera) {
    return new FrameId(camera, 1, 2, 3);
  }

  @Test
  void add_beyondTheBytes_forgetsTheOldest() {
    WaitingRecords records = new WaitingRecords(100);
    records.add(frame("a"), picture(60));
    records.add(frame("b"), picture(30));
    records.add(frame("c"), picture(20));
    assertThat(records.take(frame("a"))).isNull();
    assertThat(records.bytes()).isEqualTo(50);
    assertThat(records.take(frame("b"))).isNotNull();
    assertThat(records.bytes()).isEqualTo(20);
  }

  @Test
  void add_pictureLargerThanAll_isNotKept() {
    WaitingRecords records = new WaitingRecords(100);
    records.add(frame("a"), picture(60));
    records.add(frame("b"), picture(200));
    assertThat(records.bytes()).isZero();
  }

  @Test
  void add_sameFrameTwice_countsItOnce() {
    WaitingRecords records = new WaitingRecords(100);
    records.add(frame("a"), picture(60));
    records.add(frame("a"), picture(70));
    assertThat(records.bytes()).isEqualTo(70);
  }
}
