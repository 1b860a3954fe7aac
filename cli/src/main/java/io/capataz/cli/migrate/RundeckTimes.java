package io.capataz.cli.migrate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Times of Rundeck in our words: Quartz's expressions, and durations with units. */
final class RundeckTimes {

  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*([smhdw]?)");
  private static final Pattern DURATIONS = Pattern.compile("(?:\\s*\\d+\\s*[smhdw]?)+\\s*");
  private static final Pattern DAY_OF_WEEK = Pattern.compile("[1-7]");

  private RundeckTimes() {}

  /** The expression of a schedule, in five fields, or six with seconds; empty: it has none. */
  static Optional<String> cron(JsonNode schedule) {
    return quartz(
        schedule.hasNonNull("crontab")
            ? List.of(schedule.path("crontab").asString("").strip().split("\\s+", -1))
            : Stream.of(
                    "/time/seconds",
                    "/time/minute",
                    "/time/hour",
                    "/dayofmonth/day",
                    "/month",
                    "/weekday/day",
                    "/year")
                .map(field -> schedule.at(field).asString(field.startsWith("/time") ? "0" : "*"))
                .toList());
  }

  private static Optional<String> quartz(List<String> fields) {
    boolean everyYear = fields.size() == 6 || (fields.size() == 7 && fields.get(6).equals("*"));
    if (!everyYear) {
      return Optional.empty();
    }
    Stream<String> days = Stream.of(fields.get(3), fields.get(4), dayOfWeek(fields.get(5)));
    String rest =
        Stream.concat(fields.stream().skip(1).limit(2), days)
            .map(field -> field.replace('?', '*'))
            .collect(Collectors.joining(" "));
    return Optional.of(fields.getFirst().equals("0") ? rest : fields.getFirst() + " " + rest);
  }

  /** Quartz counts from Sunday as 1, cron from Sunday as 0. */
  private static String dayOfWeek(String field) {
    return Arrays.stream(field.split(",", -1))
        .map(
            part -> {
              int end = Math.max(part.indexOf('/'), part.indexOf('#'));
              String days = end < 0 ? part : part.substring(0, end);
              return DAY_OF_WEEK.matcher(days).replaceAll(RundeckTimes::oneLess)
                  + part.substring(days.length());
            })
        .collect(Collectors.joining(","));
  }

  private static String oneLess(MatchResult day) {
    return Integer.toString(Integer.parseInt(day.group()) - 1);
  }

  /** Seconds of a text such as {@code 1h 30m}; empty: it is none. */
  static OptionalLong seconds(String text) {
    if (!DURATIONS.matcher(text).matches()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        DURATION
            .matcher(text)
            .results()
            .mapToLong(part -> Long.parseLong(part.group(1)) * unit(part.group(2)))
            .sum());
  }

  private static long unit(String letter) {
    return switch (letter) {
      case "m" -> 60;
      case "h" -> 3_600;
      case "d" -> 86_400;
      case "w" -> 604_800;
      default -> 1;
    };
  }
}
