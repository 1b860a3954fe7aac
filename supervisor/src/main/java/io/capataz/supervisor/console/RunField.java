package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A field of the form that runs a task, made from one of its parameters.
 *
 * @param order the parameter's
 * @param kind the parameter's type
 * @param value what is in it; never a secret
 * @param rule what the value must keep to, in words; empty: nothing
 * @param error null: nothing is wrong with it
 */
record RunField(
    int order,
    String label,
    String kind,
    String value,
    String help,
    String rule,
    boolean isRequired,
    boolean isMasked,
    boolean isReadonly,
    boolean isMultiple,
    List<Option> options,
    @Nullable String error) {

  RunField {
    options = List.copyOf(options);
  }

  /** A choice. */
  record Option(String id, String label, boolean isChosen) {}

  static RunField of(JsonNode parameter, @Nullable String given, Words words) {
    var masked = parameter.path("masked").asBoolean(false);
    var value = given != null ? given : parameter.path("default").asString("");
    var options = new ArrayList<Option>();
    parameter
        .path("options")
        .forEach(
            option -> {
              var id = option.path("id").asString("");
              options.add(new Option(id, option.path("label").asString(id), isChosen(value, id)));
            });
    return new RunField(
        parameter.path("order").asInt(0),
        parameter.path("label").asString(""),
        parameter.path("type").asString("input"),
        masked ? "" : value,
        parameter.path("help").asString(""),
        rule(parameter, words),
        parameter.path("required").asBoolean(true),
        masked,
        parameter.path("readonly").asBoolean(false),
        parameter.path("multiple").asBoolean(false),
        options,
        null);
  }

  RunField wrong(String why) {
    return new RunField(
        order,
        label,
        kind,
        value,
        help,
        rule,
        isRequired,
        isMasked,
        isReadonly,
        isMultiple,
        options,
        why);
  }

  /** The name of the form's field. */
  public String name() {
    return "a" + order;
  }

  public boolean isArea() {
    return kind.equals("textarea") || kind.equals("json");
  }

  /** The browser's kind of field. */
  public String type() {
    return isMasked
        ? "password"
        : switch (kind) {
          case "email" -> "email";
          case "file" -> "file";
          default -> "text";
        };
  }

  private static boolean isChosen(String value, String id) {
    return value.equals(id) || value.contains("\"" + id + "\"");
  }

  private static String rule(JsonNode parameter, Words words) {
    var min = text(parameter.path("min"));
    var max = text(parameter.path("max"));
    if (!min.isEmpty() && !max.isEmpty()) {
      return words.say("run.from-to", min, max);
    }
    if (!min.isEmpty() || !max.isEmpty()) {
      return min.isEmpty() ? words.say("run.at-most", max) : words.say("run.at-least", min);
    }
    if (parameter.hasNonNull("charsmax")) {
      return words.say(
          "run.characters",
          parameter.path("charsmin").asString("0"),
          parameter.path("charsmax").asString(""));
    }
    return switch (parameter.path("type").asString("")) {
      case "number" -> words.say("run.number");
      case "date" -> words.say("run.date");
      case "file" -> words.say("run.file");
      case "json" -> words.say("run.json");
      default -> "";
    };
  }

  private static String text(JsonNode bound) {
    return bound.isMissingNode() || bound.isNull() ? "" : bound.asString("");
  }
}
