package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control group of one run. Every process that a script forks stays in it, whatever its session
 * or parent. A process can leave only if it may write to another group, as scripts can that run as
 * the agent's own user.
 *
 * @param folders one folder per hierarchy in use; the first one is used for killing
 */
record ControlGroup(List<Path> folders) {

  private static final Logger log = LoggerFactory.getLogger(ControlGroup.class);

  private static final String PROCS = "cgroup.procs";
  private static final String TASKS = "tasks";
  private static final String KILL = "cgroup.kill";
  private static final String FREEZER = "freezer.state";
  private static final String MOST_PROCESSES = "pids.max";

  /** Maximum number of rounds of killing processes one by one; the caller checks for survivors. */
  private static final int MAX_KILL_ROUNDS = 100;

  private static final int FREEZE_POLLS = 20;
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

  private static final int SELF = (int) ProcessHandle.current().pid();

  ControlGroup {
    folders = List.copyOf(folders);
    if (folders.isEmpty()) {
      throw new IllegalArgumentException("A control group needs a folder.");
    }
  }

  /**
   * The files to which a process must write {@code 0} to join, all of them and before it starts
   * other processes or threads.
   *
   * <p>In v1 it is the file that moves a single thread. Such a move does not wait until every
   * processor has passed through the scheduler, which takes some 10 ms on an idle host.
   */
  List<Path> joinFiles() {
    return folders.stream().map(ControlGroup::joinFile).toList();
  }

  private static Path joinFile(Path folder) {
    var thread = folder.resolve(TASKS);
    return Files.exists(thread) ? thread : folder.resolve(PROCS);
  }

  /** The folder that is used for killing the run. */
  Path killFolder() {
    return folders.getFirst();
  }

  /** Ids of the processes in all folders and their subgroups. */
  List<Integer> members() {
    var pids = new TreeSet<Integer>();
    for (var folder : folders) {
      pids.addAll(pids(folder));
    }
    return List.copyOf(pids);
  }

  /**
   * Kills all processes. With v2 atomically, so that forks cannot escape; with v1 one by one, for a
   * bounded time. Processes may die a little later: check {@link #members}.
   */
  void kill() {
    var killFile = killFolder().resolve(KILL);
    if (Files.exists(killFile)) {
      // A process may have left the main group and still be in the group of a limit.
      var strays = new HashSet<Integer>(members());
      strays.removeAll(pids(killFolder()));
      if (written(killFile, "1")) {
        strays.forEach(SigKill::send);
        return;
      }
    }
    killOneByOne();
  }

  /**
   * Removes the folders, which the kernel refuses while they have processes or subgroups.
   *
   * @return whether all are gone
   */
  boolean removeIfEmpty() {
    boolean gone = true;
    for (var folder : folders) {
      gone &= removed(folder);
    }
    return gone;
  }

  /**
   * Removes the folders and their subgroups.
   *
   * @return whether all are gone; false while a process is left
   */
  boolean remove() {
    if (!members().isEmpty()) {
      return false;
    }
    boolean gone = true;
    for (var folder : folders) {
      for (var inner : subtree(folder).reversed()) {
        gone &= removed(inner);
      }
    }
    return gone;
  }

  /**
   * Whether the kernel killed a process of the group for lack of memory. Ask before removing it.
   */
  boolean wasOutOfMemory() {
    return folders.stream()
        .flatMap(folder -> subtree(folder).stream())
        .anyMatch(
            folder ->
                count(folder.resolve("memory.events")) > 0
                    || count(folder.resolve("memory.oom_control")) > 0);
  }

  /** Limits the memory of all processes of a group together, swap included. */
  static void limitMemory(Path folder, long bytes) throws IOException {
    var limit = Long.toString(bytes);
    if (Files.exists(folder.resolve("memory.max"))) {
      write(folder.resolve("memory.max"), limit);
      writeIfThere(folder.resolve("memory.swap.max"), "0");
      // Kill all processes of the run: a script that loses one would continue with half a result.
      writeIfThere(folder.resolve("memory.oom.group"), "1");
    } else {
      write(folder.resolve("memory.limit_in_bytes"), limit);
      writeIfThere(folder.resolve("memory.memsw.limit_in_bytes"), limit);
    }
  }

  /** Limits the number of processes and threads of a group. */
  static void limitProcesses(Path folder, int most) throws IOException {
    write(folder.resolve(MOST_PROCESSES), Integer.toString(most));
  }

  /**
   * The ids listed in the folder's {@code cgroup.procs}. The kernel shows 0 for processes of other
   * namespaces.
   */
  static Set<Integer> listed(Path folder) throws IOException {
    var pids = new HashSet<Integer>();
    for (var line :
        Files.readString(folder.resolve(PROCS), StandardCharsets.ISO_8859_1).split("\n", -1)) {
      if (!line.isEmpty()) {
        pids.add(Integer.parseInt(line));
      }
    }
    return pids;
  }

  /**
   * Writes to a file of the kernel. It must not be created or truncated, and takes one write at a
   * time.
   */
  static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.ISO_8859_1, StandardOpenOption.WRITE);
  }

  static List<Path> subfolders(Path folder) {
    if (hasNone(folder)) {
      return List.of();
    }
    try (var entries =
        Files.newDirectoryStream(
            folder, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
      var found = new ArrayList<Path>();
      entries.forEach(found::add);
      return found;
    } catch (IOException | DirectoryIteratorException e) {
      if (!Files.exists(folder)) {
        return List.of();
      }
      throw unprovable(folder, e);
    }
  }

  /**
   * Whether the number of links shows that there are no subfolders, which costs less than reading
   * the folder.
   */
  private static boolean hasNone(Path folder) {
    try {
      return Files.getAttribute(folder, "unix:nlink", LinkOption.NOFOLLOW_LINKS).equals(2);
    } catch (IOException e) {
      return false;
    }
  }

  /** The folder, if it exists, and its subfolders; parents come first. */
  private static List<Path> subtree(Path folder) {
    var found = new ArrayList<Path>();
    if (Files.isDirectory(folder)) {
      found.add(folder);
    }
    for (int i = 0; i < found.size(); i++) {
      found.addAll(subfolders(found.get(i)));
    }
    return found;
  }

  private static Set<Integer> pids(Path folder) {
    var pids = new HashSet<Integer>();
    for (var inner : subtree(folder)) {
      try {
        pids.addAll(listed(inner));
      } catch (IOException e) {
        if (Files.exists(inner) && !isThreaded(inner)) {
          throw unprovable(inner, e);
        }
      }
    }
    // Pid 0 would signal our own process group, and the other is this process.
    pids.remove(0);
    pids.remove(SELF);
    return pids;
  }

  /**
   * Whether the group is threaded. Threaded groups have no process list; the group above has it.
   */
  private static boolean isThreaded(Path folder) {
    try {
      var type = Files.readString(folder.resolve("cgroup.type"), StandardCharsets.ISO_8859_1);
      return type.startsWith("threaded") || type.startsWith("domain invalid");
    } catch (IOException e) {
      return !Files.exists(folder);
    }
  }

  private void killOneByOne() {
    for (var folder : folders) {
      writtenIfThere(folder.resolve(MOST_PROCESSES), "0"); // Prevents further forks.
    }
    for (int left = MAX_KILL_ROUNDS; left > 0 && !members().isEmpty(); left--) {
      // Frozen processes neither fork nor exit, so no listed pid can be reused.
      freeze();
      members().forEach(SigKill::send);
      // A frozen process dies only when thawed, including groups that the script itself has frozen.
      for (var inner : subtree(killFolder())) {
        writtenIfThere(inner.resolve(FREEZER), "THAWED");
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  /**
   * Freezes the group. Waits only briefly, because a process in an uninterruptible call does not
   * freeze.
   */
  private void freeze() {
    var freezer = killFolder().resolve(FREEZER);
    if (!writtenIfThere(freezer, "FROZEN")) {
      return;
    }
    for (int left = FREEZE_POLLS; left > 0; left--) {
      try {
        if (Files.readString(freezer, StandardCharsets.ISO_8859_1).startsWith("FROZEN")) {
          return;
        }
      } catch (IOException e) {
        return; // The group is gone.
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  private static boolean removed(Path folder) {
    try {
      Files.deleteIfExists(folder);
      return true;
    } catch (IOException e) {
      log.debug("cannot remove {} yet", folder, e);
      return false;
    }
  }

  private static long count(Path file) {
    if (!Files.exists(file)) {
      return 0; // This hierarchy has no memory controller.
    }
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.startsWith("oom_kill "))
          .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length()).strip()))
          .sum();
    } catch (IOException e) {
      return 0; // The group is gone.
    }
  }

  private static void writeIfThere(Path file, String text) throws IOException {
    if (Files.exists(file)) {
      write(file, text);
    }
  }

  private static boolean writtenIfThere(Path file, String text) {
    return Files.exists(file) && written(file, text);
  }

  private static boolean written(Path file, String text) {
    try {
      write(file, text);
      return true;
    } catch (IOException e) {
      if (Files.exists(file)) {
        log.warn("cannot write {}: {}", file, e.toString());
      }
      return false;
    }
  }

  private static IllegalStateException unprovable(Path folder, Exception e) {
    return new IllegalStateException(
        "Cannot read " + folder + ", so the end of the run cannot be verified.", e);
  }
}
