package io.capataz.agent.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates and removes folders and files that only the agent's user may access. */
public final class Folders {

  private static final Logger log = LoggerFactory.getLogger(Folders.class);

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

  /**
   * Removes a folder recursively, including parts that a script made inaccessible. Does not follow
   * links.
   */
  public static void remove(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes)
              throws IOException {
            grantOwnerAccess(inner);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException problem)
              throws IOException {
            if (problem instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) || !grantOwnerAccess(file)) {
              throw problem;
            }
            remove(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path inner, @Nullable IOException problem)
              throws IOException {
            Files.deleteIfExists(inner);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Removes a folder like {@link #remove}; a failure is logged. */
  public static void removeOrWarn(Path folder) {
    try {
      remove(folder);
    } catch (IOException e) {
      log.warn("cannot remove {}: {}", folder, IoReason.of(e));
    }
  }

  /** Returns whether permissions were changed, so that a retry may succeed. */
  private static boolean grantOwnerAccess(Path folder) throws IOException {
    if (Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).containsAll(MINE)) {
      return false;
    }
    Files.setPosixFilePermissions(folder, MINE);
    return true;
  }
}
