package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates a control group per run, to limit it and to kill it as a whole.
 *
 * <p>Hosts differ in what they allow, so the best available method is detected once: for killing
 * v2, else v1; for each limit v2 if its controller is available, else v1, else none.
 */
public final class ControlGroups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ControlGroups.class);

  /** Neither a path nor the name of one of the kernel's own files. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

  private static final int REMOVAL_TRIES = 200;
  private static final long REMOVAL_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

  private final String method;
  private final String why;
  private final @Nullable Path killing;
  private final @Nullable Path memory;
  private final @Nullable Path processes;

  ControlGroups(
      String method,
      String why,
      @Nullable Path killing,
      @Nullable Path memory,
      @Nullable Path processes) {
    this.method = method;
    this.why = why;
    this.killing = killing;
    this.memory = memory;
    this.processes = processes;
  }

  /**
   * Detects what this host allows, and creates the agent's folder in each hierarchy in use. May
   * move this process into a subgroup of the group it was started in.
   *
   * @param proc {@code /proc}, or a folder of a test
   * @param name of the agent's folder, unique among the agents of the host
   */
  public static ControlGroups find(Path proc, String name) {
    checkName(name);
    try {
      return new ControlGroupDetection(ControlGroupMounts.read(proc), name).result();
    } catch (IOException e) {
      return ControlGroupDetection.none(
          "Cannot read the control groups of this host: " + ControlGroupDetection.reason(e) + ".");
    }
  }

  /** The method used for killing: {@code cgroup-v2}, {@code cgroup-v1} or {@code none}. */
  public String method() {
    return method;
  }

  /** Why no better method is available, as text for people. */
  public String why() {
    return why;
  }

  /** Whether runs can have control groups. */
  public boolean isUsable() {
    return killing != null;
  }

  /** Whether the memory of runs can be limited. */
  public boolean canLimitMemory() {
    return memory != null;
  }

  /** Whether the number of processes of runs can be limited. */
  public boolean canLimitProcesses() {
    return processes != null;
  }

  /**
   * Creates the group of a run.
   *
   * @param run its name, not yet in use
   * @param memoryBytes memory limit of all its processes together; empty for none
   * @param processLimit maximum number of processes and threads; empty for none
   * @throws IOException if the kernel refuses, or a requested limit is not available on this host
   */
  ControlGroup make(String run, OptionalLong memoryBytes, OptionalInt processLimit)
      throws IOException {
    checkName(run);
    var parents = new LinkedHashSet<Path>();
    parents.add(require(killing, "Control groups are not available"));
    if (memoryBytes.isPresent()) {
      parents.add(require(memory, "Memory limits are not available"));
    }
    if (processLimit.isPresent()) {
      parents.add(require(processes, "Process limits are not available"));
    }
    var made = new ArrayList<Path>();
    try {
      for (var parent : parents) {
        made.add(Files.createDirectory(parent.resolve(run)));
      }
      setLimits(run, memoryBytes, processLimit);
      return new ControlGroup(made);
    } catch (IOException e) {
      made.forEach(ControlGroups::removeIfEmpty);
      throw e;
    }
  }

  /**
   * Creates the confinement of a run; {@link Confinement#NONE} where control groups are not
   * available.
   *
   * @param run its name
   * @param memoryBytes memory limit; empty for none
   * @param processLimit process limit; empty for none
   * @throws IOException if the kernel refuses, or a requested limit is not available on this host
   */
  public Confinement confine(String run, OptionalLong memoryBytes, OptionalInt processLimit)
      throws IOException {
    if (!isUsable() && memoryBytes.isEmpty() && processLimit.isEmpty()) {
      return Confinement.NONE;
    }
    var group = make(run, memoryBytes, processLimit);
    var folder = group.killFolder();
    return new Confinement(
        group.joinFiles(),
        Files.exists(folder.resolve("cgroup.kill")) ? Optional.of(folder) : Optional.empty(),
        Optional.of(method));
  }

  /** Kills the processes left in the group of a run. */
  public void kill(String run) {
    existing(run).ifPresent(ControlGroup::kill);
  }

  /** Whether the kernel killed a process of the run for lack of memory. */
  public boolean wasOutOfMemory(String run) {
    return existing(run).map(ControlGroup::wasOutOfMemory).orElse(false);
  }

  /** Removes the group of a run that has no processes left. */
  public void remove(String run) {
    checkName(run);
    var all = parents().map(parent -> parent.resolve(run)).toList();
    if (all.isEmpty() || new ControlGroup(all).removeIfEmpty()) {
      return;
    }
    var group = existing(run);
    for (int tries = REMOVAL_TRIES; group.isPresent() && !group.get().remove(); tries--) {
      if (tries == 0) {
        log.warn(
            "cannot remove {}: processes {} are still in it",
            group.get().killFolder(),
            group.get().members());
        return;
      }
      LockSupport.parkNanos(REMOVAL_PAUSE);
    }
  }

  /** The existing group of a run, possibly created by an earlier process. */
  Optional<ControlGroup> existing(String run) {
    checkName(run);
    var folders = parents().map(parent -> parent.resolve(run)).filter(Files::isDirectory).toList();
    return folders.isEmpty() ? Optional.empty() : Optional.of(new ControlGroup(folders));
  }

  /** Kills and removes the groups of unknown runs. */
  public void removeLeftovers(Predicate<String> stillWanted) {
    var runs = new TreeSet<String>();
    parents()
        .flatMap(parent -> ControlGroup.subfolders(parent).stream())
        .forEach(folder -> runs.add(folder.getFileName().toString()));
    runs.removeIf(stillWanted);
    var left = new ArrayList<ControlGroup>();
    for (var run : runs) {
      existing(run).ifPresent(left::add);
    }
    left.forEach(ControlGroup::kill);
    for (int tries = REMOVAL_TRIES; tries > 0; tries--) {
      left.removeIf(ControlGroup::remove);
      if (left.isEmpty()) {
        return;
      }
      LockSupport.parkNanos(REMOVAL_PAUSE);
    }
    for (var group : left) {
      log.warn(
          "cannot remove {} of an unknown run: processes {} do not end",
          group.killFolder(),
          group.members());
    }
  }

  /** Removes the agent's own folders if they are empty. */
  @Override
  public void close() {
    parents().forEach(ControlGroups::removeIfEmpty);
  }

  private void setLimits(String run, OptionalLong memoryBytes, OptionalInt processLimit)
      throws IOException {
    if (memory != null && memoryBytes.isPresent()) {
      ControlGroup.limitMemory(memory.resolve(run), memoryBytes.getAsLong());
    }
    if (processes != null && processLimit.isPresent()) {
      ControlGroup.limitProcesses(processes.resolve(run), processLimit.getAsInt());
    }
  }

  private Stream<Path> parents() {
    return Stream.of(
            Optional.ofNullable(killing),
            Optional.ofNullable(memory),
            Optional.ofNullable(processes))
        .flatMap(Optional::stream)
        .distinct();
  }

  private Path require(@Nullable Path folder, String lack) throws IOException {
    if (folder == null) {
      throw new IOException(lack + " on this host. " + why);
    }
    return folder;
  }

  private static void checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("Invalid name of a control group: `" + name + "`.");
    }
  }

  static void removeIfEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      log.debug("cannot remove {}", folder, e);
    }
  }
}
