package io.capataz.standalone.backup;

import io.capataz.common.command.StartFailure;
import io.capataz.common.files.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Objects;

/**
 * The folder beside a target in which it is prepared, until it is whole and gets the target's name
 * in one step. Whoever finds one that a killed process left empties it.
 */
final class WorkFolder implements AutoCloseable {

  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lock;

  private WorkFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * The one beside this target, for this process alone.
   *
   * @throws StartFailure if another process works on the same target
   */
  static WorkFolder beside(Path target) throws IOException {
    Path path = target.resolveSibling(target.getFileName() + ".part");
    var _ = PrivateFiles.ownFolder(path);
    FileChannel lock =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isTaken(lock)) {
      lock.close();
      throw new StartFailure(
          "Another process works in %s. Wait until it has ended.".formatted(path));
    }
    WorkFolder folder = new WorkFolder(path, lock);
    folder.empty();
    return folder;
  }

  private static boolean isTaken(FileChannel lock) throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // By this very JVM.
    }
  }

  /** A file or folder in it. */
  Path resolve(String name) {
    return path.resolve(name);
  }

  /** Gives a file or folder of it the name of the target, which must not exist or be empty. */
  void publish(String name, Path target) throws IOException {
    try {
      Files.move(path.resolve(name), target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new StartFailure(
          "%s is on another file system than its parent. Choose another place.".formatted(target));
    }
    force(parent(target));
  }

  /** The folder that a file or folder is in. */
  static Path parent(Path path) {
    Path absolute = path.toAbsolutePath();
    return Objects.requireNonNullElse(absolute.getParent(), absolute);
  }

  /** Has the disk keep what is in a file or folder. */
  static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void empty() throws IOException {
    try (var all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        if (!each.equals(path) && !each.equals(path.resolve(LOCK))) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    empty();
    Files.deleteIfExists(path.resolve(LOCK));
    Files.deleteIfExists(path);
    lock.close();
  }
}
