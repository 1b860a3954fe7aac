package io.capataz.supervisor.schedule;

import io.capataz.supervisor.schedule.Schedule.Missed;
import io.capataz.supervisor.schedule.Schedule.Overlap;
import io.capataz.supervisor.schedule.Schedule.Policy;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.Instants;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads schedules: our fields, and those of seed 004's system, {@code runDate}, {@code repeatEvery}
 * and {@code timezone}, whose messages are its own.
 */
final class ScheduleFields {

  private static final long LEAST_EVERY = 10;
  private static final long MONTH = 31L * 24 * 3600;
  private static final Duration USUAL_HORIZON = Duration.ofHours(1);
  private static final long LONGEST_HORIZON = 7L * 24 * 3600;
  private static final int MOST_CAUGHT_UP = 1_000;
  private static final int USUAL_CAUGHT_UP = 10;
  private static final int LONGEST_CRON = 200;

  /**
   * What was sent.
   *
   * @param given the arguments by position
   */
  record Read(@Nullable String description, Timing timing, Policy policy, List<JsonNode> given) {
    Read {
      given = List.copyOf(given);
    }
  }

  private ScheduleFields() {}

  /**
   * Reads a schedule.
   *
   * @param now what it starts must be after it
   * @throws ApiProblem 400, naming what is wrong
   */
  static Read read(ObjectNode sent, Instant now) {
    var body = flat(sent);
    var fields =
        FieldReader.of(body)
            .ignoring("customer", "access_token", "task_arguments", "runDate", "repeatEvery")
            .ignoring("timezone", "at", "cron", "zone");
    var every = fields.whole("every", LEAST_EVERY, MONTH);
    var from = fields.instant("from").orElse(null);
    var until = fields.instant("until").orElse(null);
    var description = fields.text("description", 500).orElse(null);
    var policy = policy(fields);
    var given = given(body, fields);
    if (every.isPresent() && text(body, "cron", "repeatEvery").isPresent()) {
      fields.wrong("every", "conflict", "must be left out if cron is sent.");
    }
    fields.done();
    var interval = every.isPresent() ? Duration.ofSeconds(every.getAsLong()) : null;
    var timing = timing(body, interval, from, until, now);
    if (timing.next(now).isEmpty()) {
      throw refused("The schedule would never start anything: no instant is after now.");
    }
    return new Read(description, timing, policy, given);
  }

  /** The old form {@code {scheduleData: {runDate, repeatEvery}}}. */
  private static ObjectNode flat(ObjectNode sent) {
    if (!(sent.get("scheduleData") instanceof ObjectNode nested)) {
      return sent;
    }
    var body = sent.deepCopy();
    body.remove("scheduleData");
    nested.properties().forEach(field -> body.set(field.getKey(), field.getValue()));
    return body;
  }

  private static Timing timing(
      ObjectNode body,
      @Nullable Duration every,
      @Nullable Instant from,
      @Nullable Instant until,
      Instant now) {
    var zone = text(body, "zone", "timezone").orElse("UTC");
    if (!Timing.isZone(zone)) {
      throw refused("Invalid timezone. " + zone + " is not an IANA time zone.");
    }
    var cron = text(body, "cron", "repeatEvery");
    cron.ifPresent(ScheduleFields::check);
    var at = date(body, zone, now);
    if (cron.isEmpty() && at == null && every == null) {
      throw refused("Invalid request. runDate or repeatEvery needed.");
    }
    var first = at == null && every != null ? (from != null ? from : now.plus(every)) : at;
    return new Timing(cron.orElse(null), every, first, zone, from, until);
  }

  private static void check(String cron) {
    if (cron.length() > LONGEST_CRON) {
      throw refused("Invalid cron expression. 5 fields format supported");
    }
    try {
      var _ = Timing.expression(cron);
    } catch (IllegalArgumentException wrong) {
      throw refused(
          cron.strip().startsWith("@") || Arrays.stream(cron.strip().split("\\s+", -1)).count() == 5
              ? "Invalid expression. " + wrong.getMessage()
              : "Invalid cron expression. 5 fields format supported");
    }
  }

  /** The first instant; a date without a zone is one of the schedule's. */
  private static @Nullable Instant date(ObjectNode body, String zone, Instant now) {
    var sent = body.hasNonNull("at") ? body.get("at") : body.get("runDate");
    if (sent == null || sent.isNull()) {
      return null;
    }
    var found =
        sent.isString() ? instant(sent.stringValue().strip(), zone) : Optional.<Instant>empty();
    if (found.isEmpty()) {
      throw refused("runDate. Invalid date");
    }
    if (!found.get().isAfter(now)) {
      throw refused("runDate. Invalid date: it has passed.");
    }
    return found.get();
  }

  private static Optional<Instant> instant(String text, String zone) {
    var exact = Instants.read(text);
    if (exact.isPresent()) {
      return exact;
    }
    try {
      return Optional.of(
          text.length() == 10
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : LocalDateTime.parse(text.replace(' ', 'T')).atZone(ZoneId.of(zone)).toInstant());
    } catch (DateTimeException noDate) {
      return Optional.empty();
    }
  }

  private static Policy policy(FieldReader fields) {
    var horizon = fields.whole("horizon", 0, LONGEST_HORIZON);
    return new Policy(
        word(fields, "overlap", Overlap.SKIP),
        word(fields, "missed", Missed.ONCE),
        (int) fields.whole("missed_limit", 1, MOST_CAUGHT_UP).orElse(USUAL_CAUGHT_UP),
        horizon.isPresent() ? Duration.ofSeconds(horizon.getAsLong()) : USUAL_HORIZON);
  }

  private static <E extends Enum<E>> E word(FieldReader fields, String name, E usual) {
    var sent = fields.text(name, 20);
    if (sent.isEmpty()) {
      return usual;
    }
    var values = usual.getDeclaringClass().getEnumConstants();
    var found = Arrays.stream(values).filter(value -> lower(value).equals(sent.get())).findFirst();
    if (found.isEmpty()) {
      fields.wrong(
          name,
          "unknown_word",
          "must be "
              + String.join(", ", Arrays.stream(values).map(ScheduleFields::lower).toList())
              + ".");
    }
    return found.orElse(usual);
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static List<JsonNode> given(ObjectNode body, FieldReader fields) {
    var sent = body.get("task_arguments");
    if (sent instanceof ArrayNode list) {
      return list.valueStream().toList();
    }
    if (sent != null && !sent.isNull()) {
      fields.wrong("task_arguments", "wrong_type", "must be a list of values.");
    }
    return List.of();
  }

  private static Optional<String> text(ObjectNode body, String ours, String theirs) {
    var sent = body.hasNonNull(ours) ? body.get(ours) : body.get(theirs);
    return sent == null || sent.isNull() || (sent.isString() && sent.stringValue().isEmpty())
        ? Optional.empty()
        : Optional.of(sent.isString() ? sent.stringValue() : sent.toString());
  }

  private static ApiProblem refused(String text) {
    return ApiProblem.badRequest("invalid_schedule", text);
  }
}
