package io.capataz.agent.host;

import io.capataz.agent.process.OpenFolder;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The agent's folder on its host: {@code lock}, {@code credential}, {@code journal}, {@code runs/},
 * {@code scripts/}, and installed programs. Used by one agent at a time.
 */
public final class DataFolder implements AutoCloseable {

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** Where folders of runs are that other users could not reach in the data folder. */
  public static final Path SHARED = Path.of("/var/lib/capataz");

  private static final int PASSABLE = 0711;
  private static final int WRITABLE_BY_OTHERS = 0022;

  private static final Logger log = LoggerFactory.getLogger(DataFolder.class);

  private final Path folder;
  private final Path shared;
  private final FileChannel lock;

  /**
   * @param shared parent of what the users of scripts must reach
   */
  private DataFolder(Path folder, Path shared, FileChannel lock) {
    this.folder = folder;
    this.shared = shared;
    this.lock = lock;
  }

  /**
   * As {@link #open}, for an agent whose scripts run as other users, which must reach the folders
   * of their runs. If the parents of the data folder do not let them pass, as those in the home of
   * root, the folders of runs are in another place.
   *
   * @param elsewhere the other place
   */
  public static DataFolder openForOthers(Path folder, Path elsewhere) throws IOException {
    var data = open(folder);
    try {
      if (!isPassable(data.folder.getParent()) && isEmpty(data.runs())) {
        var shared = elsewhere.resolve(data.shortName());
        for (var made : List.of(elsewhere, shared, shared.resolve("runs"))) {
          makePassable(made);
        }
        log.info(
            "folders of runs are in {}, because other users cannot reach {}", shared, data.folder);
        return new DataFolder(data.folder, shared, data.lock);
      }
      makePassable(data.folder);
      makePassable(data.runs());
      return data;
    } catch (IOException e) {
      data.close();
      throw new IOException(
          "Other users cannot reach the folders of runs: "
              + IoReason.of(e)
              + ". Choose a data folder that other users can traverse with --data, or run scripts"
              + " as the agent with --run-as agent.",
          e);
    }
  }

  private static boolean isPassable(@Nullable Path folder) throws IOException {
    for (var way = folder; way != null; way = way.getParent()) {
      if (!Files.getPosixFilePermissions(way).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (var entries = Files.newDirectoryStream(folder)) {
      return !entries.iterator().hasNext();
    }
  }

  /** Makes a folder that others can pass but not list. It must be the agent's already. */
  private static void makePassable(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Folders.make(folder);
    }
    var owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(ThisHost.userNumber()) || (mode & WRITABLE_BY_OTHERS) != 0) {
      throw new IOException(folder + " belongs to somebody else or is writable by others");
    }
    try (var open = OpenFolder.at(folder)) {
      open.setMode(PASSABLE);
    }
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
      var data = new DataFolder(folder.toRealPath(), folder.toRealPath(), channel);
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
    return shared.resolve("runs");
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
    return shared.resolve("commands");
  }

  /** Short identifier of this folder, to distinguish the agents of a host. */
  public String shortName() {
    return Integer.toHexString(folder.toString().hashCode());
  }

  /** Identifies this folder until the machine is restarted; a copy has another identity. */
  public String place() throws IOException {
    return Files.getAttribute(folder, "unix:dev") + ":" + Files.getAttribute(folder, "unix:ino");
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

  /** Removes what is outside of the data folder, if no run goes on there. */
  public void tidyUp() {
    try {
      if (!shared.equals(folder) && Files.isDirectory(shared) && isEmpty(runs())) {
        Folders.remove(shared);
      }
    } catch (IOException e) {
      log.debug("cannot remove {}: {}", shared, IoReason.of(e));
    }
  }

  @Override
  public void close() throws IOException {
    tidyUp();
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
