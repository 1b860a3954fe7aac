package io.capataz.embedded.store;

import io.capataz.common.command.StartFailure;
import io.capataz.common.files.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Holds a folder for one store. The operating system lets go of it when the process ends, however
 * it ends.
 */
final class FolderLock implements AutoCloseable {

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  static FolderLock take(Path folder) {
    try {
      var _ = PrivateFiles.ownFolder(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("store.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new StartFailure(
            "Cannot open the embedded store in %s: another process or store has it open. Stop that one, or choose another folder with --data."
                .formatted(folder));
      }
      return new FolderLock(channel);
    } catch (IOException e) {
      throw unwritable(folder, e);
    }
  }

  static StartFailure unwritable(Path folder, IOException why) {
    return new StartFailure(
        "The store cannot write to the folder %s (%s). Make it writable for this user, or choose another with --data."
            .formatted(folder.toAbsolutePath(), why.getClass().getSimpleName()));
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot let go of the folder of the embedded store: " + e.getMessage(), e);
    }
  }
}
