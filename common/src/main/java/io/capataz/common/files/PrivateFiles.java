package io.capataz.common.files;

import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * Files and folders that only their owner may use. Modes are set when a file is made: setting them
 * later leaves a moment in which others can open it.
 */
public final class PrivateFiles {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private static final FileAttribute<?> FOLDER = PosixFilePermissions.asFileAttribute(OWNER_ONLY);

  private static final FileAttribute<?> FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final int BYTES = 32;

  private PrivateFiles() {}

  /**
   * Makes a folder, and folders above it, where they are missing; one that exists stays as it is.
   */
  public static Path folder(Path folder) throws IOException {
    return Files.createDirectories(folder, FOLDER);
  }

  /**
   * As {@link #folder}, for a folder that is ours by its name: one that others can read is closed.
   */
  public static Path ownFolder(Path folder) throws IOException {
    Files.createDirectories(folder, FOLDER);
    if (!Files.getPosixFilePermissions(folder).equals(OWNER_ONLY)) {
      Files.setPosixFilePermissions(folder, OWNER_ONLY);
    }
    return folder;
  }

  /**
   * Reads the secret in a file. Makes one if there is no such file: 256 random bits, in letters
   * that need no quoting anywhere.
   *
   * @throws StartFailure if the file cannot be read or written, or is empty
   */
  public static Secret secret(Path file) {
    try {
      return Secret.of(Files.readString(file, StandardCharsets.UTF_8).strip());
    } catch (NoSuchFileException e) {
      return write(file, randomSecret());
    } catch (IllegalArgumentException e) {
      throw new StartFailure(
          "The file %s is empty. Write a password into it, or remove it: a new one is made then."
              .formatted(file.toAbsolutePath()));
    } catch (IOException e) {
      throw new StartFailure(
          "The file %s cannot be read (%s). Make it readable for this user."
              .formatted(file.toAbsolutePath(), e.getClass().getSimpleName()));
    }
  }

  /** 256 random bits, in letters that need no quoting anywhere. */
  public static Secret randomSecret() {
    byte[] bits = new byte[BYTES];
    new SecureRandom().nextBytes(bits);
    return Secret.of(Base64.getUrlEncoder().withoutPadding().encodeToString(bits));
  }

  /** Writes a secret into a file of its own, to disk and all at once. */
  public static Secret write(Path file, Secret secret) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        var _ = folder(folder);
      }
      Path draft = file.resolveSibling(file.getFileName() + ".new");
      Files.deleteIfExists(draft);
      try (FileChannel channel =
          FileChannel.open(
              draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE)) {
        channel.write(ByteBuffer.wrap((secret.reveal() + "\n").getBytes(StandardCharsets.UTF_8)));
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      return secret;
    } catch (IOException e) {
      throw new StartFailure(
          "The file %s cannot be written (%s). Make its folder writable for this user."
              .formatted(file.toAbsolutePath(), e.getClass().getSimpleName()));
    }
  }
}
