package io.capataz.supervisor.parameter;

import io.capataz.supervisor.parameter.Parameter.Kind;
import io.capataz.supervisor.parameter.Parameter.Option;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Validates a value against its parameter, and returns the string that the script receives. Error
 * messages name the parameter and the rule, never the value.
 */
final class ArgumentCheck {

  /** The maximum number of options chosen at once. */
  private static final int MOST_CHOSEN = 1_000;

  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_DATE = 40;
  private static final int LONGEST_EMAIL = 254;

  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?");

  private static final String DOMAIN_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

  private static final Pattern EMAIL =
      Pattern.compile(
          "[^\\s\\p{Cntrl}@<>()\\[\\],;:\"\\\\]{1,64}@"
              + DOMAIN_LABEL
              + "(?:\\."
              + DOMAIN_LABEL
              + ")*");

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(64)
                          .maxNumberLength(LONGEST_NUMBER)
                          .maxStringLength(Arguments.MAX_LENGTH)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ArgumentCheck() {}

  /** The result of a check. */
  sealed interface Checked {}

  /** Valid; the script receives the text. */
  record Fits(String text) implements Checked {}

  /** Invalid; the detail is a complete sentence. */
  record Wrong(String code, String detail) implements Checked {}

  /** Checks a value for a parameter that accepts one and is not a file. */
  static Checked check(Parameter parameter, JsonNode sent) {
    if (sent.isNull() && parameter.value() != null) {
      return new Fits(parameter.value());
    }
    if (isNothing(sent)) {
      return parameter.required()
          ? wrong(parameter, "required", "is required.")
          : new Fits(sent.isArray() ? "[]" : "");
    }
    return switch (form(parameter, sent)) {
      case Wrong wrong -> wrong;
      case Fits(String text) -> kept(parameter, text);
    };
  }

  private static boolean isNothing(JsonNode sent) {
    return sent.isNull()
        || (sent.isString() && sent.stringValue().isEmpty())
        || (sent.isArray() && sent.isEmpty());
  }

  /** Rules for all kinds. */
  private static Checked kept(Parameter parameter, String text) {
    if (text.length() > Arguments.MAX_LENGTH || Arguments.bytes(text) > Arguments.MAX_BYTES) {
      return wrong(
          parameter,
          "too_long",
          "must have at most %d characters and %d bytes in UTF-8."
              .formatted(Arguments.MAX_LENGTH, Arguments.MAX_BYTES));
    }
    if (text.indexOf('\0') >= 0) {
      return wrong(parameter, "nul_character", "must not contain a NUL character.");
    }
    if (parameter.rules().readonly()
        && parameter.value() != null
        && !parameter.value().equals(text)) {
      return wrong(parameter, "read_only", "must not be changed: it is read-only.");
    }
    return new Fits(text);
  }

  private static Checked form(Parameter parameter, JsonNode sent) {
    if (sent.isPojo()) {
      return wrong(parameter, "wrong_type", "must not be a file.");
    }
    var text = sent.isString() ? sent.stringValue() : sent.toString();
    return switch (parameter.kind()) {
      case FIXED, FILE ->
          throw new IllegalArgumentException(parameter.kind() + " accepts no text from a caller.");
      case INPUT, TEXTAREA, REGEXP -> ruled(parameter, text);
      case EMAIL ->
          text.length() <= LONGEST_EMAIL && EMAIL.matcher(text).matches()
              ? ruled(parameter, text)
              : wrong(parameter, "not_an_email", "must be an e-mail address.");
      case NUMBER -> number(parameter, text);
      case BOOLEAN ->
          text.equals("true") || text.equals("false")
              ? new Fits(text)
              : wrong(parameter, "not_a_boolean", "must be true or false.");
      case DATE -> date(parameter, text);
      case JSON ->
          isJson(text)
              ? new Fits(text)
              : wrong(parameter, "not_json", "must be JSON, or a string containing JSON.");
      case SELECT, REMOTE_OPTIONS ->
          parameter.rules().multiple() ? several(parameter, sent) : one(parameter, sent);
    };
  }

  /** Length, characters and pattern. */
  private static Checked ruled(Parameter parameter, String text) {
    var rules = parameter.rules();
    var length = text.codePointCount(0, text.length());
    if (rules.charsMin() != null && length < rules.charsMin()) {
      return wrong(
          parameter, "too_short", "must have at least " + rules.charsMin() + " characters.");
    }
    if (rules.charsMax() != null && length > rules.charsMax()) {
      return wrong(parameter, "too_long", "must have at most " + rules.charsMax() + " characters.");
    }
    if (!text.codePoints().allMatch(rules.charset()::has)) {
      return wrong(
          parameter,
          "wrong_charset",
          switch (rules.charset()) {
            case ALL -> throw new IllegalStateException("All characters are allowed.");
            case ALPHA -> "must contain only letters A to Z.";
            case NUM -> "must contain only digits.";
            case ALNUM -> "must contain only letters A to Z and digits.";
          });
    }
    if (rules.pattern() != null) {
      if (text.length() > Regexp.MAX_TEXT) {
        return wrong(
            parameter, "too_long", "must have at most " + Regexp.MAX_TEXT + " characters.");
      }
      if (!Regexp.isFound(rules.pattern(), text)) {
        return wrong(
            parameter, "pattern_mismatch", "must match the pattern " + rules.pattern() + " .");
      }
    }
    return new Fits(text);
  }

  private static Checked number(Parameter parameter, String text) {
    if (!isNumber(text)) {
      return wrong(parameter, "not_a_number", "must be a number such as 12 or -0.5.");
    }
    var number = new BigDecimal(text);
    var min = parameter.rules().min();
    var max = parameter.rules().max();
    return (min != null && number.compareTo(new BigDecimal(min)) < 0)
            || (max != null && number.compareTo(new BigDecimal(max)) > 0)
        ? outOfRange(parameter)
        : ruled(parameter, text);
  }

  private static Checked date(Parameter parameter, String text) {
    var begin = beginOf(text);
    if (begin.isEmpty()) {
      return wrong(
          parameter,
          "not_a_date",
          "must be a date such as 2026-01-31 or an instant such as 2026-01-31T12:00:00Z.");
    }
    var min = beginOf(parameter.rules().min());
    var max = endOf(parameter.rules().max());
    return (min.isPresent() && begin.get().isBefore(min.get()))
            || (max.isPresent() && begin.get().isAfter(max.get()))
        ? outOfRange(parameter)
        : new Fits(text);
  }

  private static Wrong outOfRange(Parameter parameter) {
    var min = parameter.rules().min();
    var max = parameter.rules().max();
    return wrong(
        parameter,
        "out_of_range",
        min == null
            ? "must be " + max + " or less."
            : max == null
                ? "must be " + min + " or more."
                : "must be from " + min + " to " + max + ".");
  }

  private static Checked one(Parameter parameter, JsonNode sent) {
    if (sent.isContainer()) {
      return wrong(parameter, "wrong_type", "must be one option, not a list or an object.");
    }
    var text = sent.asString();
    return isOffered(parameter, text) ? new Fits(text) : notOffered(parameter);
  }

  private static Checked several(Parameter parameter, JsonNode sent) {
    var list = list(sent);
    if (list == null || list.size() > MOST_CHOSEN) {
      return wrong(
          parameter, "wrong_type", "must be a list of at most " + MOST_CHOSEN + " options.");
    }
    var chosen = JsonNodeFactory.instance.arrayNode();
    for (var item : list) {
      if (item.isContainer() || item.isNull() || !isOffered(parameter, item.asString())) {
        return notOffered(parameter);
      }
      chosen.add(item.asString());
    }
    return chosen.isEmpty() && parameter.required()
        ? wrong(parameter, "required", "is required.")
        : new Fits(chosen.toString());
  }

  /** A list, a string containing a list as JSON, or a single option; null: none of these. */
  private static @Nullable List<JsonNode> list(JsonNode sent) {
    if (sent instanceof ArrayNode array) {
      return array.valueStream().toList();
    }
    if (sent.isContainer()) {
      return null;
    }
    if (!sent.isString() || !sent.stringValue().startsWith("[")) {
      return List.of(sent);
    }
    return isJson(sent.stringValue())
        ? STRICT.readTree(sent.stringValue()).valueStream().toList()
        : null;
  }

  private static boolean isOffered(Parameter parameter, String id) {
    // The other server's options are not known here: requesting them would let task authors reach
    // what only this server can.
    return parameter.kind() == Kind.REMOTE_OPTIONS
        || parameter.rules().options().stream().anyMatch(option -> option.id().equals(id));
  }

  private static Wrong notOffered(Parameter parameter) {
    var options = parameter.rules().options();
    var some = options.stream().limit(20).map(Option::id).collect(Collectors.joining(", "));
    return parameter.kind() == Kind.REMOTE_OPTIONS
        ? wrong(parameter, "wrong_type", "must contain only strings or numbers.")
        : wrong(
            parameter,
            "not_an_option",
            "must be the id of one of its options: "
                + some
                + (options.size() > 20 ? " and others." : "."));
  }

  private static boolean isJson(String text) {
    if (text.length() > Arguments.MAX_LENGTH) {
      return false;
    }
    try {
      return !STRICT.readTree(text).isMissingNode();
    } catch (JacksonException notJson) {
      return false;
    }
  }

  /** Whether a string is a number that can be compared. */
  static boolean isNumber(String text) {
    return text.length() <= LONGEST_NUMBER && NUMBER.matcher(text).matches();
  }

  /** The instant at which a date or an instant begins; empty for any other string. */
  static Optional<Instant> beginOf(@Nullable String text) {
    return instant(text, 0);
  }

  private static Optional<Instant> endOf(@Nullable String text) {
    return instant(text, 1);
  }

  private static Optional<Instant> instant(@Nullable String text, int daysLater) {
    if (text == null || text.length() > LONGEST_DATE) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          text.length() == "2026-01-31".length()
              ? LocalDate.parse(text)
                  .plusDays(daysLater)
                  .atStartOfDay(ZoneOffset.UTC)
                  .toInstant()
                  .minusNanos(daysLater)
              : OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException neither) {
      return Optional.empty();
    }
  }

  private static Wrong wrong(Parameter parameter, String code, String rule) {
    return new Wrong(code, "'" + parameter.label() + "' " + rule);
  }
}
