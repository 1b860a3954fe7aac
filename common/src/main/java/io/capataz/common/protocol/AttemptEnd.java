package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/end}: the last word about an attempt, sent
 * after all of its output has been taken. Repeating the same word is free; a different one is
 * refused with 409.
 *
 * @param claim the attempt's claim id
 * @param outcome how it ended; {@link Outcome.Lost} if what looked after it on its host was killed,
 *     so that nobody knows
 * @param exitCode the script's exit code; null if it had none
 * @param ran how long the script ran, by the host's monotonic clock; null if it never started
 * @param signals what the agent sent, in order
 * @param survivors what was found alive of the run after the last signal; empty if nothing was, or
 *     if no signal was needed
 * @param result what the script returned, null if nothing
 * @param resultError why what the script returned cannot be kept, so that there is no result; null:
 *     it was kept, it returned nothing, or the agent does not report it
 * @param stdout how many bytes of standard output there are, including the mark of a gap
 * @param stderr how many bytes of standard error there are
 * @param leftOut how many bytes of both streams are not kept; null from an agent that does not
 *     report it
 * @param containment what held the run's processes together, as {@code cgroup-v2}; null if it never
 *     started
 * @param limit the limit of its task at which the kernel killed in the run: {@code memory}; null:
 *     it did not, or the agent does not report it
 */
public record AttemptEnd(
    String claim,
    Outcome outcome,
    @Nullable Integer exitCode,
    @Nullable Duration ran,
    List<SignalSent> signals,
    List<Survivor> survivors,
    @Nullable JsonNode result,
    @Nullable ResultError resultError,
    long stdout,
    long stderr,
    @Nullable Long leftOut,
    @Nullable String containment,
    @Nullable String limit) {
  public AttemptEnd {
    requireNonNull(claim);
    requireNonNull(outcome);
    signals = List.copyOf(signals);
    survivors = List.copyOf(survivors);
    // JSON's null is read as a node of its own; here both mean that there is no result.
    result = result == null || result.isNull() ? null : result;
  }

  /** An end whose result was kept, or that has none. */
  public AttemptEnd(
      String claim,
      Outcome outcome,
      @Nullable Integer exitCode,
      @Nullable Duration ran,
      List<SignalSent> signals,
      List<Survivor> survivors,
      @Nullable JsonNode result,
      long stdout,
      long stderr,
      @Nullable Long leftOut,
      @Nullable String containment,
      @Nullable String limit) {
    this(
        claim,
        outcome,
        exitCode,
        ran,
        signals,
        survivors,
        result,
        null,
        stdout,
        stderr,
        leftOut,
        containment,
        limit);
  }

  /** The same end, with the reason why there is no result; null: there is none. */
  public AttemptEnd with(@Nullable ResultError error) {
    return new AttemptEnd(this, error);
  }

  private AttemptEnd(AttemptEnd end, @Nullable ResultError error) {
    this(
        end.claim,
        end.outcome,
        end.exitCode,
        end.ran,
        end.signals,
        end.survivors,
        end.result,
        error,
        end.stdout,
        end.stderr,
        end.leftOut,
        end.containment,
        end.limit);
  }

  /**
   * Why there is no result, although the script returned something.
   *
   * @param code {@code too_large}, {@code not_json}, or a word of a newer agent
   * @param detail a sentence for people, without anything of what was returned
   */
  public record ResultError(String code, String detail) {
    public ResultError {
      requireNonNull(code);
      requireNonNull(detail);
    }
  }

  /**
   * A signal the agent sent to the run's process group.
   *
   * @param signal its name, as {@code SIGTERM}
   * @param after when, counted from the start of the script
   * @param why what made the agent send it
   */
  public record SignalSent(String signal, Duration after, Why why) {
    public SignalSent {
      requireNonNull(signal);
      requireNonNull(after);
      requireNonNull(why);
    }

    /** Why a run is ended by the agent. */
    public enum Why {
      TIMEOUT,
      CANCEL,
      /** The agent itself is going down. */
      SHUTDOWN,
      /** The script has ended and left processes behind. */
      LEFT_BEHIND
    }
  }

  /**
   * A process that survived SIGKILL.
   *
   * @param pid its id
   * @param command its command line, truncated
   */
  public record Survivor(long pid, String command) {
    public Survivor {
      requireNonNull(command);
    }
  }
}
