package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;

/**
 * Limits on the size of what agents report. Our agent stays within them. Another program with an
 * agent's credential might not: it must not be able to fill the store, or make jobs that cannot be
 * viewed.
 */
final class Bounds {

  static final int LONGEST_REASON = 1_000;

  private static final int LONGEST_WORD = 100;

  private static final int MOST_LISTED = 100;

  /** Of a result as JSON, in characters: the limit of agents, and room for its escapes. */
  private static final int LARGEST_RESULT = 4 * 1024 * 1024;

  /** Of both streams, besides the task's limit: the mark of what was left out. */
  private static final int MARKS = 64 * 1024;

  private Bounds() {}

  /**
   * The report within bounds: as it is, or, where somebody else than our agent made it, with long
   * texts cut and long lists shortened.
   *
   * @throws ApiProblem 413 if the result is too large to be kept at all
   */
  static AttemptEnd of(AttemptEnd end) {
    if (end.result() != null && end.result().toString().length() > LARGEST_RESULT) {
      throw ApiProblem.tooLarge(
          "The result must have at most " + LARGEST_RESULT + " characters of JSON.");
    }
    if (isWithin(end)) {
      return end;
    }
    return new AttemptEnd(
        end.claim(),
        of(end.outcome()),
        end.exitCode(),
        end.ran(),
        first(end.signals()),
        first(end.survivors()).stream()
            .map(survivor -> new Survivor(survivor.pid(), reason(survivor.command())))
            .toList(),
        end.result(),
        end.stdout(),
        end.stderr(),
        end.leftOut(),
        end.containment(),
        end.limit() == null ? null : cut(end.limit(), LONGEST_WORD));
  }

  private static boolean isWithin(AttemptEnd end) {
    var error = end.resultError();
    return of(end.outcome()).equals(end.outcome())
        && end.signals().size() <= MOST_LISTED
        && end.survivors().size() <= MOST_LISTED
        && end.survivors().stream().allMatch(it -> it.command().length() <= LONGEST_REASON)
        && (end.limit() == null || end.limit().length() <= LONGEST_WORD)
        && (error == null
            || (error.code().length() <= LONGEST_WORD
                && error.detail().length() <= LONGEST_REASON));
  }

  private static Outcome of(Outcome outcome) {
    return outcome instanceof Outcome.Killed(String signal)
        ? new Outcome.Killed(cut(signal, LONGEST_WORD))
        : outcome.withReason(Bounds::reason);
  }

  /**
   * Checks that an attempt may have so much output.
   *
   * @param limit the task's limit for each stream
   * @throws ApiProblem 413 if it may not
   */
  static void checkOutput(long end, long limit) {
    if (end > limit + MARKS) {
      throw ApiProblem.tooLarge(
          "A stream of this attempt may have at most " + limit + " bytes, its task's limit.");
    }
  }

  private static String reason(String text) {
    return cut(text, LONGEST_REASON);
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }

  private static <T> List<T> first(List<T> all) {
    return all.size() <= MOST_LISTED ? all : all.subList(0, MOST_LISTED);
  }
}
