package io.capataz.agent.host;

import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * The agent's folder on its host: {@code lock}, {@code credential}, {@code journal}, {@code runs/},
 * {@code scripts/}, and installed programs. Used by one agent at a time.
 */
public final class DataFolder implements AutoCloseable {

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path folder;
  private final FileChannel lock;

  private DataFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Locks the folder, and creates it if it does not exist.
   *
   * @throws IOException if it cannot be used, with a message for the person who started the agent
   */
  public static DataFolder open(Path folder) throws IOException {
    try {
      var parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      if (!Files.isDirectory(folder)) {
        Folders.make(folder);
      }
      var channel =
          FileChannel.open(
              folder.resolve("lock"),
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              OWNER_ONLY);
      if (!locked(channel)) {
        channel.close();
        throw new IOException(
            "Another agent uses the data folder "
                + folder
                + ". Stop it, or choose another folder with --data.");
      }
      var data = new DataFolder(folder.toRealPath(), channel);
      if (!Files.isDirectory(data.runs())) {
        Folders.make(data.runs());
      }
      return data;
    } catch (java.nio.file.FileSystemException e) {
      throw new IOException(
          "Cannot use the data folder "
              + folder
              + ": "
              + IoReason.of(e)
              + ". Make it writable for this user, or choose another with --data.",
          e);
    }
  }

  /** Parent of the folders of runs. */
  public Path runs() {
    return folder.resolve("runs");
  }

  /** Folder of the script cache. */
  public Path scripts() {
    return folder.resolve("scripts");
  }

  /** File of the run journal. */
  public Path journal() {
    return folder.resolve("journal");
  }

  /** Folder of the installed keeper. */
  public Path programs() {
    return folder.resolve("programs");
  }

  /** Folder of the commands for scripts. */
  public Path commands() {
    return folder.resolve("commands");
  }

  /** Short identifier of this folder, to distinguish the agents of a host. */
  public String shortName() {
    return Integer.toHexString(folder.toString().hashCode());
  }

  /** The identity of this agent; empty before enrolment. */
  public Optional<Enrolment.Answer> credential() throws IOException {
    var file = folder.resolve("credential");
    try {
      return Optional.of(MessageJson.read(Files.readAllBytes(file), Enrolment.Answer.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      // No cause: it would quote the file, and with it the secret.
      throw new IOException(
          "The credential file "
              + file
              + " is corrupt. Remove it and start the agent with a new join token.");
    }
  }

  /** Stores the identity of this agent atomically and durably. */
  public void storeCredential(Enrolment.Answer credential) throws IOException {
    var fresh = folder.resolve("credential.new");
    Files.deleteIfExists(fresh);
    try (var channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
      var bytes = ByteBuffer.wrap(MessageJson.write(credential));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        fresh,
        folder.resolve("credential"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (var directory = FileChannel.open(folder)) {
      directory.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }
}
