package io.capataz.agent.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what a process prints from a pipe into a file.
 *
 * <p>The process does not get the file itself, because {@code echo … > /dev/stderr} would open that
 * anew and empty it: scripts do so all the time, and what they printed before would be lost.
 */
final class OutputPump implements Runnable, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OutputPump.class);

  private static final int BUFFER_BYTES = 16 * 1024;

  private final ReadableByteChannel pipe;
  private final WritableByteChannel file;

  /** Makes the file, which must not exist yet. */
  OutputPump(ReadableByteChannel pipe, Path file) throws IOException {
    this.pipe = pipe;
    this.file =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /** Returns when everybody who could print has ended, or after {@link #close}. */
  @Override
  public void run() {
    // Not a direct one: those are given back late, and a busy agent would pile them up.
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    boolean room = true;
    try (pipe;
        file) {
      while (pipe.read(buffer) >= 0) {
        buffer.flip();
        room = room && kept(buffer);
        buffer.clear();
      }
    } catch (IOException e) {
      log.debug("nobody waits for the rest of this output", e);
    }
  }

  /** Without room the script goes on all the same: it is read, so that it does not block. */
  private boolean kept(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      return true;
    } catch (IOException e) {
      log.error("what a script prints cannot be kept any more; make room: {}", e.toString());
      return false;
    }
  }

  /** Stops reading. */
  @Override
  public void close() throws IOException {
    pipe.close();
  }
}
