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

  /** How many bytes of the stream came before the file's first one. */
  private long shift;

  OutputTail(Path file) throws IOException {
    channel = Files.newByteChannel(file);
  }

  /** How many bytes of the stream the supervisor has. */
  long offset() {
    return offset;
  }

  /** The supervisor has so much of it. */
  void goOnAt(long kept) throws IOException {
    offset = Math.clamp(kept, shift, Math.max(shift, shift + channel.size()));
  }

  /** How many bytes wait to be read. */
  long waiting() throws IOException {
    long size = channel.size();
    if (shift + size < offset) {
      // `echo … > /dev/stderr` opens the file anew and empties it: what follows is new output.
      shift = offset;
    }
    return shift + size - offset;
  }

  /** How many bytes were printed, as far as anybody can tell. */
  long printed() throws IOException {
    return offset + waiting();
  }

  /** At most {@code most} bytes from the offset on; the offset does not move. */
  Bytes read(int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, waiting()));
    channel.position(offset - shift);
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
