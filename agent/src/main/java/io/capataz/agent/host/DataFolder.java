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
 * Everything the agent keeps on its host: {@code lock}, {@code credential}, {@code journal}, {@code
 * runs/}, {@code scripts/}, and the programs it lays out for itself and for scripts. One agent at a
 * time.
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
   * Takes the folder, and makes it if need be.
   *
   * @throws IOException if it cannot be used; the message is a sentence for the person who started
   *     the agent
   */
  public static DataFolder open(Path folder) throws IOException {
    try {
      Path parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      if (!Files.isDirectory(folder)) {
        Folders.make(folder);
      }
      FileChannel channel =
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
      DataFolder data = new DataFolder(folder.toRealPath(), channel);
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

  /** Where the folders of runs are made. */
  public Path runs() {
    return folder.resolve("runs");
  }

  /** Where scripts are kept that were fetched. */
  public Path scripts() {
    return folder.resolve("scripts");
  }

  /** Where it is written down what must not be forgotten. */
  public Path journal() {
    return folder.resolve("journal");
  }

  /** Where the keeper is laid out. */
  public Path programs() {
    return folder.resolve("programs");
  }

  /** Where the commands are laid out that help scripts. */
  public Path commands() {
    return folder.resolve("commands");
  }

  /** A word that tells this folder from others on the host. */
  public String shortName() {
    return Integer.toHexString(folder.toString().hashCode());
  }

  /** Who this agent is; empty if it never was enrolled. */
  public Optional<Enrolment.Answer> credential() throws IOException {
    Path file = folder.resolve("credential");
    try {
      return Optional.of(MessageJson.read(Files.readAllBytes(file), Enrolment.Answer.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JacksonException e) {
      // The cause would quote the file, and with it the secret.
      throw new IOException(
          "The credential file "
              + file
              + " is corrupt. Remove it and start the agent with a new join token.");
    }
  }

  /** Keeps who this agent is, so that after a power cut the file is the old one or the new one. */
  public void storeCredential(Enrolment.Answer credential) throws IOException {
    Path fresh = folder.resolve("credential.new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
      ByteBuffer bytes = ByteBuffer.wrap(MessageJson.write(credential));
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
    try (FileChannel directory = FileChannel.open(folder)) {
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
