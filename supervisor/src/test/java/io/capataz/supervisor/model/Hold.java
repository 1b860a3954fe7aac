package io.capataz.supervisor.model;

/**
 * An attempt in the hands of an agent's process.
 *
 * @param job the job's number
 * @param attempt which attempt
 * @param claim under which claim it was granted
 * @param phase how far it is
 */
record Hold(int job, int attempt, int claim, Phase phase) implements Comparable<Hold> {

  /** How far an attempt is, on its host. */
  enum Phase {
    /** The work order has arrived. */
    ORDERED,
    /** The script runs. */
    RUNS,
    /** It has ended well; that is being reported. */
    SUCCEEDED,
    /** It has ended badly; that is being reported. */
    FAILED,
    /** It was ended as asked, or never begun because of that; that is being reported. */
    STOPPED,
    /** It was not begun and will not be; it is being given back. */
    GIVEN_BACK;

    static final Phase[] ALL = values();

    /** Whether the agent says that the script was started. */
    boolean isBegun() {
      return this != ORDERED && this != GIVEN_BACK;
    }
  }

  Hold in(Phase next) {
    return new Hold(job, attempt, claim, next);
  }

  boolean isOf(int job, int attempt, int claim) {
    return this.job == job && this.attempt == attempt && this.claim == claim;
  }

  @Override
  public int compareTo(Hold other) {
    return job != other.job
        ? Integer.compare(job, other.job)
        : Integer.compare(attempt, other.attempt);
  }

  @Override
  public String toString() {
    return "job " + job + " attempt " + attempt + " claim " + claim + " " + phase;
  }
}
