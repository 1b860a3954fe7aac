package io.capataz.supervisor.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A process of an agent. Nothing of it outlives its end but what it has written down. */
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

  /** Claims of an earlier life that it will make again; a bit for each. */
  int open;

  /** By job: the attempt under one of these that an earlier life has begun; 0 for none. */
  int[] begun = {0, 0};

  void pass(Cells c) {
    life = c.pass(life, Life.ALL);
    epoch = c.pass(epoch);
    awaits = c.pass(awaits);
    heard = c.pass(heard);
    holds = c.passHolds(holds);
    open = c.pass(open);
    begun = c.pass(begun);
  }

  /** All it knew is gone; scripts that it had started may run on, and nobody listens to them. */
  void end(Life next) {
    life = next;
    epoch = 0;
    awaits = 0;
    heard = false;
    holds.clear();
    open = 0;
    begun[0] = 0;
    begun[1] = 0;
  }

  /** It ends as well, and its next life reads which claims were not used up, and what was begun. */
  void endWithNotes(Life next) {
    var claims = open | (1 << awaits);
    for (var hold : holds) {
      claims |= hold.phase() == Hold.Phase.ORDERED ? 1 << hold.claim() : 0;
    }
    // There is no claim 0.
    claims &= ~1;
    var attempts = new int[] {0, 0};
    for (var hold : holds) {
      // What was being given back must not be begun either.
      if (hold.phase() != Hold.Phase.ORDERED && (claims & (1 << hold.claim())) != 0) {
        attempts[hold.job()] = Math.max(attempts[hold.job()], hold.attempt());
      }
    }
    end(next);
    open = claims;
    begun = attempts;
  }

  void isAnswered(int claim) {
    open &= ~(1 << claim);
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
      case OPENING -> "opens a session" + notes();
      case OPEN ->
          "epoch "
              + epoch
              + (heard ? ", knows of work" : "")
              + (awaits > 0 ? ", waits for the answer to claim " + awaits : "")
              + (holds.isEmpty() ? "" : ", holds " + holds)
              + notes();
    };
  }

  private String notes() {
    return open == 0
        ? ""
        : ", will make claims " + bits(open) + " again, has begun " + Arrays.toString(begun);
  }

  private static List<Integer> bits(int mask) {
    return IntStream.range(0, Integer.SIZE)
        .filter(bit -> (mask & (1 << bit)) != 0)
        .boxed()
        .toList();
  }
}
