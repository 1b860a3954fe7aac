package io.capataz.agent.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Removes the content of a folder. Works on descriptors, of which only the deepest few are open: a
 * path may be longer than the system accepts, and a tree deeper than a process may have files. The
 * way back up leads through {@code ..}, and is only taken if it leads to where the way down came
 * from.
 */
final class Removal {

  private static final int FOLDER = LibC.O_RDONLY | LibC.O_DIRECTORY | FileCalls.O_NOFOLLOW;

  private static final int MOST_OPEN = 64;
  private static final int BUFFER_BYTES = 32 * 1024;

  /** After this many failures in one folder the rest of it is left. */
  private static final int MOST_FAILURES = 1000;

  /** What is removed before everything else, because it may hold secrets. */
  private static final List<String> FIRST = List.of("note", "keeper", "secret", "files", "script");

  private static final int CLOSED = -1;
  private static final int OWNER_ONLY = 0700;

  /** Offsets in {@code struct linux_dirent64}. */
  private static final long RECORD_BYTES = 16;

  private static final long TYPE = 18;
  private static final long NAME = 19;
  private static final byte IS_FOLDER = 4;

  /**
   * An entry of a folder. File names are bytes, not text.
   *
   * @param name one character per byte
   */
  private record Entry(String name, boolean isFolder) {}

  /** A folder on the way from the top to where the removal is. */
  private static final class Level {
    private final FileCalls.Status status;
    private final String name;
    private final Deque<String> folders = new ArrayDeque<>();
    private final Set<String> failed = new HashSet<>();
    private int descriptor;
    private boolean removedAny;

    Level(int descriptor, FileCalls.Status status, String name) {
      this.descriptor = descriptor;
      this.status = status;
      this.name = name;
    }

    void close() {
      if (descriptor != CLOSED) {
        LibC.close(descriptor);
        descriptor = CLOSED;
      }
    }
  }

  private final Path path;
  private final long until;
  private final FileCalls.Status top;
  private long failures;
  private String firstFailure = "";
  private boolean outOfTime;

  private Removal(Path path, FileCalls.Status top, Duration limit) {
    this.path = path;
    this.top = top;
    this.until = System.nanoTime() + limit.toNanos();
  }

  /**
   * Removes the content of a folder, as far as it can.
   *
   * @param path of the folder, for messages
   * @return false if the time was up first
   * @throws IOException if something is left that cannot be removed
   */
  static boolean removeContent(Path path, int folder, Duration limit) throws IOException {
    var status = FileCalls.status(folder);
    if (status.isEmpty()) {
      throw new FileSystemException(path.toString(), null, "cannot be examined");
    }
    var removal = new Removal(path, status.get(), limit);
    try (var arena = Arena.ofConfined()) {
      var buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
      Level first = new Level(folder, status.get(), "");
      first.folders.addAll(removal.secrets(first, buffer));
      removal.removeUnder(first, buffer);
    }
    if (!removal.outOfTime && removal.failures > 0) {
      throw new FileSystemException(
          path.toString(),
          null,
          removal.failures + " entries cannot be removed, such as " + removal.firstFailure);
    }
    return !removal.outOfTime;
  }

  /**
   * Opens a folder to which its owner has no access.
   *
   * @return the descriptor, or a negative errno
   */
  static int openInaccessible(int folder, String name) {
    int place =
        FileCalls.openAt(folder, name, FileCalls.O_PATH | LibC.O_DIRECTORY | FileCalls.O_NOFOLLOW);
    return place < 0 ? place : madeAccessible(place);
  }

  private static int madeAccessible(int place) {
    try {
      int changed = FileCalls.changeModeOfPath(place, OWNER_ONLY);
      return changed < 0 ? changed : FileCalls.openAt(place, ".", FOLDER);
    } finally {
      LibC.close(place);
    }
  }

  /** Removes files of the top folder that may hold secrets, and returns the folders that may. */
  private List<String> secrets(Level level, MemorySegment buffer) {
    var found = new ArrayList<Entry>();
    for (int size = FileCalls.entries(level.descriptor, buffer);
        size > 0;
        size = FileCalls.entries(level.descriptor, buffer)) {
      entries(buffer, size).stream().filter(entry -> rank(entry) >= 0).forEach(found::add);
    }
    FileCalls.rewind(level.descriptor);
    found.sort(Comparator.comparingInt(Removal::rank));
    for (var entry : found) {
      if (!entry.isFolder) {
        removeFile(level, entry.name);
      }
    }
    return found.stream().filter(Entry::isFolder).map(Entry::name).toList();
  }

  private static int rank(Entry entry) {
    for (int i = 0; i < FIRST.size(); i++) {
      if (entry.name.startsWith(FIRST.get(i))) {
        return i;
      }
    }
    return -1;
  }

  private void removeUnder(Level first, MemorySegment buffer) throws IOException {
    var levels = new ArrayList<Level>();
    levels.add(first);
    try {
      while (!outOfTime) {
        var level = levels.getLast();
        if (!level.folders.isEmpty()) {
          descend(levels, level, level.folders.removeFirst());
        } else if (!removeNext(level, buffer)) {
          if (levels.size() == 1) {
            return;
          }
          ascend(levels);
        }
        outOfTime = System.nanoTime() > until || Thread.currentThread().isInterrupted();
      }
    } finally {
      levels.stream().skip(1).forEach(Level::close);
    }
  }

  private void descend(List<Level> levels, Level level, String name) {
    int removed = unlink(level.descriptor, name, FileCalls.AT_REMOVEDIR);
    if (removed == 0 || removed == -LibC.ENOENT) {
      level.removedAny = true;
      return;
    }
    if (removed == -LibC.ENOTDIR) {
      removeFile(level, name);
      return;
    }
    int inner = open(level.descriptor, name);
    if (inner == -LibC.ENOTDIR || inner == -LibC.ELOOP) {
      removeFile(level, name);
      return;
    }
    if (inner < 0) {
      failed(level, name, -inner);
      return;
    }
    var status = FileCalls.status(inner);
    if (status.isEmpty() || !status.get().isOnSameMountAs(top)) {
      LibC.close(inner);
      failed(level, name, LibC.EBUSY);
      return;
    }
    levels.add(new Level(inner, status.get(), name));
    if (levels.size() > MOST_OPEN) {
      int shut = levels.size() - MOST_OPEN;
      if (shut > 0 && shut < levels.size() - 1) {
        levels.get(shut).close();
      }
    }
  }

  private static int open(int folder, String name) {
    try (var arena = Arena.ofConfined()) {
      int inner = FileCalls.openAt(folder, bytes(arena, name), FOLDER);
      if (inner != -LibC.EACCES) {
        return inner;
      }
      int place =
          FileCalls.openAt(
              folder,
              bytes(arena, name),
              FileCalls.O_PATH | LibC.O_DIRECTORY | FileCalls.O_NOFOLLOW);
      return place < 0 ? place : madeAccessible(place);
    }
  }

  private void ascend(List<Level> levels) throws IOException {
    var done = levels.removeLast();
    var above = levels.getLast();
    try {
      if (above.descriptor == CLOSED) {
        int up = FileCalls.openAt(done.descriptor, "..", FOLDER);
        Optional<FileCalls.Status> status = up < 0 ? Optional.empty() : FileCalls.status(up);
        if (status.isEmpty() || !status.get().isSameFileAs(above.status)) {
          if (up >= 0) {
            LibC.close(up);
          }
          throw new FileSystemException(path.toString(), null, "was changed during its removal");
        }
        above.descriptor = up;
      }
    } finally {
      done.close();
    }
    int removed = unlink(above.descriptor, done.name, FileCalls.AT_REMOVEDIR);
    if (removed == 0 || removed == -LibC.ENOENT) {
      above.removedAny = true;
    } else if (done.failed.isEmpty()) {
      failed(above, done.name, -removed);
    } else {
      above.failed.add(done.name); // Counted below already.
    }
  }

  /** Removes the next files of a folder, and notes its folders; false if nothing is left to do. */
  private boolean removeNext(Level level, MemorySegment buffer) {
    int size = FileCalls.entries(level.descriptor, buffer);
    if (size < 0) {
      failed(level, ".", -size);
      return false;
    }
    if (size == 0) {
      // Removing entries may have hidden others from this pass.
      boolean again = level.removedAny;
      level.removedAny = false;
      FileCalls.rewind(level.descriptor);
      return again;
    }
    for (var entry : entries(buffer, size)) {
      if (level.failed.contains(entry.name)) {
        continue;
      }
      if (level.failed.size() > MOST_FAILURES) {
        return false;
      }
      if (entry.isFolder) {
        level.folders.add(entry.name);
      } else {
        removeFile(level, entry.name);
      }
    }
    // Lets other virtual threads run: their carrier is busy as long as this is.
    LockSupport.parkNanos(1);
    return true;
  }

  private void removeFile(Level level, String name) {
    int removed = unlink(level.descriptor, name, 0);
    if (removed == -LibC.EISDIR) {
      level.folders.add(name);
    } else if (removed == 0 || removed == -LibC.ENOENT) {
      level.removedAny = true;
    } else {
      failed(level, name, -removed);
    }
  }

  /** Retries once if a script took the right to change the folder from its owner. */
  private static int unlink(int folder, String name, int flags) {
    try (var arena = Arena.ofConfined()) {
      var entry = bytes(arena, name);
      int removed = FileCalls.unlinkAt(folder, entry, flags);
      return removed == -LibC.EACCES && FileCalls.changeMode(folder, OWNER_ONLY) == 0
          ? FileCalls.unlinkAt(folder, entry, flags)
          : removed;
    }
  }

  private void failed(Level level, String name, int errno) {
    level.failed.add(name);
    failures++;
    if (firstFailure.isEmpty()) {
      firstFailure =
          "`" + name.replaceAll("[^\\x20-\\x7e]", "?") + "`: " + OpenFolder.meaning(errno);
    }
  }

  private static List<Entry> entries(MemorySegment buffer, int size) {
    var found = new ArrayList<Entry>();
    long at = 0;
    while (at < size) {
      var name = buffer.getString(at + NAME, StandardCharsets.ISO_8859_1);
      if (!name.equals(".") && !name.equals("..")) {
        found.add(new Entry(name, buffer.get(ValueLayout.JAVA_BYTE, at + TYPE) == IS_FOLDER));
      }
      at += Short.toUnsignedInt(buffer.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + RECORD_BYTES));
    }
    return found;
  }

  private static MemorySegment bytes(Arena arena, String name) {
    return arena.allocateFrom(name, StandardCharsets.ISO_8859_1);
  }
}
