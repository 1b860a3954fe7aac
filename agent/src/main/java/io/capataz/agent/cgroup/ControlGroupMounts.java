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
 * The mounted control group hierarchies of this host, and the groups of this process.
 *
 * <p>A host has one unified hierarchy (v2), one per controller (v1), or both (hybrid). A container
 * sees a part of them, often read-only.
 */
final class ControlGroupMounts {

  /** Key of the v2 hierarchy, as in {@code /proc/self/cgroup}. */
  private static final String UNIFIED = "";

  private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

  /** Field positions in mountinfo before the optional fields; see proc_pid_mountinfo(5). */
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
   * One hierarchy as visible to this process.
   *
   * @param mount its mount point
   * @param own the folder of this process's group; null if it is not visible
   * @param readOnly whether it is mounted read-only
   */
  record Hierarchy(Path mount, @Nullable Path own, boolean readOnly) {

    /** Why no group can be created in it, as a sentence; empty if one can. */
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

    /** Parses a line of mountinfo; null if it is not a control group mount. */
    static @Nullable Mount read(String line) {
      var fields = line.split(" ", -1);
      int dash = OPTIONAL;
      while (dash < fields.length && !fields[dash].equals("-")) {
        dash++;
      }
      if (dash + 3 >= fields.length || !fields[dash + 1].startsWith("cgroup")) {
        return null;
      }
      var options = Set.copyOf(List.of(fields[dash + 3].split(",", -1)));
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

    /**
     * The folder of a group. A mount may show only a part of the hierarchy, as in containers that
     * keep the host's group names.
     */
    private @Nullable Path folder(String ownPath) {
      var above = root.equals("/") ? "" : root;
      boolean shown = ownPath.equals(above) || ownPath.startsWith(above + "/");
      // `/..` is a group outside of this process's namespace.
      if (!shown || List.of(ownPath.split("/", -1)).contains("..")) {
        return null;
      }
      var below = ownPath.substring(above.length());
      return point.resolve(below.startsWith("/") ? below.substring(1) : below);
    }
  }

  /**
   * Reads the mounts and groups of this process.
   *
   * @param proc {@code /proc}, or a folder of a test
   */
  static ControlGroupMounts read(Path proc) throws IOException {
    var mounts = new ArrayList<Mount>();
    for (var line : lines(proc.resolve("self/mountinfo"))) {
      var mount = Mount.read(line);
      if (mount != null) {
        mounts.add(mount);
      }
    }
    var ownPaths = new HashMap<String, String>();
    for (var line : lines(proc.resolve("self/cgroup"))) {
      var fields = line.split(":", 3);
      if (fields.length == 3) {
        for (var controller : fields[1].split(",", -1)) {
          ownPaths.put(controller, fields[2]);
        }
      }
    }
    return new ControlGroupMounts(List.copyOf(mounts), Map.copyOf(ownPaths));
  }

  /** Whether no hierarchy is mounted. */
  boolean isEmpty() {
    return mounts.isEmpty();
  }

  /** Whether both v2 and v1 are mounted. */
  boolean isHybrid() {
    return mounts.stream().anyMatch(Mount::unified) && !mounts.stream().allMatch(Mount::unified);
  }

  /** The v2 hierarchy. */
  Optional<Hierarchy> unified() {
    return of(UNIFIED);
  }

  /** The v1 hierarchy of a controller. */
  Optional<Hierarchy> of(String controller) {
    // Later mounts hide earlier ones at the same place.
    var found =
        mounts.reversed().stream()
            .filter(mount -> mount.has(controller))
            .map(mount -> mount.seenFrom(ownPaths.get(controller)))
            .toList();
    Predicate<Hierarchy> usable = hierarchy -> hierarchy.problem().isEmpty();
    return found.stream().filter(usable).findFirst().or(() -> found.stream().findFirst());
  }

  /** Not {@link Files#readAllLines}, which fails on lines that are not UTF-8. */
  private static List<String> lines(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  /** Resolves the octal escapes that the kernel writes for spaces and similar characters. */
  private static String plain(String escaped) {
    return ESCAPED
        .matcher(escaped)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 8))));
  }
}
