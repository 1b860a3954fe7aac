package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
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
 * The control group of one run: whatever a script forks stays in it, in whichever session, under
 * whichever parent. Only who may write in another group can leave it, which a script can that runs
 * as the agent's own user.
 *
 * @param folders its folders, one per hierarchy it needs; the first is the one by which it is ended
 */
record ControlGroup(List<Path> folders) {

  private static final Logger log = LoggerFactory.getLogger(ControlGroup.class);

  private static final String PROCS = "cgroup.procs";
  private static final String KILL = "cgroup.kill";
  private static final String FREEZER = "freezer.state";
  private static final String MOST_PROCESSES = "pids.max";

  /** How often processes are killed one by one before the caller has to see who is left. */
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
   * The files a process must write {@code 0} to, all of them and before it starts anything, to
   * join.
   */
  List<Path> procsFiles() {
    return folders.stream().map(folder -> folder.resolve(PROCS)).toList();
  }

  /** The folder whose end is the run's end. */
  Path killFolder() {
    return folders.getFirst();
  }

  /**
   * The ids of the processes that live in any of its folders, or in groups they have made there.
   */
  List<Integer> members() {
    Set<Integer> pids = new TreeSet<>();
    for (Path folder : folders) {
      pids.addAll(pids(folder));
    }
    return List.copyOf(pids);
  }

  /**
   * Kills everything in it. With v2 in one killFile, from which no fork escapes; with v1 one by
   * one, for a bounded time. Either way the last one may die a little later: {@link #members} says
   * when.
   */
  void kill() {
    Path killFile = killFolder().resolve(KILL);
    if (Files.exists(killFile)) {
      // Who has left by itself, but was not thorough, still counts in the folder of a limit.
      Set<Integer> strays = new HashSet<>(members());
      strays.removeAll(pids(killFolder()));
      if (written(killFile, "1")) {
        strays.forEach(SigKill::send);
        return;
      }
    }
    killOneByOne();
  }

  /**
   * Removes its folders, and those made within them.
   *
   * @return whether all are gone; not so while somebody lives there
   */
  boolean remove() {
    if (!members().isEmpty()) {
      return false;
    }
    boolean gone = true;
    for (Path folder : folders) {
      for (Path inner : subtree(folder).reversed()) {
        gone &= removed(inner);
      }
    }
    return gone;
  }

  /** Whether the kernel has killed in it for want of memory. To be asked before it is removed. */
  boolean wasOutOfMemory() {
    return folders.stream()
        .flatMap(folder -> subtree(folder).stream())
        .anyMatch(
            folder ->
                count(folder.resolve("memory.events")) > 0
                    || count(folder.resolve("memory.oom_control")) > 0);
  }

  /** Limits what all processes of a group take together, swap included. */
  static void limitMemory(Path folder, long bytes) throws IOException {
    String limit = Long.toString(bytes);
    if (Files.exists(folder.resolve("memory.max"))) {
      write(folder.resolve("memory.max"), limit);
      writeIfThere(folder.resolve("memory.swap.max"), "0");
      // A script that has lost one of its processes goes on with half a result.
      writeIfThere(folder.resolve("memory.oom.group"), "1");
    } else {
      write(folder.resolve("memory.limit_in_bytes"), limit);
      writeIfThere(folder.resolve("memory.memsw.limit_in_bytes"), limit);
    }
  }

  /** Limits how many processes and threads a group may hold. */
  static void limitProcesses(Path folder, int most) throws IOException {
    write(folder.resolve(MOST_PROCESSES), Integer.toString(most));
  }

  /** The ids in a folder's own list. The kernel shows 0 for what another namespace hides. */
  static Set<Integer> listed(Path folder) throws IOException {
    Set<Integer> pids = new HashSet<>();
    for (String line :
        Files.readString(folder.resolve(PROCS), StandardCharsets.ISO_8859_1).split("\n", -1)) {
      if (!line.isEmpty()) {
        pids.add(Integer.parseInt(line));
      }
    }
    return pids;
  }

  /** Neither made nor emptied first: the kernel's files are there, and take one write at a time. */
  static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.ISO_8859_1, StandardOpenOption.WRITE);
  }

  static List<Path> subfolders(Path folder) {
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            folder, entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))) {
      List<Path> found = new ArrayList<>();
      entries.forEach(found::add);
      return found;
    } catch (IOException | DirectoryIteratorException e) {
      if (!Files.exists(folder)) {
        return List.of();
      }
      throw unprovable(folder, e);
    }
  }

  /** The folder, if it is there, and all below, each after the one that holds it. */
  private static List<Path> subtree(Path folder) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      found.add(folder);
    }
    for (int i = 0; i < found.size(); i++) {
      found.addAll(subfolders(found.get(i)));
    }
    return found;
  }

  private static Set<Integer> pids(Path folder) {
    Set<Integer> pids = new HashSet<>();
    for (Path inner : subtree(folder)) {
      try {
        pids.addAll(listed(inner));
      } catch (IOException e) {
        if (Files.exists(inner) && !isThreaded(inner)) {
          throw unprovable(inner, e);
        }
      }
    }
    // Signal 0 would go to our own group; and we would not outlive the other.
    pids.remove(0);
    pids.remove(SELF);
    return pids;
  }

  /** A group of threads keeps no list of processes: the group above it does. */
  private static boolean isThreaded(Path folder) {
    try {
      String type = Files.readString(folder.resolve("cgroup.type"), StandardCharsets.ISO_8859_1);
      return type.startsWith("threaded") || type.startsWith("domain invalid");
    } catch (IOException e) {
      return !Files.exists(folder);
    }
  }

  private void killOneByOne() {
    for (Path folder : folders) {
      writtenIfThere(folder.resolve(MOST_PROCESSES), "0"); // Nobody forks any more.
    }
    for (int left = MAX_KILL_ROUNDS; left > 0 && !members().isEmpty(); left--) {
      // What is frozen neither forks nor ends, so that no id of the list can pass to a stranger.
      freeze();
      members().forEach(SigKill::send);
      // A frozen process dies only when thawed, also one that a script has frozen itself.
      for (Path inner : subtree(killFolder())) {
        writtenIfThere(inner.resolve(FREEZER), "THAWED");
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  /** Waits a little only: a process within an uninterruptible call does not freeze. */
  private void freeze() {
    Path freezer = killFolder().resolve(FREEZER);
    if (!writtenIfThere(freezer, "FROZEN")) {
      return;
    }
    for (int left = FREEZE_POLLS; left > 0; left--) {
      try {
        if (Files.readString(freezer, StandardCharsets.ISO_8859_1).startsWith("FROZEN")) {
          return;
        }
      } catch (IOException e) {
        return; // It has gone meanwhile.
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
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1)
          .lines()
          .filter(line -> line.startsWith("oom_kill "))
          .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length()).strip()))
          .sum();
    } catch (IOException e) {
      return 0; // Memory is not counted in this hierarchy.
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
