package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a job waits, for people and programs.
 *
 * @param rule the rule that blocks it: {@code held}, {@code approval}, {@code input}, {@code wait},
 *     {@code not_before}, {@code retry_delay}, {@code max_parallel}, {@code concurrency_key},
 *     {@code host_unknown}, {@code host_offline}, {@code host_disabled}, {@code host_draining},
 *     {@code host_busy}, {@code pool_empty}, {@code pool_disabled}, {@code pool_offline}, {@code
 *     pool_busy}, {@code in_line} or {@code being_claimed}
 * @param message the same as a sentence
 * @param freedBy what would unblock it
 * @param until when it will continue on its own, if known
 * @param most the limit
 * @param taken how many jobs occupy it
 * @param occupants the ids of the jobs that occupy it, at most 20
 * @param ahead how many jobs come before it, counted up to 1,000
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Why(
    String rule,
    String message,
    String freedBy,
    @Nullable Instant until,
    @Nullable Integer most,
    @Nullable Integer taken,
    @Nullable List<String> occupants,
    @Nullable Long ahead) {

  /** The maximum number of occupants listed. */
  static final int OCCUPANTS = 20;

  /** How far jobs ahead are counted. */
  public static final int AHEAD = 1_000;

  /** A reason without a limit. */
  public static Why of(String rule, String message, String freedBy, @Nullable Instant until) {
    return new Why(rule, message, freedBy, until, null, null, null, null);
  }

  /** A limit that is reached. */
  public static Why places(
      String rule, String message, String freedBy, int most, List<String> occupants, long ahead) {
    return new Why(
        rule,
        message,
        freedBy,
        null,
        most,
        occupants.size(),
        occupants.stream().limit(OCCUPANTS).toList(),
        ahead);
  }
}
