package io.capataz.supervisor.runtime;

import io.capataz.common.command.StartFailure;
import io.capataz.common.files.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that contain a secret: readable by their owner only, and written atomically. */
public final class OwnersFile {

  private OwnersFile() {}

  /** Writes the text, in ASCII, to disk; replaces existing content. */
  public static void write(Path file, String text) {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try {
      var folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        var _ = PrivateFiles.folder(folder);
      }
      var draft = file.resolveSibling(file.getFileName() + ".new");
      Files.deleteIfExists(draft);
      try (var channel =
          FileChannel.open(
              draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly)) {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new StartFailure(
          "The file %s cannot be written (%s). Make its folder writable for this user, or name another with capataz.data (CAPATAZ_DATA, --data)."
              .formatted(file.toAbsolutePath(), e.getClass().getSimpleName()));
    }
  }
}
