package io.capataz.agent.job;

import io.capataz.common.protocol.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a file that is still being written, from where the supervisor has it. */
final class OutputTail implements AutoCloseable {

  private final SeekableByteChannel channel;
  private long offset;

  OutputTail(Path file) throws IOException {
    channel = Files.newByteChannel(file);
  }

  /** How many bytes of the stream the supervisor has. */
  long offset() {
    return offset;
  }

  /** The supervisor has so much of it. */
  void goOnAt(long kept) throws IOException {
    offset = Math.clamp(kept, 0, channel.size());
  }

  /** How many bytes wait to be read. */
  long waiting() throws IOException {
    return channel.size() - offset;
  }

  /** How many bytes were printed. */
  long printed() throws IOException {
    return channel.size();
  }

  /** At most {@code most} bytes from the offset on; the offset does not move. */
  Bytes read(int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, waiting()));
    channel.position(offset);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
    byte[] content = new byte[buffer.position()];
    buffer.flip().get(content);
    return Bytes.of(content);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
