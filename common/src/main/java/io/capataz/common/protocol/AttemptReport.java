package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What an agent reports about one attempt in a {@link LinkTurn}: the bodies of the calls under
 * {@code /agent/v1/jobs/{job}/attempts/{attempt}}, at least one of them. They are taken in the
 * order of the components, so that an end can carry the last of the output.
 *
 * @param job the job's id
 * @param attempt the attempt's number
 * @param started the script runs
 * @param output what it printed since; an end beside it is taken only if all of this is kept
 * @param end the last word about the attempt
 * @param givenBack the script was not started and will not be
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AttemptReport(
    String job,
    int attempt,
    @Nullable AttemptStarted started,
    @Nullable OutputReport output,
    @Nullable AttemptEnd end,
    @Nullable AttemptGivenBack givenBack) {
  public AttemptReport {
    requireNonNull(job);
    if (attempt < 1) {
      throw new IllegalArgumentException("Attempts are counted from 1, not " + attempt + ".");
    }
  }

  /** The script runs. */
  public static AttemptReport of(AttemptId attempt, AttemptStarted started) {
    return new AttemptReport(attempt.job(), attempt.number(), started, null, null, null);
  }

  /** What the script printed since. */
  public static AttemptReport of(AttemptId attempt, OutputReport output) {
    return new AttemptReport(attempt.job(), attempt.number(), null, output, null, null);
  }

  /**
   * The last word about the attempt.
   *
   * @param output the last of its output; null: the supervisor has all of it
   */
  public static AttemptReport of(AttemptId attempt, @Nullable OutputReport output, AttemptEnd end) {
    return new AttemptReport(attempt.job(), attempt.number(), null, output, end, null);
  }

  /** The script was not started and will not be. */
  public static AttemptReport of(AttemptId attempt, AttemptGivenBack givenBack) {
    return new AttemptReport(attempt.job(), attempt.number(), null, null, null, givenBack);
  }

  /**
   * The answer, as the answer to the call of the same body would be.
   *
   * @param status the HTTP status: 204 or 200, it is kept; 409, the attempt is no longer the
   *     agent's; 503, try again; another one, the report is faulty
   * @param detail a sentence for people; null if it is kept
   * @param output where each stream goes on; null if no output was sent, or it was refused
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Answer(int status, @Nullable String detail, OutputReport.@Nullable Answer output) {}
}
