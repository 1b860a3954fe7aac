package io.capataz.agent.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Calls of the C library that work on open files and on names relative to open folders, so that
 * nobody can swap what a name means in between. See {@link OpenFolder}.
 */
final class FileCalls {

  /** For {@link #unlinkAt}: the name is that of an empty folder. */
  static final int AT_REMOVEDIR = 0x200;

  static final int O_NONBLOCK = 0x800;
  static final int O_NOFOLLOW = LibC.onArm(0x8000, 0x2_0000);
  static final int O_PATH = 0x20_0000;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC = 0x7ff;
  private static final int STATX_MOUNT = 0x1000;
  private static final int STATX_BYTES = 256;

  private static final MethodHandle READ =
      LibC.LINKER.downcallHandle(
          LibC.symbol("read"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
          LibC.ERRNO);
  private static final MethodHandle OPENAT =
      LibC.LINKER.downcallHandle(
          LibC.symbol("openat"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          LibC.ERRNO,
          Linker.Option.firstVariadicArg(3));
  private static final MethodHandle UNLINKAT =
      LibC.LINKER.downcallHandle(
          LibC.symbol("unlinkat"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
          LibC.ERRNO);
  private static final MethodHandle STATX =
      LibC.LINKER.downcallHandle(
          LibC.symbol("statx"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS),
          LibC.ERRNO);
  private static final MethodHandle GETDENTS =
      LibC.LINKER.downcallHandle(
          LibC.symbol("getdents64"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG),
          LibC.ERRNO);
  private static final MethodHandle LSEEK =
      LibC.LINKER.downcallHandle(
          LibC.symbol("lseek"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT),
          LibC.ERRNO);
  private static final MethodHandle FCHMOD =
      LibC.LINKER.downcallHandle(
          LibC.symbol("fchmod"), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), LibC.ERRNO);
  private static final MethodHandle CHMOD =
      LibC.LINKER.downcallHandle(
          LibC.symbol("chmod"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), LibC.ERRNO);
  private static final MethodHandle FCHOWN =
      LibC.LINKER.downcallHandle(
          LibC.symbol("fchown"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          LibC.ERRNO);
  private static final MethodHandle FSETXATTR =
      LibC.LINKER.downcallHandle(
          LibC.symbol("fsetxattr"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT),
          LibC.ERRNO);

  private FileCalls() {}

  /**
   * Blocks until there are bytes, or until all writers have closed; returns an empty array then.
   */
  static byte[] read(int descriptor, int most) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var bytes = arena.allocate(most);
      while (true) {
        long read = (long) READ.invokeExact(state, descriptor, bytes, (long) most);
        if (read >= 0) {
          return bytes.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
        }
        if ((int) LibC.ERRNO_VALUE.get(state, 0L) != LibC.EINTR) {
          return new byte[0];
        }
      }
    } catch (Throwable e) {
      throw LibC.unexpected(e);
    }
  }

  /**
   * Opens a name in a folder. It never waits, and the descriptor is not inherited.
   *
   * @param folder descriptor of the folder
   * @param flags such as {@link #O_NOFOLLOW}
   * @return the descriptor, or a negative errno
   */
  static int openAt(int folder, String name, int flags) {
    try (var arena = Arena.ofConfined()) {
      return openAt(folder, LibC.text(arena, name), flags);
    }
  }

  /** As {@link #openAt(int, String, int)}, for names that may not be text. */
  static int openAt(int folder, MemorySegment name, int flags) {
    int all = flags | LibC.O_CLOEXEC | O_NONBLOCK;
    return calling((_, state) -> (int) OPENAT.invokeExact(state, folder, name, all, 0));
  }

  /**
   * Removes a name from a folder.
   *
   * @param flags 0, or {@link #AT_REMOVEDIR}
   * @return 0, or a negative errno
   */
  static int unlinkAt(int folder, MemorySegment name, int flags) {
    return calling((_, state) -> (int) UNLINKAT.invokeExact(state, folder, name, flags));
  }

  /** As {@link #unlinkAt(int, MemorySegment, int)}. */
  static int unlinkAt(int folder, String name, int flags) {
    try (var arena = Arena.ofConfined()) {
      return unlinkAt(folder, LibC.text(arena, name), flags);
    }
  }

  /**
   * What an open file is.
   *
   * @param mode type and permissions
   * @param owner the uid of its owner
   * @param inode unique in its file system
   * @param device identifies its file system
   * @param mount identifies the mount it was reached through; 0 before Linux 5.8
   */
  record Status(int mode, int owner, long inode, long device, long mount) {

    private static final int TYPE = 0xf000;
    private static final int FOLDER = 0x4000;
    private static final int REGULAR = 0x8000;

    boolean isFolder() {
      return (mode & TYPE) == FOLDER;
    }

    boolean isRegularFile() {
      return (mode & TYPE) == REGULAR;
    }

    boolean isSameFileAs(Status other) {
      return inode == other.inode && device == other.device;
    }

    boolean isOnSameMountAs(Status other) {
      return device == other.device && mount == other.mount;
    }
  }

  /** The status of an open file; empty if it cannot be determined. */
  static Optional<Status> status(int descriptor) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var all = arena.allocate(STATX_BYTES, 8);
      var itself = LibC.text(arena, "");
      int done =
          (int)
              STATX.invokeExact(
                  state, descriptor, itself, AT_EMPTY_PATH, STATX_BASIC | STATX_MOUNT, all);
      if (done != 0) {
        return Optional.empty();
      }
      boolean knowsMount = (all.get(JAVA_INT, 0) & STATX_MOUNT) != 0;
      return Optional.of(
          new Status(
              Short.toUnsignedInt(all.get(JAVA_SHORT, 28)),
              all.get(JAVA_INT, 20),
              all.get(JAVA_LONG, 32),
              Integer.toUnsignedLong(all.get(JAVA_INT, 136)) << Integer.SIZE
                  | Integer.toUnsignedLong(all.get(JAVA_INT, 140)),
              knowsMount ? all.get(JAVA_LONG, 144) : 0));
    } catch (Throwable e) {
      throw LibC.unexpected(e);
    }
  }

  /**
   * Reads the next entries of a folder, as {@code struct linux_dirent64}.
   *
   * @return their size in bytes, 0 at the end, or a negative errno
   */
  static int entries(int folder, MemorySegment into) {
    return calling(
        (_, state) -> (int) (long) GETDENTS.invokeExact(state, folder, into, into.byteSize()));
  }

  /** Sets the read position of a descriptor to its beginning. */
  static void rewind(int descriptor) {
    var _ = calling((_, state) -> (int) (long) LSEEK.invokeExact(state, descriptor, 0L, 0));
  }

  /** Sets the read position of a descriptor. Returns whether that succeeded. */
  static boolean seek(int descriptor, long position) {
    return calling(
            (_, state) -> (long) LSEEK.invokeExact(state, descriptor, position, 0) < 0 ? -1 : 0)
        == 0;
  }

  /** Sets the permissions of an open file. Returns 0, or a negative errno. */
  static int changeMode(int descriptor, int mode) {
    return calling((_, state) -> (int) FCHMOD.invokeExact(state, descriptor, mode));
  }

  /**
   * Sets the permissions of a file that was opened with {@link #O_PATH}, which {@code fchmod} does
   * not accept. The link in {@code /proc} leads to the open file itself, not to its name.
   */
  static int changeModeOfPath(int descriptor, int mode) {
    return calling(
        (arena, state) -> {
          var link = LibC.text(arena, "/proc/self/fd/" + descriptor);
          return (int) CHMOD.invokeExact(state, link, mode);
        });
  }

  /** Sets the owner of an open file. Returns 0, or a negative errno. */
  static int changeOwner(int descriptor, int user, int group) {
    return calling((_, state) -> (int) FCHOWN.invokeExact(state, descriptor, user, group));
  }

  /** Sets an extended attribute of an open file. Returns 0, or a negative errno. */
  static int setAttribute(int descriptor, String name, byte[] value) {
    return calling(
        (arena, state) -> {
          var bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
          var attribute = LibC.text(arena, name);
          long size = value.length;
          return (int) FSETXATTR.invokeExact(state, descriptor, attribute, bytes, size, 0);
        });
  }

  /** A call of a C function; {@code state} receives its errno. */
  private interface Call {
    int in(Arena arena, MemorySegment state) throws Throwable;
  }

  /** The result of a call, or its negative errno. */
  private static int calling(Call call) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      int result = call.in(arena, state);
      return result < 0 ? -(int) LibC.ERRNO_VALUE.get(state, 0L) : result;
    } catch (Throwable e) {
      throw LibC.unexpected(e);
    }
  }
}
