package io.capataz.agent.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A folder held open by its descriptor. Names are resolved in that folder itself, and links are
 * never followed, so a script that moves, replaces or links files meanwhile cannot lead the agent
 * elsewhere. Everything that the agent does in folders that a script may write to is done here.
 */
public final class OpenFolder implements AutoCloseable {

  private static final int FOLDER = LibC.O_RDONLY | LibC.O_DIRECTORY | FileCalls.O_NOFOLLOW;
  private static final int FILE = LibC.O_RDONLY | FileCalls.O_NOFOLLOW;

  private static final int PIECE = 64 * 1024;

  private static final String ACCESS_LIST = "system.posix_acl_access";

  private final int descriptor;
  private final Path path;

  private OpenFolder(int descriptor, Path path) {
    this.descriptor = descriptor;
    this.path = path;
  }

  /**
   * Opens a folder. Only its last name is not followed if it is a link, so all folders above it
   * must belong to the agent.
   */
  public static OpenFolder at(Path path) throws IOException {
    return new OpenFolder(
        opened(FileCalls.openAt(LibC.AT_FDCWD, path.toString(), FOLDER), path), path);
  }

  /** Opens a folder in this folder. */
  public OpenFolder folder(String name) throws IOException {
    var inner = path.resolve(name);
    return new OpenFolder(opened(FileCalls.openAt(descriptor, name, FOLDER), inner), inner);
  }

  /**
   * Reads a file in this folder that somebody else may have written. It must be a regular file: to
   * open a pipe or a device may wait for ever, or do something. It must also belong to the owner of
   * the folder, because a hard link may be to anybody's file.
   *
   * @param most maximum number of bytes
   * @return its content, or its first {@code most + 1} bytes; empty if there is no such file
   */
  public Optional<byte[]> read(String name, int most) throws IOException {
    return read(name, 0, most);
  }

  /**
   * Like {@link #read(String, int)}, from a position on.
   *
   * @return what follows the position, nothing if the file is not that long
   */
  public Optional<byte[]> read(String name, long from, int most) throws IOException {
    int file = FileCalls.openAt(descriptor, name, FILE);
    if (file < 0) {
      return Optional.empty();
    }
    try {
      var status = status(file, path.resolve(name));
      if (!status.isRegularFile() || status.owner() != status(descriptor, path).owner()) {
        return Optional.empty();
      }
      if (from > 0 && !FileCalls.seek(file, from)) {
        return Optional.empty();
      }
      var content = new ByteArrayOutputStream();
      while (content.size() <= most) {
        var piece = FileCalls.read(file, Math.min(PIECE, most + 1 - content.size()));
        if (piece.length == 0) {
          break;
        }
        content.writeBytes(piece);
      }
      return Optional.of(content.toByteArray());
    } finally {
      LibC.close(file);
    }
  }

  /** Makes an account the owner of this folder. */
  public void giveTo(Account account) throws IOException {
    check(FileCalls.changeOwner(descriptor, account.user(), account.group()), path);
  }

  /** Sets the permissions of this folder, as in {@code 0711}. */
  public void setMode(int mode) throws IOException {
    check(FileCalls.changeMode(descriptor, mode), path);
  }

  /**
   * Lets an account enter this folder, whose other permissions stay with its owner, and use names
   * that it knows.
   */
  public void letEnter(Account account) throws IOException {
    share(descriptor, path, account, 1);
  }

  /** Lets an account read a file in this folder, and execute it if its owner may. */
  public void letRead(String name, Account account) throws IOException {
    int file = opened(FileCalls.openAt(descriptor, name, FILE), path.resolve(name));
    try {
      boolean executable = (status(file, path.resolve(name)).mode() & 0100) != 0;
      share(file, path.resolve(name), account, executable ? 5 : 4);
    } finally {
      LibC.close(file);
    }
  }

  /**
   * Grants access by an access control list, so that only this account has it. On a file system
   * without such lists the account's group gets it.
   */
  private static void share(int file, Path path, Account account, int access) throws IOException {
    int own = status(file, path).mode() & 0700;
    var list = ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN);
    list.putInt(2);
    entry(list, 0x01, own >> 6, -1);
    entry(list, 0x02, access, account.user());
    entry(list, 0x04, 0, -1);
    entry(list, 0x10, access, -1);
    entry(list, 0x20, 0, -1);
    if (FileCalls.setAttribute(file, ACCESS_LIST, list.array()) < 0) {
      check(FileCalls.changeOwner(file, Account.NO_CHANGE, account.group()), path);
      check(FileCalls.changeMode(file, own | access << 3), path);
    }
  }

  private static void entry(ByteBuffer list, int tag, int access, int id) {
    list.putShort((short) tag).putShort((short) access).putInt(id);
  }

  /**
   * Removes a folder with all that is in it, however deep, and goes on after failures. What may
   * hold secrets goes first. Does not follow links, nor go to other file systems.
   *
   * @param path only its last name may be in a folder that others write to
   * @param limit how long to go on
   * @return false if there was more to do
   * @throws IOException if something cannot be removed; everything else is
   */
  public static boolean remove(Path path, Duration limit) throws IOException {
    int descriptor = FileCalls.openAt(LibC.AT_FDCWD, path.toString(), FOLDER);
    if (descriptor == -LibC.ENOENT) {
      return true;
    }
    if (descriptor == -LibC.ENOTDIR || descriptor == -LibC.ELOOP) {
      check(FileCalls.unlinkAt(LibC.AT_FDCWD, path.toString(), 0), path);
      return true;
    }
    if (descriptor == -LibC.EACCES) {
      descriptor = Removal.openInaccessible(LibC.AT_FDCWD, path.toString());
    }
    try (OpenFolder folder = new OpenFolder(opened(descriptor, path), path)) {
      if (!Removal.removeContent(path, folder.descriptor, limit)) {
        return false;
      }
    }
    check(FileCalls.unlinkAt(LibC.AT_FDCWD, path.toString(), FileCalls.AT_REMOVEDIR), path);
    return true;
  }

  @Override
  public void close() {
    LibC.close(descriptor);
  }

  private static FileCalls.Status status(int descriptor, Path path) throws IOException {
    return FileCalls.status(descriptor)
        .orElseThrow(() -> new FileSystemException(path.toString(), null, "cannot be examined"));
  }

  private static int opened(int descriptor, Path path) throws IOException {
    check(descriptor, path);
    return descriptor;
  }

  private static void check(int result, Path path) throws IOException {
    if (result == -LibC.ENOENT) {
      throw new NoSuchFileException(path.toString());
    }
    if (result < 0) {
      throw new FileSystemException(path.toString(), null, meaning(-result));
    }
  }

  static String meaning(int errno) {
    return switch (errno) {
      case LibC.EPERM -> "not permitted (EPERM)";
      case LibC.EACCES -> "permission denied (EACCES)";
      case LibC.ENOTDIR -> "not a folder (ENOTDIR)";
      case LibC.ELOOP -> "a symbolic link (ELOOP)";
      case LibC.EBUSY -> "in use, as a mounted file system is (EBUSY)";
      default -> "operating system error " + errno;
    };
  }
}
