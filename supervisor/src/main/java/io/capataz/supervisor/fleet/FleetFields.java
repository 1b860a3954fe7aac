package io.capataz.supervisor.fleet;

import io.capataz.supervisor.fleet.FleetRun.Approval;
import io.capataz.supervisor.fleet.FleetRun.By;
import io.capataz.supervisor.fleet.FleetRun.Choice;
import io.capataz.supervisor.fleet.FleetRun.Off;
import io.capataz.supervisor.fleet.FleetRun.Wish;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what is asked of a fleet run. */
final class FleetFields {

  /** The most hosts of a run. */
  static final int MOST_HOSTS = 10_000;

  static final String REST = "rest";

  private static final int MOST_AT_ONCE = 1_000;
  private static final int USUAL_AT_ONCE = 10;
  private static final int MOST_SIZES = 50;

  /** The arguments are read with the run, again and again. */
  private static final int MOST_GIVEN = 64 * 1024;

  private static final int DAY = 86_400;
  private static final int LONGEST_OFF = 31 * DAY;
  private static final Pattern COUNT = Pattern.compile("[1-9]\\d{0,4}");
  private static final Pattern PERCENT = Pattern.compile("(100|[1-9]\\d?) ?%");

  private FleetFields() {}

  /**
   * What was sent.
   *
   * @param hosts ids or names; empty: they are chosen another way
   * @param given the arguments by position
   */
  record Read(Choice choice, List<String> hosts, Wish wish, List<JsonNode> given) {
    Read {
      hosts = List.copyOf(hosts);
      given = List.copyOf(given);
    }
  }

  /**
   * Reads a fleet run.
   *
   * @throws ApiProblem 400, naming what is wrong
   */
  static Read read(ObjectNode body, Instant now) {
    var fields = FieldReader.of(body).ignoring("customer", "access_token");
    var hosts = fields.texts("hosts", MOST_HOSTS, 254).orElse(List.of());
    var choice = choice(fields);
    var wish = wish(fields, now);
    var given = given(fields);
    fields.done();
    return new Read(choice, hosts, wish, given);
  }

  private static Choice choice(FieldReader fields) {
    var pool = fields.text("pool", 100);
    var labels = fields.text("labels", Hosts.LONGEST_SELECTOR);
    if (Stream.of("hosts", "pool", "labels").filter(fields::has).count() > 1) {
      fields.wrong("hosts", "conflict", "must not be sent together with pool or labels.");
    }
    labels
        .flatMap(Hosts::wrongSelector)
        .ifPresent(wrong -> fields.wrong("labels", "invalid_selector", wrong));
    if (fields.has("hosts")) {
      return new Choice(By.HOSTS, "");
    }
    return pool.map(it -> new Choice(By.POOL, it))
        .or(() -> labels.map(it -> new Choice(By.LABELS, it)))
        .orElse(new Choice(By.TASK, ""));
  }

  private static Wish wish(FieldReader fields, Instant now) {
    var off = word(fields, "off", Off.values(), Off.WAIT);
    var until = fields.instant("off_until").orElse(null);
    var offFor = fields.whole("off_for", 0, LONGEST_OFF);
    if (until != null && offFor.isPresent()) {
      fields.wrong("off_for", "conflict", "must not be sent together with off_until.");
    }
    if (off != Off.WAIT && (until != null || offFor.isPresent())) {
      fields.wrong("off", "conflict", "must be wait if off_until or off_for is sent.");
    }
    if (until != null && until.isAfter(now.plus(Duration.ofSeconds(LONGEST_OFF)))) {
      fields.wrong("off_until", "too_far", "must be within 31 days.");
    }
    return new Wish(
        waves(fields),
        (int) fields.whole("at_once", 1, MOST_AT_ONCE).orElse(USUAL_AT_ONCE),
        budget(fields).orElse(null),
        (int) fields.whole("between", 0, DAY).orElse(0),
        word(fields, "approval", Approval.values(), Approval.NONE),
        off,
        until,
        until == null ? (Integer) (int) offFor.orElse(DAY) : null);
  }

  private static <E extends Enum<E>> E word(FieldReader fields, String name, E[] words, E usual) {
    var sent = fields.text(name, 20);
    var found =
        Arrays.stream(words).filter(it -> sent.filter(lower(it)::equals).isPresent()).findFirst();
    if (sent.isPresent() && found.isEmpty()) {
      var all = Arrays.stream(words).map(FleetFields::lower).toList();
      fields.wrong(name, "unknown_word", "must be one of " + String.join(", ", all) + ".");
    }
    return found.orElse(usual);
  }

  static String lower(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  /** How many failures pause a run; also when it goes on after that. */
  static Optional<String> budget(FieldReader fields) {
    var text = fields.any("failure_budget").map(FleetFields::text);
    text.filter(it -> !COUNT.matcher(it).matches() && !PERCENT.matcher(it).matches())
        .ifPresent(
            _ ->
                fields.wrong(
                    "failure_budget",
                    "wrong_form",
                    "must be a number of hosts from 1 on, or a percentage such as \"10 %\"."));
    return text;
  }

  private static String text(JsonNode value) {
    return value.isString()
        ? value.stringValue().strip()
        : value.isIntegralNumber() ? value.asString() : "";
  }

  /** A list, a text with commas, or a number. */
  private static List<String> waves(FieldReader fields) {
    var sent = fields.any("waves");
    if (sent.isEmpty()) {
      return List.of(REST);
    }
    var sizes = new ArrayList<String>();
    if (sent.get() instanceof ArrayNode list) {
      list.forEach(item -> sizes.add(text(item)));
    } else {
      sizes.addAll(Arrays.stream(text(sent.get()).split(",", -1)).map(String::strip).toList());
    }
    var right =
        !sizes.isEmpty()
            && sizes.size() <= MOST_SIZES
            && sizes.stream().allMatch(FleetFields::isSize)
            && sizes.indexOf(REST) == (sizes.contains(REST) ? sizes.size() - 1 : -1);
    if (!right) {
      fields.wrong(
          "waves",
          "wrong_form",
          "must be at most "
              + MOST_SIZES
              + " sizes of waves: numbers of hosts, percentages of all, and rest at the end;"
              + " for example \"1, 5 %, 25 %, rest\".");
      return List.of(REST);
    }
    return List.copyOf(sizes);
  }

  private static boolean isSize(String text) {
    return text.equals(REST) || COUNT.matcher(text).matches() || PERCENT.matcher(text).matches();
  }

  /** A number of hosts; of a percentage, what that is of all, at least one. */
  static int hosts(String size, int total) {
    if (size.equals(REST)) {
      return total;
    }
    var percent = PERCENT.matcher(size);
    return percent.matches()
        ? Math.max(1, Math.ceilDiv(Integer.parseInt(percent.group(1)) * total, 100))
        : Integer.parseInt(size);
  }

  private static List<JsonNode> given(FieldReader fields) {
    var sent = fields.any("task_arguments");
    if (sent.isEmpty()) {
      return List.of();
    }
    if (sent.get() instanceof ArrayNode list) {
      if (list.toString().length() > MOST_GIVEN) {
        fields.wrong(
            "task_arguments",
            "too_long",
            "must have at most " + MOST_GIVEN + " characters together for a fleet run.");
      }
      return list.valueStream().toList();
    }
    fields.wrong("task_arguments", "wrong_type", "must be a list of values.");
    return List.of();
  }

  /** The body of a route that takes a note. */
  static @Nullable String note(FieldReader fields) {
    return fields.text("note", 500).orElse(null);
  }

  static ApiProblem unknownState() {
    var all = Arrays.stream(Stage.values()).map(Stage::word).toList();
    return ApiProblem.invalid(
        List.of(
            new FieldError(
                "/state", "unknown_word", "must be one of " + String.join(", ", all) + ".")));
  }
}
