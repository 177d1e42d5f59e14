package io.maskstream.app.replay;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Blocks of bytes in a temporary file: a range of frames may be larger than the memory, and its
 * topic may delete them while they are segmented. Deleted when it is closed. Used by one thread.
 */
final class Spool implements AutoCloseable {
  private final FileChannel channel;
  private long end;

  private Spool(FileChannel channel) {
    this.channel = channel;
  }

  /** A place in the file. */
  record Block(long position, int length) {}

  /** A new file in a folder. */
  static Spool in(Path folder) throws IOException {
    return new Spool(
        FileChannel.open(
            Files.createTempFile(folder, "replay", ".tmp"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE));
  }

  Block add(byte[] bytes) throws IOException {
    Block block = new Block(end, bytes.length);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      end += channel.write(buffer, end);
    }
    return block;
  }

  byte[] read(Block block) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(block.length());
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, block.position() + buffer.position()) < 0) {
        throw new EOFException("the temporary file ends before " + block);
      }
    }
    return buffer.array();
  }

  /** Bytes in it. */
  long size() {
    return end;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
