package io.capataz.supervisor.console;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Says states, times and measures in the reader's language. */
@Component
class Words {

  private static final String EXACT = "EEE d MMM yyyy, HH:mm:ss 'UTC'";
  private static final List<String> ORIGINS =
      List.of(
          "user",
          "secret",
          "schedule",
          "trigger",
          "webhook",
          "workflow",
          "client",
          "api",
          "task_api");

  private static final Duration A_MINUTE = Duration.ofMinutes(1);
  private static final Duration AN_HOUR = Duration.ofHours(1);
  private static final Duration A_DAY = Duration.ofDays(1);

  private final MessageSource texts;
  private final InstantSource clock;

  Words(MessageSource texts, InstantSource clock) {
    this.texts = texts;
    this.clock = clock;
  }

  String say(String key, Object... values) {
    return texts.getMessage(key, values, locale());
  }

  /** A state without an outcome. */
  Badge badge(String state) {
    return new Badge(state, say("state." + state), null);
  }

  /** The state of a job as the API answers it. */
  Badge badgeOf(JsonNode job) {
    var state = job.path("status").asString("ready");
    return new Badge(
        state,
        say("state." + state),
        job.hasNonNull("stop_asked") && (state.equals("running") || state.equals("assigned"))
            ? say("state.stopping")
            : outcome(job.path("outcome")));
  }

  private @Nullable String outcome(JsonNode outcome) {
    return switch (outcome.path("type").asString("")) {
      case "exited_with" -> say("outcome.exited_with", outcome.path("code").asInt(0));
      case "timed_out" -> say("outcome.timed_out");
      case "killed" -> say("outcome.killed", outcome.path("signal").asString(""));
      case "interrupted" -> say("outcome.interrupted");
      case "could_not_start" -> say("outcome.could_not_start");
      case "refused" -> say("outcome.refused");
      case "rejected" -> say("outcome.rejected");
      case "lost" -> say("outcome.lost");
      default -> null;
    };
  }

  /** How an attempt ended. */
  Badge badgeOfAttempt(JsonNode attempt) {
    var type = attempt.path("outcome").path("type").asString("");
    var state =
        switch (type) {
          case "succeeded" -> "succeeded";
          case "canceled" -> "canceled";
          case "" -> "ready";
          default -> "failed";
        };
    return new Badge(
        state,
        type.isEmpty() ? say("attempt.given_back") : say("state." + state),
        outcome(attempt.path("outcome")));
  }

  /** The name of a caller, as histories and lists have it. */
  String person(String username) {
    return username.startsWith("token:") ? say("by.token") : username;
  }

  /** Who made a move, such as {@code agent:…}. */
  String actor(String by) {
    return by.startsWith("agent:")
        ? say("by.agent")
        : by.startsWith("user:") ? by.substring("user:".length()) : person(by);
  }

  /** What makes jobs, as the API names it; a word that is new here is shown as it is. */
  String origin(String origin) {
    return Objects.requireNonNull(
        texts.getMessage("origin." + origin, null, origin, locale()), origin);
  }

  /** The origins that a list can be filtered by. */
  Map<String, String> origins() {
    var known = new LinkedHashMap<String, String>();
    ORIGINS.forEach(origin -> known.put(origin, origin(origin)));
    return known;
  }

  /** A number of seconds; empty: none. */
  String seconds(long seconds) {
    if (seconds > 0 && seconds % 3_600 == 0) {
      return seconds / 3_600 + " h";
    }
    if (seconds > 0 && seconds % 60 == 0) {
      return seconds / 60 + " min";
    }
    return seconds == 0 ? "" : seconds < 60 ? seconds + " s" : span(Duration.ofSeconds(seconds));
  }

  /** A time of the API; null if it has none. */
  @Nullable Moment moment(JsonNode instant) {
    return instant.isString() ? moment(Instant.parse(instant.asString())) : null;
  }

  Moment moment(Instant instant) {
    var utc = instant.atOffset(ZoneOffset.UTC);
    return new Moment(
        instant.toString(),
        ago(instant),
        DateTimeFormatter.ofPattern(EXACT, locale()).format(utc),
        DateTimeFormatter.ofPattern("HH:mm:ss", locale()).format(utc));
  }

  private String ago(Instant instant) {
    var past = Duration.between(instant, clock.instant());
    var isPast = !past.isNegative();
    var span = past.abs();
    var amount = span.toSeconds();
    var unit = "seconds";
    if (span.compareTo(A_DAY) >= 0) {
      amount = span.toDays();
      unit = "days";
    } else if (span.compareTo(AN_HOUR) >= 0) {
      amount = span.toHours();
      unit = "hours";
    } else if (span.compareTo(A_MINUTE) >= 0) {
      amount = span.toMinutes();
      unit = "minutes";
    }
    return say((isPast ? "ago." : "in.") + unit, amount);
  }

  /** How long something took: 0.8 s, 14 s, 2 m 11 s, 3 h 05 m, 4 d 2 h. */
  String span(Duration span) {
    var seconds = span.toSeconds();
    if (span.toMillis() < 10_000) {
      return String.format(locale(), "%.1f s", span.toMillis() / 1000.0);
    }
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3_600) {
      return "%d m %02d s".formatted(seconds / 60, seconds % 60);
    }
    return seconds < 86_400
        ? "%d h %02d m".formatted(seconds / 3_600, seconds % 3_600 / 60)
        : "%d d %d h".formatted(seconds / 86_400, seconds % 86_400 / 3_600);
  }

  /** How long it was between two times; empty if one is missing. */
  String between(JsonNode begin, JsonNode end) {
    return begin.isString() && end.isString()
        ? span(Duration.between(Instant.parse(begin.asString()), Instant.parse(end.asString())))
        : "";
  }

  /** How long it has been until now. */
  String since(JsonNode begin) {
    return begin.isString()
        ? span(Duration.between(Instant.parse(begin.asString()), clock.instant()))
        : "";
  }

  /** A share, from 0 to 1. */
  String percent(double share) {
    return String.format(locale(), share == 1 ? "%.0f %%" : "%.1f %%", share * 100);
  }

  /** A number of bytes. */
  String bytes(long count) {
    if (count < 1_000) {
      return say("bytes", count);
    }
    var units = new String[] {"KB", "MB", "GB", "TB"};
    var amount = count / 1_000.0;
    var unit = 0;
    while (amount >= 1_000 && unit < units.length - 1) {
      amount /= 1_000;
      unit++;
    }
    return String.format(locale(), amount < 10 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
  }

  /** The reader's. */
  static Locale locale() {
    var asked = LocaleContextHolder.getLocale();
    return asked.getLanguage().equals("es") ? asked : Locale.ENGLISH;
  }
}
