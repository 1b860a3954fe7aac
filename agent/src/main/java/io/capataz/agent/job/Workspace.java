package io.capataz.agent.job;

import io.capataz.agent.host.Folders;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt's folder: the script, where it starts, where it may write, what it prints. Made
 * fresh, removed afterwards, and open to nobody but the agent's user.
 */
final class Workspace implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Workspace.class);

  private static final int NAME_CHARACTERS = 100;

  private final Path folder;
  private final Path script;

  private Workspace(Path folder, Path script) {
    this.folder = folder;
    this.script = script;
  }

  /** Makes the folder under {@code runs} and writes the order's script into it. */
  static Workspace make(Path runs, WorkOrder order) throws IOException {
    String name = plain(order.job()) + "-" + order.attempt() + "-";
    Path folder = Files.createTempDirectory(runs, name);
    Workspace workspace =
        new Workspace(folder, folder.resolve("script").resolve(plain(order.script().filename())));
    try {
      Folders.make(folder.resolve("script"));
      Folders.make(workspace.directory());
      Folders.make(workspace.temporary());
      write(workspace.script, order.script().content().toArray());
      return workspace;
    } catch (IOException e) {
      workspace.close();
      throw e;
    }
  }

  /** The script's file, which its owner may execute. */
  Path script() {
    return script;
  }

  /** Where the script starts. */
  Path directory() {
    return folder.resolve("work");
  }

  /** The script's {@code TMPDIR}. */
  Path temporary() {
    return folder.resolve("tmp");
  }

  Path stdout() {
    return folder.resolve("stdout");
  }

  Path stderr() {
    return folder.resolve("stderr");
  }

  /** Where the script may leave its result; not there unless it does. */
  Path result() {
    return folder.resolve("result");
  }

  /** Removes all of it. What cannot be removed is told and left to the agent's next start. */
  @Override
  public void close() {
    try {
      Folders.remove(folder);
    } catch (IOException e) {
      log.warn("{} stays, it cannot be removed: {}", folder, e.toString());
    }
  }

  /**
   * A name for people, made fit to be a file's: its last part, in plain characters, not hidden, not
   * too long. It keeps its ending, which interpreters look at.
   */
  static String plain(String name) {
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String plain = last.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^[.-]+", "");
    if (plain.isEmpty()) {
      return "script";
    }
    return plain.length() <= NAME_CHARACTERS
        ? plain
        : plain.substring(plain.length() - NAME_CHARACTERS).replaceFirst("^[.-]+", "_");
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
