package io.capataz.supervisor.model;

import io.capataz.supervisor.job.Fence;
import io.capataz.supervisor.job.JobMove;

/** Something that the protocol relies on; each can be left out, to see what happens then. */
sealed interface Guard {

  /** The filter of a move demands one of the states it may start from. */
  record State(JobMove move) implements Guard {}

  /** The filter of a move demands attempt and claim. */
  record Fence(JobMove move) implements Guard {}

  /** The filter of every fenced move demands the attempt. */
  record Attempt() implements Guard {}

  /** The filter of every fenced move demands the claim. */
  record Claim() implements Guard {}

  /** All else. */
  enum Rule implements Guard {
    ASSIGN_DEMANDS_THE_LINE("ASSIGN is made only from a queue of the agent's"),
    ASSIGN_DEMANDS_NO_STOP("ASSIGN is not made when somebody asked to stop"),
    ASSIGN_DEMANDS_THE_TURN(
        "ASSIGN is made only in the generation that was read before the permit"),
    ASSIGN_RAISES_THE_TURN("ASSIGN makes the generation grow"),
    RETRY_DEMANDS_NO_STOP("RETRY is not made when somebody asked to stop"),
    GIVE_BACK_DEMANDS_NO_STOP("GIVE_BACK is not made when somebody asked to stop: STOP is"),
    SEATS_ARE_COUNTED("a permit is taken only below the most"),
    ONE_SEAT_A_JOB("a permit is taken only by a job that has none"),
    SEAT_IS_NOT_SHARED("a permit that another run of the same claim has taken is not one's own"),
    FREE_NAMES_THE_CLAIM("a permit is freed only if it is of that claim"),
    FREE_NAMES_THE_TURN("a permit is freed only if it is of that generation"),
    LEASE_NAMES_THE_TURN("the reaper compares a permit with the lease by claim and generation"),
    REAPER_SEES_ENDED("the reaper frees the permit of an attempt that has ended without an effect"),
    REAPER_SETS_A_MARK("the reaper marks the job to be announced anew"),
    REAPER_RAISES_THE_TURN("the reaper raises the generation before it frees"),
    REAPER("somebody looks for permits without an attempt"),
    EFFECT_WITH_THE_MOVE("the effect is written by the update that makes the move"),
    EFFECT_STAYS_UNTIL_DONE("the effect is taken out after it was done, not before"),
    EFFECT_SWEEP("somebody looks for effects that were not done"),
    FREE_LETS_IN("whoever frees a permit lets the next one in"),
    PARK_LOOKS_AGAIN("whoever has blocked a job looks again whether there is a permit"),
    LINE_SWEEP("somebody looks at the limit's queue"),
    UNPARK_SETS_A_MARK("a job that is let in is marked to be announced"),
    MARK_WITH_THE_INSERT("a new job is inserted with its mark"),
    MARK_IS_CLEARED_BY_NUMBER("a mark is taken off only by its number"),
    MARK_NUMBERS_GROW("a mark's number is never used again for that job"),
    ANNOUNCE_SWEEP("somebody looks for marks"),
    SYNC("agents ask what waits"),
    SAME_CLAIM_SAME_ANSWER("the same claim asked again is answered with what it was granted"),
    CALL_IS_REPEATED("an agent repeats a call until it is answered"),
    OPENING_LOSES("what an agent held before it opened a session is lost"),
    OPENING_SPARES_CLAIMS("what an agent will ask for again is not lost when it opens a session"),
    OPENING_LOSES_WHAT_WAS_BEGUN(
        "of that, what the agent had begun and knows nothing more of is lost all the same"),
    CLAIMS_COME_BEFORE_BEATS("an agent asks again before its first heartbeat"),
    UNKNOWN_IS_LOST("what an agent was granted and does not know is lost after a while"),
    CURRENT_SESSION_ONLY("a call of an older session is refused"),
    MOVE_LEAVES_A_TRACE("whether a move was made is read from the history, if its answer is lost"),
    CANCEL_ASKS_AGAIN(
        "a cancel that finds a job neither waiting nor under way nor ended asks again"),
    FORCE_RAISES_THE_FENCE("FORCE makes the attempt grow"),
    ATTEMPTS_ARE_COUNTED("RETRY is made only while attempts are left");

    private final String meaning;

    Rule(String meaning) {
      this.meaning = meaning;
    }

    String meaning() {
      return meaning;
    }
  }

  /** What the guard says, in a sentence. */
  default String said() {
    return switch (this) {
      case State(JobMove move) -> move + " is made only from a state of the table";
      case Fence(JobMove move) -> move + " is made only for the current attempt and claim";
      case Attempt() -> "a fenced move demands the attempt";
      case Claim() -> "a fenced move demands the claim";
      case Rule rule -> rule.meaning();
    };
  }
}
