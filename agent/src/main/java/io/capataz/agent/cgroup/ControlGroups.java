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
import java.util.List;
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
 * Where runs are put so that they can be limited, and ended as one.
 *
 * <p>Hosts differ in what they allow, so the best that works is found by trying, once: v2 for the
 * end, else v1; for each limit v2 if its controller is there, else v1, else none.
 */
public final class ControlGroups implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ControlGroups.class);

  /** Where the agent goes to live if its own group may not hold both processes and groups. */
  static final String LEAF = "agent";

  private static final String MEMORY = "memory";
  private static final String PIDS = "pids";

  /** Neither a path nor one of the kernel's own files, which all have a dot or are there first. */
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
   * Finds out what this host allows, and makes a folder in each hierarchy that will be used. May
   * move this process into a group of its own, below the one it was started in.
   *
   * @param proc {@code /proc}; tests bring their own
   * @param name of the agent's folder; no two agents of a host may share it
   */
  public static ControlGroups find(Path proc, String name) {
    checkName(name);
    try {
      return new Detection(ControlGroupMounts.read(proc), name).result();
    } catch (IOException e) {
      String why = "Cannot read the control groups of this host: " + reason(e) + ".";
      return new ControlGroups("none", why, null, null, null);
    }
  }

  /** How a run is ended: {@code cgroup-v2}, {@code cgroup-v1} or {@code none}. */
  public String method() {
    return method;
  }

  /** For people: why this host allows nothing better. */
  public String why() {
    return why;
  }

  /** Whether a run can have a group at all. */
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
   * Makes a group.
   *
   * @param run its name; no folder of that name may be there
   * @param memoryBytes what all its processes may take together; none is no limit
   * @param processLimit how many processes and threads it may hold; none is no limit
   * @throws IOException if the kernel refuses, or if a limit is asked for that cannot be had here
   */
  ControlGroup make(String run, OptionalLong memoryBytes, OptionalInt processLimit)
      throws IOException {
    checkName(run);
    Set<Path> parents = new LinkedHashSet<>();
    parents.add(require(killing, "Control groups are not available"));
    if (memoryBytes.isPresent()) {
      parents.add(require(memory, "Memory limits are not available"));
    }
    if (processLimit.isPresent()) {
      parents.add(require(processes, "Process limits are not available"));
    }
    List<Path> made = new ArrayList<>();
    try {
      for (Path parent : parents) {
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
   * Makes what will hold a run together; where there are no groups that is left to the keeper.
   *
   * @param run its name
   * @param memoryBytes empty is no limit
   * @param processLimit empty is no limit
   * @throws IOException if the kernel refuses, or if a limit is asked for that cannot be had here
   */
  public Confinement confine(String run, OptionalLong memoryBytes, OptionalInt processLimit)
      throws IOException {
    if (!isUsable() && memoryBytes.isEmpty() && processLimit.isEmpty()) {
      return Confinement.NONE;
    }
    ControlGroup group = make(run, memoryBytes, processLimit);
    Path folder = group.killFolder();
    return new Confinement(
        group.procsFiles(),
        Files.exists(folder.resolve("cgroup.kill")) ? Optional.of(folder) : Optional.empty(),
        Optional.of(method));
  }

  /** Kills what is left in a run's group. */
  public void kill(String run) {
    existing(run).ifPresent(ControlGroup::kill);
  }

  /** Whether the kernel has killed in a run's group for want of memory. */
  public boolean wasOutOfMemory(String run) {
    return existing(run).map(ControlGroup::wasOutOfMemory).orElse(false);
  }

  /** Removes the group of a run of which nothing lives. */
  public void remove(String run) {
    Optional<ControlGroup> group = existing(run);
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

  /** The group of a run that was started before this process was, if it is still there. */
  Optional<ControlGroup> existing(String run) {
    checkName(run);
    List<Path> folders =
        parents().map(parent -> parent.resolve(run)).filter(Files::isDirectory).toList();
    return folders.isEmpty() ? Optional.empty() : Optional.of(new ControlGroup(folders));
  }

  /** Ends and removes the groups of runs that nobody knows any more. */
  public void removeLeftovers(Predicate<String> stillWanted) {
    Set<String> runs = new TreeSet<>();
    parents()
        .flatMap(parent -> ControlGroup.subfolders(parent).stream())
        .forEach(folder -> runs.add(folder.getFileName().toString()));
    runs.removeIf(stillWanted);
    List<ControlGroup> left = new ArrayList<>();
    for (String run : runs) {
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
    for (ControlGroup group : left) {
      log.warn(
          "cannot remove {} of an unknown run: processes {} do not end",
          group.killFolder(),
          group.members());
    }
  }

  /** Removes the agent's own folders if no run is left in them. */
  @Override
  public void close() {
    parents().forEach(ControlGroups::removeIfEmpty);
  }

  /**
   * Lets the groups below {@code parent} have controllers of v2.
   *
   * <p>The kernel refuses that where the parent holds processes itself. For {@code pids} alone it
   * does not, but then no group below can take a process; so they must leave in any case. If there
   * is only one, and it is the agent, it moves into a group of its own, which is what systemd
   * expects of who is given {@code Delegate=yes}.
   *
   * @param self the agent's process id
   * @return why it cannot be done, as one sentence; empty if it is done
   */
  static Optional<String> delegateControllers(Path parent, Set<String> controllers, int self) {
    Path control = parent.resolve("cgroup.subtree_control");
    try {
      Set<String> missing = new TreeSet<>(controllers);
      missing.removeAll(words(control));
      if (missing.isEmpty()) {
        return Optional.empty();
      }
      if (!Files.isWritable(control)) {
        return Optional.of(control + " is not writable.");
      }
      // The root of all is the one group that has no type, and may hold both.
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
        Path leaf = parent.resolve(LEAF);
        createIfMissing(leaf);
        ControlGroup.write(leaf.resolve("cgroup.procs"), Integer.toString(self));
      }
      ControlGroup.write(control, "+" + String.join(" +", missing));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("Limits are not available in " + parent + ": " + reason(e) + ".");
    }
  }

  /** The attempt to find the best this host allows, with what came in its way. */
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
      Optional<Path> unified = unified();
      Set<String> limits = unified.map(this::limits).orElse(Set.of());
      Optional<Path> memory =
          unified
              .filter(_ -> limits.contains(MEMORY))
              .or(() -> legacy(MEMORY, "memory.limit_in_bytes"));
      Optional<Path> processes =
          unified.filter(_ -> limits.contains(PIDS)).or(() -> legacy(PIDS, "pids.max"));
      Optional<Path> killing =
          unified.or(() -> legacy("freezer", "freezer.state")).or(() -> processes);
      if (killing.isEmpty()) {
        // Memory alone could be limited, but who wants no end wants no folder.
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

    /** Our folder in v2, if processes put there can be ended. */
    private Optional<Path> unified() {
      Optional<Path> own = own(mounts.unified(), "cgroup v2 is not mounted.");
      if (own.isEmpty()) {
        return Optional.empty();
      }
      Path base = parentOfLeaf(own.get());
      // Who moves a process needs this right in the group that holds both, the old and the new.
      if (!Files.isWritable(base.resolve("cgroup.procs"))) {
        problems.add(base.resolve("cgroup.procs") + " is not writable.");
        return Optional.empty();
      }
      return folder(base, "cgroup.kill", " (requires Linux 5.14 or newer)");
    }

    /** Which limits our folder in v2 can have. */
    private Set<String> limits(Path ours) {
      Path base = Objects.requireNonNull(ours.getParent());
      Set<String> had = new TreeSet<>(Set.of(MEMORY, PIDS));
      try {
        had.retainAll(words(base.resolve("cgroup.controllers")));
      } catch (IOException e) {
        had.clear();
      }
      if (had.size() < 2) {
        Set<String> lacking = new TreeSet<>(Set.of(MEMORY, PIDS));
        lacking.removeAll(had);
        problems.add(base + " lacks cgroup controllers: " + String.join(", ", lacking) + ".");
      }
      if (had.isEmpty()) {
        return had;
      }
      int self = (int) ProcessHandle.current().pid();
      Optional<String> problem =
          delegateControllers(base, had, self).or(() -> delegateControllers(ours, had, self));
      problem.ifPresent(problems::add);
      return problem.isPresent() ? Set.of() : had;
    }

    /** Our folder in the hierarchy that v1 keeps for a controller. */
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
        problems.add(ifMissing); // Nobody misses v1 where v2 is all there is.
      }
      return hierarchy
          .filter(found -> found.problem().isEmpty())
          .map(ControlGroupMounts.Hierarchy::own);
    }

    /** Made for a try; what is of no use does not stay. */
    private Optional<Path> folder(Path base, String needed, String since) {
      Path ours = base.resolve(name);
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

    /** After a restart we may find ourselves in the leaf; the runs' groups are beside it. */
    private static Path parentOfLeaf(Path own) {
      Path parent = own.getParent();
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
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
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
