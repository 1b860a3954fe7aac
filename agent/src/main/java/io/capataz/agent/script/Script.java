package io.capataz.agent.script;

import io.capataz.agent.host.Folders;
import io.capataz.agent.host.IoReason;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A script on this host whose digest was verified. A large one is a file and never completely in
 * memory; closing this removes the file, unless it was moved to the place where it runs.
 */
public final class Script implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Script.class);

  private static final String EXECUTABLE = "r-x------";

  private final ScriptText announced;
  private final Bytes beginning;
  private final @Nullable Path file;

  private Script(ScriptText announced, Bytes beginning, @Nullable Path file) {
    this.announced = announced;
    this.beginning = beginning;
    this.file = file;
  }

  /** A script that came with its order. */
  public static Script inOrder(ScriptText announced, Bytes content) {
    return new Script(announced, content, null);
  }

  /** A script in a file of its own. */
  static Script inFile(ScriptText announced, Bytes beginning, Path file) {
    return new Script(announced, beginning, file);
  }

  /** A display name, also for messages of the interpreter; never a path. */
  public String filename() {
    return announced.filename();
  }

  /** Interpreter and options that the order names, if any. */
  public @Nullable List<String> interpreter() {
    return announced.interpreter();
  }

  /** Its first bytes, including the complete {@code #!} line if it has one. */
  public Bytes beginning() {
    return beginning;
  }

  /**
   * Moves the script to where it runs, as a new file that its owner may read and execute.
   *
   * @param place in a folder that is only for the agent's user
   */
  public void moveTo(Path place) throws IOException {
    if (file == null) {
      Folders.write(place, beginning.toArray(), EXECUTABLE);
    } else {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(EXECUTABLE));
      Files.move(file, place);
    }
  }

  @Override
  public void close() {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        log.warn("cannot remove {}; the next start of the agent will: {}", file, IoReason.of(e));
      }
    }
  }
}
