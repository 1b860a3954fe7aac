package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/progress}: how far the script says it has
 * come. Safe to repeat: the supervisor passes over entries that it has. Progress is not output: an
 * agent may leave entries out, but not the last one.
 *
 * @param claim the attempt's claim id
 * @param before how many entries came before the first of these, those included that were left out
 * @param entries in the script's order; 1 to {@link #MOST_ENTRIES}
 */
public record ProgressReport(String claim, long before, List<Entry> entries) {
  public ProgressReport {
    requireNonNull(claim);
    entries = List.copyOf(entries);
  }

  /** The most entries of one report. */
  public static final int MOST_ENTRIES = 50;

  /** The most characters of a message. */
  public static final int LONGEST_MESSAGE = 600;

  /**
   * What the script reported at once; at least one of both.
   *
   * @param percent 0 to 100
   * @param message what it is doing, for people
   */
  public record Entry(@Nullable Integer percent, @Nullable String message) {}
}
