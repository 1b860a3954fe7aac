package io.capataz.supervisor.job;

import java.util.EnumSet;
import java.util.Set;

/** Where a job stands. Why it ended is its outcome, never another state. */
public enum JobState {
  /** Waits for a person. */
  HELD("Waits for a person: an approval, an input, or a hold."),
  /** Waits for its time. */
  SCHEDULED("Waits for its start time, or for the delay before another attempt."),
  /** Waits for an agent. */
  READY("Can be claimed by an agent."),
  /** Handed out. */
  ASSIGNED("Claimed by an agent that has not yet reported that the script is running."),
  /** Runs. */
  RUNNING("The agent has reported that the script is running."),
  /** Contact is lost. */
  SILENT(
      "Contact with its agent is lost and nothing is decided yet; the script may still be"
          + " running."),
  /** Ended well. */
  SUCCEEDED("Ended successfully."),
  /** Ended badly. */
  FAILED("Ended without success; the outcome says why."),
  /** Ended because somebody wanted it. */
  CANCELED("Ended on request, before or after its script was started."),
  /** Ended because its time passed. */
  EXPIRED("Ended without starting, because its latest start time had passed.");

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
