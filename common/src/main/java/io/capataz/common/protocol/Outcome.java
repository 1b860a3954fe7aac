package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * How an attempt ended. It says why; where the job stands is its state.
 *
 * <p>The agent reports all of these but {@link Lost}, which only a supervisor decides.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(name = "succeeded", value = Outcome.Succeeded.class),
  @JsonSubTypes.Type(name = "exited_with", value = Outcome.ExitedWith.class),
  @JsonSubTypes.Type(name = "timed_out", value = Outcome.TimedOut.class),
  @JsonSubTypes.Type(name = "killed", value = Outcome.Killed.class),
  @JsonSubTypes.Type(name = "canceled", value = Outcome.Canceled.class),
  @JsonSubTypes.Type(name = "could_not_start", value = Outcome.CouldNotStart.class),
  @JsonSubTypes.Type(name = "refused", value = Outcome.Refused.class),
  @JsonSubTypes.Type(name = "lost", value = Outcome.Lost.class)
})
public sealed interface Outcome {

  /** The script ended with exit code 0 and did not say that it failed. */
  record Succeeded() implements Outcome {}

  /**
   * The script ended by itself and failed.
   *
   * @param code the exit code; 0 only when the script's own result says {@code failure}
   */
  record ExitedWith(int code) implements Outcome {}

  /** The script was still running when its time was over, and was ended by the agent. */
  record TimedOut() implements Outcome {}

  /**
   * A signal that the agent did not send ended the script.
   *
   * @param signal its name, as {@code SIGSEGV}
   */
  record Killed(String signal) implements Outcome {
    public Killed {
      requireNonNull(signal);
    }
  }

  /** Somebody asked for the job to be stopped, and it was. */
  record Canceled() implements Outcome {}

  /**
   * The host could not run the script: no interpreter, no room, no more processes.
   *
   * @param reason one sentence for the person who reads the job
   */
  record CouldNotStart(String reason) implements Outcome {
    public CouldNotStart {
      requireNonNull(reason);
    }
  }

  /**
   * The host's policy does not allow it.
   *
   * @param reason one sentence that names the rule
   */
  record Refused(String reason) implements Outcome {
    public Refused {
      requireNonNull(reason);
    }
  }

  /**
   * Nobody knows: the host was not heard of again, or no longer knew the attempt.
   *
   * @param reason one sentence that says how that was noticed
   */
  record Lost(String reason) implements Outcome {
    public Lost {
      requireNonNull(reason);
    }
  }
}
