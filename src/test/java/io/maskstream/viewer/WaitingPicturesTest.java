package io.maskstream.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.frame.FrameId;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class WaitingPicturesTest {

  private static ConsumerRecord<byte[], byte[]> picture(int bytes) {
    return new ConsumerRecord<>("frames", 0, 0, new byte[0], new byte[bytes]);
  }

  private static FrameId frame(String camera) {
    return new FrameId(camera, 1, 2, 3);
  }

  @Test
  void add_beyondTheBytes_forgetsTheOldest() {
    WaitingPictures pictures = new WaitingPictures(100);
    pictures.add(frame("a"), picture(60));
    pictures.add(frame("b"), picture(30));
    pictures.add(frame("c"), picture(20));
    assertThat(pictures.take(frame("a"))).isNull();
    assertThat(pictures.bytes()).isEqualTo(50);
    assertThat(pictures.take(frame("b"))).isNotNull();
    assertThat(pictures.bytes()).isEqualTo(20);
  }

  @Test
  void add_pictureLargerThanAll_isNotKept() {
    WaitingPictures pictures = new WaitingPictures(100);
    pictures.add(frame("a"), picture(60));
    pictures.add(frame("b"), picture(200));
    assertThat(pictures.bytes()).isZero();
  }

  @Test
  void add_sameFrameTwice_countsItOnce() {
    WaitingPictures pictures = new WaitingPictures(100);
    pictures.add(frame("a"), picture(60));
    pictures.add(frame("a"), picture(70));
    assertThat(pictures.bytes()).isEqualTo(70);
  }
}
