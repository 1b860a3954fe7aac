package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
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

  /** Subgroup the agent moves to if its own group may not hold both processes and subgroups. */
  static final String LEAF = "agent";

  private static final String MEMORY = "memory";
  private static final String PIDS = "pids";

  /** Neither a path nor the name of one of the kernel's own files. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

  private static final int REMOVAL_TRIES = 200;
  private static final long REMOVAL_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

  private final String method;
  private final String why;
  private final @Nullable Path killing;
  private final @Nullable Path memory;
  private final @Nullable Path processes;

  private ControlGroups(
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
      return new Detection(ControlGroupMounts.read(proc), name).result();
    } catch (IOException e) {
      var why = "Cannot read the control groups of this host: " + reason(e) + ".";
      return new ControlGroups("none", why, null, null, null);
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

  boolean canLimitMemory() {
    return memory != null;
  }

  boolean canLimitProcesses() {
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
      if (memory != null && memoryBytes.isPresent()) {
        ControlGroup.limitMemory(memory.resolve(run), memoryBytes.getAsLong());
      }
      if (processes != null && processLimit.isPresent()) {
        ControlGroup.limitProcesses(processes.resolve(run), processLimit.getAsInt());
      }
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
        group.procsFiles(),
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

  /**
   * Enables controllers (v2) for the subgroups of {@code parent}.
   *
   * <p>The kernel refuses this for groups that contain processes. It accepts {@code pids} alone,
   * but then no subgroup can take a process, so the processes must leave in any case. If the agent
   * is the only one, it moves into a subgroup, as systemd expects of services with {@code
   * Delegate=yes}.
   *
   * @param self the agent's process id
   * @return why it failed, as a sentence; empty on success
   */
  static Optional<String> delegateControllers(Path parent, Set<String> controllers, int self) {
    var control = parent.resolve("cgroup.subtree_control");
    try {
      var missing = new TreeSet<String>(controllers);
      missing.removeAll(words(control));
      if (missing.isEmpty()) {
        return Optional.empty();
      }
      if (!Files.isWritable(control)) {
        return Optional.of(control + " is not writable.");
      }
      // The root group has no type, and may contain both processes and subgroups.
      Set<Integer> here =
          Files.exists(parent.resolve("cgroup.type")) ? ControlGroup.listed(parent) : Set.of();
      if (!here.isEmpty() && !here.equals(Set.of(self))) {
        return Optional.of(
            "Limits are not available in "
                + parent
                + ", because the agent shares it with other processes. Start the agent in its own"
                + " control group, for example as a systemd service with Delegate=yes.");
      }
      if (!here.isEmpty()) {
        var leaf = parent.resolve(LEAF);
        createIfMissing(leaf);
        ControlGroup.write(leaf.resolve("cgroup.procs"), Integer.toString(self));
      }
      ControlGroup.write(control, "+" + String.join(" +", missing));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("Limits are not available in " + parent + ": " + reason(e) + ".");
    }
  }

  /** Detection of the best available method; collects the problems it finds. */
  private static final class Detection {

    private final ControlGroupMounts mounts;
    private final String name;
    private final Set<String> problems = new LinkedHashSet<>();

    Detection(ControlGroupMounts mounts, String name) {
      this.mounts = mounts;
      this.name = name;
    }

    ControlGroups result() {
      if (mounts.isEmpty()) {
        return new ControlGroups(
            "none", "No control groups are mounted on this host.", null, null, null);
      }
      var unified = unified();
      Set<String> limits = unified.map(this::limits).orElse(Set.of());
      var memory =
          unified
              .filter(_ -> limits.contains(MEMORY))
              .or(() -> legacy(MEMORY, "memory.limit_in_bytes"));
      var processes = unified.filter(_ -> limits.contains(PIDS)).or(() -> legacy(PIDS, "pids.max"));
      var killing = unified.or(() -> legacy("freezer", "freezer.state")).or(() -> processes);
      if (killing.isEmpty()) {
        // Memory limits would be available, but without a way to kill they are not worth a group.
        memory.ifPresent(ControlGroups::removeIfEmpty);
        return new ControlGroups("none", String.join(" ", problems), null, null, null);
      }
      boolean best = unified.isPresent() && memory.isPresent() && processes.isPresent();
      return new ControlGroups(
          unified.isPresent() ? "cgroup-v2" : "cgroup-v1",
          best
              ? "Each run has a control group with memory and process limits."
              : String.join(" ", problems),
          killing.get(),
          memory.orElse(null),
          processes.orElse(null));
    }

    /** Our folder in v2, if processes in it can be killed. */
    private Optional<Path> unified() {
      var own = own(mounts.unified(), "cgroup v2 is not mounted.");
      if (own.isEmpty()) {
        return Optional.empty();
      }
      var base = parentOfLeaf(own.get());
      // Moving a process requires write access in the common ancestor of the old and the new group.
      if (!Files.isWritable(base.resolve("cgroup.procs"))) {
        problems.add(base.resolve("cgroup.procs") + " is not writable.");
        return Optional.empty();
      }
      return folder(base, "cgroup.kill", " (requires Linux 5.14 or newer)");
    }

    /** The limits available for our folder in v2. */
    private Set<String> limits(Path ours) {
      var base = Objects.requireNonNull(ours.getParent());
      var had = new TreeSet<String>(Set.of(MEMORY, PIDS));
      try {
        had.retainAll(words(base.resolve("cgroup.controllers")));
      } catch (IOException e) {
        had.clear();
      }
      if (had.size() < 2) {
        var lacking = new TreeSet<String>(Set.of(MEMORY, PIDS));
        lacking.removeAll(had);
        problems.add(base + " lacks cgroup controllers: " + String.join(", ", lacking) + ".");
      }
      if (had.isEmpty()) {
        return had;
      }
      int self = (int) ProcessHandle.current().pid();
      var problem =
          delegateControllers(base, had, self).or(() -> delegateControllers(ours, had, self));
      problem.ifPresent(problems::add);
      return problem.isPresent() ? Set.of() : had;
    }

    /** Our folder in the v1 hierarchy of a controller. */
    private Optional<Path> legacy(String controller, String needed) {
      return own(
              mounts.of(controller),
              "cgroup v1 is not mounted for the controller " + controller + ".")
          .flatMap(own -> folder(own, needed, ""));
    }

    private Optional<Path> own(Optional<ControlGroupMounts.Hierarchy> hierarchy, String ifMissing) {
      if (hierarchy.isPresent()) {
        hierarchy.get().problem().ifPresent(problems::add);
      } else if (mounts.isHybrid() || mounts.unified().isEmpty()) {
        problems.add(ifMissing); // Missing v1 is not a problem where v2 is complete.
      }
      return hierarchy
          .filter(found -> found.problem().isEmpty())
          .map(ControlGroupMounts.Hierarchy::own);
    }

    /** Creates our folder, and removes it again if it lacks what is needed. */
    private Optional<Path> folder(Path base, String needed, String since) {
      var ours = base.resolve(name);
      try {
        createIfMissing(ours);
      } catch (IOException e) {
        problems.add("Cannot create a folder in " + base + ": " + reason(e) + ".");
        return Optional.empty();
      }
      if (!Files.exists(ours.resolve(needed))) {
        problems.add("The control groups in " + base + " lack " + needed + since + ".");
      } else if (!Files.isWritable(ours.resolve("cgroup.procs"))) {
        problems.add(ours.resolve("cgroup.procs") + " is not writable.");
      } else {
        return Optional.of(ours);
      }
      removeIfEmpty(ours);
      return Optional.empty();
    }

    /**
     * After a restart the agent may already be in the subgroup {@link #LEAF}; the runs' groups are
     * its siblings.
     */
    private static Path parentOfLeaf(Path own) {
      var parent = own.getParent();
      if (parent == null
          || !own.endsWith(LEAF)
          || !Files.exists(parent.resolve("cgroup.type"))
          || !Files.isWritable(parent.resolve("cgroup.procs"))) {
        return own;
      }
      try {
        return ControlGroup.listed(parent).isEmpty() ? parent : own;
      } catch (IOException e) {
        return own;
      }
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

  private static void createIfMissing(Path folder) throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static void removeIfEmpty(Path folder) {
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      log.debug("cannot remove {}", folder, e);
    }
  }

  private static Set<String> words(Path file) throws IOException {
    var text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    return Set.of(text.split("\\s+", -1));
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
