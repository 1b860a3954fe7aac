package io.capataz.agent.host;

import io.capataz.agent.process.OpenFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and removes folders and files that only the agent's user may access. */
public final class Folders {

  private static final Logger log = LoggerFactory.getLogger(Folders.class);

  private static final Duration UNLIMITED = Duration.ofDays(10);

  private static final Set<PosixFilePermission> MINE = PosixFilePermissions.fromString("rwx------");

  private Folders() {}

  /** Creates a folder with mode 0700. Fails if the name exists. */
  public static Path make(Path folder) throws IOException {
    return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(MINE));
  }

  /**
   * Writes a new file. Fails if the name exists.
   *
   * @param rights as in {@code rwx------}
   */
  public static void write(Path file, byte[] content, String rights) throws IOException {
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights)))) {
      var bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** Removes a folder like {@link OpenFolder#remove}, however long it takes. */
  public static void remove(Path folder) throws IOException {
    var _ = OpenFolder.remove(folder, UNLIMITED);
  }

  /**
   * Removes a folder like {@link OpenFolder#remove}. What takes longer than the limit goes on on
   * another thread. A failure is logged; the next start of the agent tries again.
   */
  public static void removeOrWarn(Path folder, Duration limit, ThreadFactory threads) {
    if (!isRemoved(folder, limit)) {
      log.warn("removing {} takes long and goes on in the background", folder);
      threads.newThread(() -> isRemoved(folder, UNLIMITED)).start();
    }
  }

  private static boolean isRemoved(Path folder, Duration limit) {
    try {
      return OpenFolder.remove(folder, limit);
    } catch (IOException e) {
      log.warn("cannot remove {}: {}", folder, IoReason.of(e));
      return true;
    }
  }
}
