package io.capataz.supervisor.job;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** The state of a job. Why it ended is its outcome, never a state. */
public enum JobState {
  /** Waits for a person. */
  HELD("Waits for a person: an approval, an input, or a hold."),
  /** Waits for its time. */
  SCHEDULED("Waits for its start time, or for the delay before another attempt."),
  /** Waits for an agent. */
  READY("Can be claimed by an agent."),
  /** Granted to an agent. */
  ASSIGNED("Claimed by an agent that has not yet reported that the script is running."),
  /** Running. */
  RUNNING("The agent has reported that the script is running."),
  /** Contact is lost. */
  SILENT(
      "Contact with its agent is lost and nothing is decided yet; the script may still be"
          + " running."),
  /** Succeeded. */
  SUCCEEDED("Ended successfully."),
  /** Failed. */
  FAILED("Ended without success; the outcome says why."),
  /** Ended on request. */
  CANCELED("Ended on request, before or after its script was started."),
  /** Expired. */
  EXPIRED("Ended without starting, because its latest start time had passed.");

  private final String meaning;

  JobState(String meaning) {
    this.meaning = meaning;
  }

  /** Its meaning, in one sentence for people. */
  public String meaning() {
    return meaning;
  }

  /** Whether it is final: no move leaves it. */
  public boolean isFinal() {
    return JobMove.leaving(this).isEmpty();
  }

  /** Whether it waits for an agent, or for anything before that. */
  public boolean waits() {
    return this == HELD || this == SCHEDULED || this == READY;
  }

  /** Whether an attempt is in progress: an agent holds the job. */
  public boolean isUnderWay() {
    return underWay().contains(this);
  }

  /** The states that are not final. */
  static Set<JobState> unfinished() {
    return Arrays.stream(values())
        .filter(state -> !state.isFinal())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(JobState.class)));
  }

  /** The states in which an agent holds the job. */
  static Set<JobState> underWay() {
    return EnumSet.of(ASSIGNED, RUNNING, SILENT);
  }
}
