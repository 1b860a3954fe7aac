package io.capataz.supervisor.job;

import java.util.EnumSet;
import java.util.Set;

/** Where a job stands. Why it ended is its outcome, never another state. */
public enum JobState {
  /** Waits for a person. */
  HELD("Waits for a person: an approval, an input, or a hold."),
  /** Waits for its time. */
  SCHEDULED("Waits for its time: a start time, or the pause before another attempt."),
  /** Waits for an agent. */
  READY("May be claimed by an agent now."),
  /** Handed out. */
  ASSIGNED("Claimed by one agent, which has not said yet that the script runs."),
  /** Runs. */
  RUNNING("That agent has said that the script runs."),
  /** Contact is lost. */
  SILENT("Contact with its agent is lost and nothing has been decided; the script may still run."),
  /** Ended well. */
  SUCCEEDED("Ended, and well."),
  /** Ended badly. */
  FAILED("Ended, and not well; the outcome says why."),
  /** Ended because somebody wanted it. */
  CANCELED("Ended because somebody asked for it, before or after its script was started."),
  /** Ended because its time passed. */
  EXPIRED("Ended without having started, because its time for that had passed.");

  private final String meaning;

  JobState(String meaning) {
    this.meaning = meaning;
  }

  /** What it means, in one sentence for people. */
  public String meaning() {
    return meaning;
  }

  /** Whether no move leaves it. */
  public boolean isFinal() {
    return JobMove.leaving(this).isEmpty();
  }

  /** Whether it waits for anything before an agent may have it, or for the agent. */
  boolean waits() {
    return this == HELD || this == SCHEDULED || this == READY;
  }

  /** Whether an attempt is under way: an agent holds the job. */
  public boolean isUnderWay() {
    return underWay().contains(this);
  }

  /** The states in which an agent holds the job. */
  static Set<JobState> underWay() {
    return EnumSet.of(ASSIGNED, RUNNING, SILENT);
  }
}
