package io.capataz.agent.script;

import io.capataz.agent.host.Folders;
import io.capataz.agent.host.IoReason;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A script whose bytes are on this host and have the digest that was announced. A long one is a
 * file of its own and never in memory as a whole; closing this removes it, unless it was moved to
 * where it is run.
 */
public final class Script implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Script.class);

  private final ScriptText announced;
  private final Bytes beginning;
  private final @Nullable Path file;

  private Script(ScriptText announced, Bytes beginning, @Nullable Path file) {
    this.announced = announced;
    this.beginning = beginning;
    this.file = file;
  }

  /** One that came with its order. */
  public static Script inOrder(ScriptText announced, Bytes content) {
    return new Script(announced, content, null);
  }

  /** One that lies in a file that nobody else knows. */
  static Script inFile(ScriptText announced, Bytes beginning, Path file) {
    return new Script(announced, beginning, file);
  }

  /** A name for people and for the interpreter's messages; never a path. */
  public String filename() {
    return announced.filename();
  }

  /** Program and options put before it, if the order names some. */
  public @Nullable List<String> interpreter() {
    return announced.interpreter();
  }

  /** Its first bytes, with the whole of its {@code #!} line if it has one. */
  public Bytes beginning() {
    return beginning;
  }

  /** Puts it where it is to be run, as a new file that its owner may execute. */
  public void moveTo(Path place) throws IOException {
    if (file == null) {
      Folders.write(place, beginning.toArray(), "rwx------");
    } else {
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
