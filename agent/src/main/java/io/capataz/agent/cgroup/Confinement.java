package io.capataz.agent.cgroup;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What holds the processes of a run together beside its keeper.
 *
 * @param join files that a process writes {@code 0} to in order to be held
 * @param killFolder the folder of the control group (v2) that is killed in one stroke
 * @param method a word for it, as {@code cgroup-v2}; empty: what the keeper itself can do
 */
public record Confinement(List<Path> join, Optional<Path> killFolder, Optional<String> method) {

  /** None but the keeper. */
  public static final Confinement NONE =
      new Confinement(List.of(), Optional.empty(), Optional.empty());

  public Confinement {
    join = List.copyOf(join);
  }
}
