package io.capataz.supervisor.job;

import java.util.ArrayList;
import java.util.List;

/** A process of an agent. Nothing of it outlives its end. */
final class ModelAgent {

  /** Where it is in its life. */
  enum Life {
    /** There is no such process. */
    ABSENT,
    /** It has begun and has no session yet. */
    OPENING,
    /** It has a session, or believes so. */
    OPEN;

    private static final Life[] ALL = values();
  }

  Life life = Life.OPEN;

  /** The epoch of its session. */
  int epoch = 1;

  /** The claim whose answer it waits for; 0 if none. */
  int awaits;

  /** It knows that something waits. */
  boolean heard;

  List<Hold> holds = new ArrayList<>(2);

  void pass(Cells c) {
    life = c.pass(life, Life.ALL);
    epoch = c.pass(epoch);
    awaits = c.pass(awaits);
    heard = c.pass(heard);
    holds = c.passHolds(holds);
  }

  /** All it knew is gone; scripts that it had started may run on, and nobody listens to them. */
  void end(Life next) {
    life = next;
    epoch = 0;
    awaits = 0;
    heard = false;
    holds.clear();
  }

  boolean holds(int job, int attempt, int claim) {
    return holds.stream().anyMatch(hold -> hold.isOf(job, attempt, claim));
  }

  void forget(int job, int attempt, int claim) {
    holds.removeIf(hold -> hold.isOf(job, attempt, claim));
  }

  void replace(Hold hold, Hold by) {
    holds.set(holds.indexOf(hold), by);
  }

  @Override
  public String toString() {
    return switch (life) {
      case ABSENT -> "not there";
      case OPENING -> "opens a session";
      case OPEN ->
          "epoch "
              + epoch
              + (heard ? ", knows of work" : "")
              + (awaits > 0 ? ", waits for the answer to claim " + awaits : "")
              + (holds.isEmpty() ? "" : ", holds " + holds);
    };
  }
}
