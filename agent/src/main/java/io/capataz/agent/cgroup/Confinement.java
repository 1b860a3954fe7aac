package io.capataz.agent.cgroup;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How the processes of a run are kept together, in addition to the keeper's own means.
 *
 * @param join files that a process writes {@code 0} to in order to join
 * @param killFolder the control group (v2) that can be killed as a whole
 * @param method name of the method, such as {@code cgroup-v2}; empty if only the keeper's own means
 *     are used
 */
public record Confinement(List<Path> join, Optional<Path> killFolder, Optional<String> method) {

  /** No control group. */
  public static final Confinement NONE =
      new Confinement(List.of(), Optional.empty(), Optional.empty());

  public Confinement {
    join = List.copyOf(join);
  }
}
