package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.function.UnaryOperator;

/**
 * How an attempt ended, and why. The job's state is separate.
 *
 * <p>The agent reports all of these except {@link Lost}, which only a supervisor decides, and
 * {@link Rejected} and {@link Failed}, with which only jobs end that no agent runs.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(name = "succeeded", value = Outcome.Succeeded.class),
  @JsonSubTypes.Type(name = "exited_with", value = Outcome.ExitedWith.class),
  @JsonSubTypes.Type(name = "timed_out", value = Outcome.TimedOut.class),
  @JsonSubTypes.Type(name = "killed", value = Outcome.Killed.class),
  @JsonSubTypes.Type(name = "interrupted", value = Outcome.Interrupted.class),
  @JsonSubTypes.Type(name = "canceled", value = Outcome.Canceled.class),
  @JsonSubTypes.Type(name = "could_not_start", value = Outcome.CouldNotStart.class),
  @JsonSubTypes.Type(name = "refused", value = Outcome.Refused.class),
  @JsonSubTypes.Type(name = "rejected", value = Outcome.Rejected.class),
  @JsonSubTypes.Type(name = "failed", value = Outcome.Failed.class),
  @JsonSubTypes.Type(name = "lost", value = Outcome.Lost.class)
})
public sealed interface Outcome {

  /** The same outcome with its reason, if it has one, in another form. */
  default Outcome withReason(UnaryOperator<String> change) {
    return switch (this) {
      case CouldNotStart(String reason) -> new CouldNotStart(change.apply(reason));
      case Refused(String reason) -> new Refused(change.apply(reason));
      case Rejected(String reason) -> new Rejected(change.apply(reason));
      case Failed(String reason) -> new Failed(change.apply(reason));
      case Lost(String reason) -> new Lost(change.apply(reason));
      case Succeeded _, ExitedWith _, TimedOut _, Killed _, Interrupted _, Canceled _ -> this;
    };
  }

  /** The script exited with code 0 and did not report a failure. */
  record Succeeded() implements Outcome {}

  /**
   * The script exited by itself and failed.
   *
   * @param code the exit code; 0 only if the script's result says {@code failure}
   */
  record ExitedWith(int code) implements Outcome {}

  /** The script exceeded its timeout and was ended by the agent. */
  record TimedOut() implements Outcome {}

  /**
   * The script was killed by a signal that the agent did not send.
   *
   * @param signal its name, such as {@code SIGSEGV}
   */
  record Killed(String signal) implements Outcome {
    public Killed {
      requireNonNull(signal);
    }
  }

  /** The script was ended because its agent shut down. */
  record Interrupted() implements Outcome {}

  /** The job was stopped on request. */
  record Canceled() implements Outcome {}

  /**
   * The host could not run the script: no interpreter, no disk space, no more processes.
   *
   * @param reason one sentence for the reader of the job
   */
  record CouldNotStart(String reason) implements Outcome {
    public CouldNotStart {
      requireNonNull(reason);
    }
  }

  /**
   * A rule does not allow it: the host's policy, or the supervisor's rules about addresses.
   *
   * @param reason one sentence naming the rule
   */
  record Refused(String reason) implements Outcome {
    public Refused {
      requireNonNull(reason);
    }
  }

  /**
   * An approval was not given.
   *
   * @param reason one sentence that says who rejected it
   */
  record Rejected(String reason) implements Outcome {
    public Rejected {
      requireNonNull(reason);
    }
  }

  /**
   * A call or a message of the supervisor was not successful.
   *
   * @param reason one sentence that says what the other side answered, or what went wrong
   */
  record Failed(String reason) implements Outcome {
    public Failed {
      requireNonNull(reason);
    }
  }

  /**
   * Unknown: nothing more was heard from the host, or it no longer knew the attempt.
   *
   * @param reason one sentence that says how this was detected
   */
  record Lost(String reason) implements Outcome {
    public Lost {
      requireNonNull(reason);
    }
  }
}
