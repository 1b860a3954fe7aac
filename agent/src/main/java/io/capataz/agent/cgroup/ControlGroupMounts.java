package io.capataz.agent.cgroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where this host shows its control groups, and which of them this process lives in.
 *
 * <p>A host has one hierarchy for everything (v2), one per controller (v1), or both (hybrid); a
 * container is shown a part of them, often read-only.
 */
final class ControlGroupMounts {

  /** What stands for v2 where v1 names a controller; {@code /proc/self/cgroup} has it so, too. */
  private static final String UNIFIED = "";

  private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

  /** Fields of mountinfo before those that may be left out; see proc_pid_mountinfo(5). */
  private static final int ROOT = 3;

  private static final int POINT = 4;
  private static final int OPTIONS = 5;
  private static final int OPTIONAL = 6;

  private final List<Mount> mounts;
  private final Map<String, String> ownPaths;

  private ControlGroupMounts(List<Mount> mounts, Map<String, String> ownPaths) {
    this.mounts = mounts;
    this.ownPaths = ownPaths;
  }

  /**
   * One hierarchy as it is shown here.
   *
   * @param mount where it is mounted
   * @param own the folder of the group this process lives in; null if that is not shown
   * @param readOnly whether nothing can be changed in it
   */
  record Hierarchy(Path mount, @Nullable Path own, boolean readOnly) {

    /** Why no group of ours can be made in it, as one sentence. */
    Optional<String> problem() {
      if (readOnly) {
        return Optional.of(mount + " is mounted read-only.");
      }
      return own == null
          ? Optional.of("The control group of the agent is not visible under " + mount + ".")
          : Optional.empty();
    }
  }

  private record Mount(
      String root, Path point, boolean readOnly, boolean unified, Set<String> options) {

    /** Null for what is mounted there but is no control group. */
    static @Nullable Mount read(String line) {
      String[] fields = line.split(" ", -1);
      int dash = OPTIONAL;
      while (dash < fields.length && !fields[dash].equals("-")) {
        dash++;
      }
      if (dash + 3 >= fields.length || !fields[dash + 1].startsWith("cgroup")) {
        return null;
      }
      Set<String> options = Set.copyOf(List.of(fields[dash + 3].split(",", -1)));
      boolean readOnly =
          List.of(fields[OPTIONS].split(",", -1)).contains("ro") || options.contains("ro");
      return new Mount(
          plain(fields[ROOT]),
          Path.of(plain(fields[POINT])),
          readOnly,
          fields[dash + 1].equals("cgroup2"),
          options);
    }

    boolean has(String controller) {
      return controller.equals(UNIFIED) ? unified : !unified && options.contains(controller);
    }

    Hierarchy seenFrom(@Nullable String ownPath) {
      return new Hierarchy(point, ownPath == null ? null : folder(ownPath), readOnly);
    }

    /** A mount may show a part only, as in a container that keeps the host's names of groups. */
    private @Nullable Path folder(String ownPath) {
      String above = root.equals("/") ? "" : root;
      boolean shown = ownPath.equals(above) || ownPath.startsWith(above + "/");
      // `/..` is a group outside of the namespace this process sees.
      if (!shown || List.of(ownPath.split("/", -1)).contains("..")) {
        return null;
      }
      String below = ownPath.substring(above.length());
      return point.resolve(below.startsWith("/") ? below.substring(1) : below);
    }
  }

  /**
   * Reads what the kernel says.
   *
   * @param proc {@code /proc}; tests bring their own
   */
  static ControlGroupMounts read(Path proc) throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (String line : lines(proc.resolve("self/mountinfo"))) {
      Mount mount = Mount.read(line);
      if (mount != null) {
        mounts.add(mount);
      }
    }
    Map<String, String> ownPaths = new HashMap<>();
    for (String line : lines(proc.resolve("self/cgroup"))) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3) {
        for (String controller : fields[1].split(",", -1)) {
          ownPaths.put(controller, fields[2]);
        }
      }
    }
    return new ControlGroupMounts(List.copyOf(mounts), Map.copyOf(ownPaths));
  }

  /** Whether there is nothing at all. */
  boolean isEmpty() {
    return mounts.isEmpty();
  }

  /** Whether there is v2 and something of v1. */
  boolean isHybrid() {
    return mounts.stream().anyMatch(Mount::unified) && !mounts.stream().allMatch(Mount::unified);
  }

  /** The hierarchy of v2. */
  Optional<Hierarchy> unified() {
    return of(UNIFIED);
  }

  /** The hierarchy of v1 that has this controller. */
  Optional<Hierarchy> of(String controller) {
    // What was mounted last hides what was mounted there before.
    List<Hierarchy> found =
        mounts.reversed().stream()
            .filter(mount -> mount.has(controller))
            .map(mount -> mount.seenFrom(ownPaths.get(controller)))
            .toList();
    Predicate<Hierarchy> usable = hierarchy -> hierarchy.problem().isEmpty();
    return found.stream().filter(usable).findFirst().or(() -> found.stream().findFirst());
  }

  /** Not {@link Files#readAllLines}: a name that is no UTF-8 must not hide all the others. */
  private static List<String> lines(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  /** The kernel writes spaces and the like as three octal digits. */
  private static String plain(String escaped) {
    return ESCAPED
        .matcher(escaped)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 8))));
  }
}
