package io.capataz.supervisor.web;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Parses instants sent by clients. */
public final class Instants {

  /** The required form, as the rest of a message after the field name. */
  public static final String FORM = "must be an instant such as 2026-01-31T12:00:00Z.";

  /** The range that stores support. */
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

  private Instants() {}

  /**
   * An instant with its offset from UTC (RFC 3339), to the millisecond, in the years 1970 to 9999;
   * empty for any other string.
   */
  public static Optional<Instant> read(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant())
          .filter(instant -> !instant.isBefore(Instant.EPOCH) && !instant.isAfter(LATEST))
          .map(instant -> instant.truncatedTo(ChronoUnit.MILLIS));
    } catch (DateTimeParseException notAnInstant) {
      return Optional.empty();
    }
  }
}
