package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobState;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** The guards in force: the table of moves and all rules, less what was left out on purpose. */
final class Guards {

  private final Map<JobMove, Set<JobState>> from = new EnumMap<>(JobMove.class);
  private final Set<JobMove> fenced = EnumSet.noneOf(JobMove.class);
  private final Set<Guard.Rule> rules = EnumSet.allOf(Guard.Rule.class);
  private boolean attempt = true;
  private boolean claim = true;

  private Guards() {
    for (var move : JobMove.values()) {
      from.put(move, EnumSet.copyOf(move.from()));
      if (move.fenced()) {
        fenced.add(move);
      }
    }
  }

  static Guards without(Guard... dropped) {
    var guards = new Guards();
    for (var guard : dropped) {
      switch (guard) {
        case Guard.State(JobMove move) -> guards.from.put(move, EnumSet.allOf(JobState.class));
        case Guard.Fence(JobMove move) -> guards.fenced.remove(move);
        case Guard.Attempt() -> guards.attempt = false;
        case Guard.Claim() -> guards.claim = false;
        case Guard.Rule rule -> guards.rules.remove(rule);
      }
    }
    return guards;
  }

  boolean hold(Guard.Rule rule) {
    return rules.contains(rule);
  }

  /** Whether a move may be made from a state. */
  boolean allow(JobMove move, JobState state) {
    return from.getOrDefault(move, Set.of()).contains(state);
  }

  /** Whether a fence is one that the filter of a move accepts. */
  boolean accept(JobMove move, ModelJob job, int attemptNamed, int claimNamed) {
    return !fenced.contains(move)
        || ((!attempt || job.attempt == attemptNamed)
            && (!claim || job.lease.claim() == claimNamed));
  }
}
