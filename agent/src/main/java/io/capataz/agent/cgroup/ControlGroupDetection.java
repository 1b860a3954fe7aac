package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Detects the best method that this host allows, and collects the problems it finds. */
final class ControlGroupDetection {

  /** Subgroup the agent moves to if its own group may not hold both processes and subgroups. */
  static final String LEAF = "agent";

  private static final String MEMORY = "memory";
  private static final String PIDS = "pids";

  private final ControlGroupMounts mounts;
  private final String name;
  private final Set<String> problems = new LinkedHashSet<>();

  ControlGroupDetection(ControlGroupMounts mounts, String name) {
    this.mounts = mounts;
    this.name = name;
  }

  ControlGroups result() {
    if (mounts.isEmpty()) {
      return none("No control groups are mounted on this host.");
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
      return none(String.join(" ", problems));
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

  static ControlGroups none(String why) {
    return new ControlGroups("none", why, null, null, null);
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
    ControlGroups.removeIfEmpty(ours);
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
        moveToLeaf(parent, self);
      }
      ControlGroup.write(control, "+" + String.join(" +", missing));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("Limits are not available in " + parent + ": " + reason(e) + ".");
    }
  }

  private static void moveToLeaf(Path parent, int self) throws IOException {
    var leaf = parent.resolve(LEAF);
    createIfMissing(leaf);
    ControlGroup.write(leaf.resolve("cgroup.procs"), Integer.toString(self));
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

  private static Set<String> words(Path file) throws IOException {
    var text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    return Set.of(text.split("\\s+", -1));
  }

  static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
