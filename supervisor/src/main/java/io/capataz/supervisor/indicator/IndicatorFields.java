package io.capataz.supervisor.indicator;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.indicator.Indicator.Kind;
import io.capataz.supervisor.indicator.Indicator.Looks;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads indicators as seed 004's clients send them. */
final class IndicatorFields {

  static final int LONGEST_TITLE = 200;

  private static final int MOST_VALUE = 64 * 1024;
  private static final int LONGEST_WORD = 50;
  private static final int LONGEST_TEXT = 2_000;
  private static final int LARGEST = 1_000_000;
  private static final int MOST_TAGS = 50;

  /** Fields of a response, which clients send back. */
  private static final String[] OF_RESPONSES = {
    "id",
    "_type",
    "customer",
    "customer_id",
    "customer_name",
    "user_id",
    "creation_date",
    "last_update",
    "access_token"
  };

  private IndicatorFields() {}

  /** What was sent. */
  record Read(
      Optional<String> title,
      Optional<Kind> kind,
      Optional<JsonNode> value,
      String state,
      String severity,
      Acl acl,
      Looks looks) {}

  /** A new indicator. */
  static Read created(ObjectNode body) {
    if (body.isEmpty()) {
      throw refused("empty_payload", "empty payload. JSON body is required");
    }
    checkTitle(body, "title is invalid");
    var read = read(body, null);
    if (read.kind().isEmpty()) {
      throw refused("type_required", "type is required");
    }
    if (read.title().isEmpty()) {
      throw refused("title_required", "title is required");
    }
    return read;
  }

  /** One that is replaced: what is left out is as usual, apart from its title and type. */
  static Read replaced(ObjectNode body) {
    checkTitle(body, "invalid title");
    return read(body, null);
  }

  /** One that is changed: what is left out stays. */
  static Read changed(ObjectNode body, Indicator before) {
    checkTitle(body, "invalid title");
    return read(body, before);
  }

  private static void checkTitle(ObjectNode body, String detail) {
    if (body.hasNonNull("title") && !isTitle(body.get("title"))) {
      throw refused("invalid_title", detail);
    }
  }

  private static boolean isTitle(JsonNode sent) {
    var text = sent.isString() ? sent.stringValue() : "";
    return !text.isBlank()
        && text.length() <= LONGEST_TITLE
        && text.codePoints().noneMatch(Character::isISOControl);
  }

  private static Read read(ObjectNode body, @Nullable Indicator before) {
    var fields = FieldReader.of(body).ignoring(OF_RESPONSES);
    var title = fields.name("title", LONGEST_TITLE);
    var kind = kind(fields);
    var value = value(fields);
    var state = fields.name("state", LONGEST_WORD);
    var severity = fields.name("severity", LONGEST_WORD);
    var acl = AclFields.read(fields);
    var looks = looks(fields, before == null ? Looks.USUAL : before.looks());
    fields.done();
    return new Read(
        title,
        kind,
        value,
        state.orElse(before == null ? Indicator.NORMAL : before.state()),
        severity.orElse(before == null ? Indicator.HIGH : before.severity()),
        acl.orElse(before == null ? Acl.ADMINISTRATORS : before.acl()),
        looks);
  }

  private static Looks looks(FieldReader fields, Looks before) {
    return new Looks(
        fields.name("name", LONGEST_TITLE).orElse(before.name()),
        fields.textOrNothing("description", LONGEST_TEXT).orElse(before.description()),
        truth(fields, "alerts", before.alerts()),
        truth(fields, "sticky", before.sticky()),
        truth(fields, "read_only", before.readOnly()),
        fields.names("tags", MOST_TAGS, LONGEST_TITLE).orElse(before.tags()),
        (int) fields.wholeOrDigits("order", -LARGEST, LARGEST).orElse(before.order()),
        (int) fields.wholeOrDigits("width", 1, LARGEST).orElse(before.width()),
        (int) fields.wholeOrDigits("height", 1, LARGEST).orElse(before.height()));
  }

  private static Optional<Kind> kind(FieldReader fields) {
    var sent = fields.text("type", LONGEST_WORD);
    var found =
        Arrays.stream(Kind.values())
            .filter(kind -> sent.filter(word(kind)::equals).isPresent())
            .findFirst();
    if (sent.isPresent() && found.isEmpty()) {
      var all = Arrays.stream(Kind.values()).map(IndicatorFields::word).toList();
      fields.wrong("type", "unknown_word", "must be one of " + String.join(", ", all) + ".");
    }
    return found;
  }

  static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** True or false, also as text: clients of seed 004's system send that. */
  private static boolean truth(FieldReader fields, String name, boolean usual) {
    var sent = fields.any(name);
    if (sent.isEmpty()) {
      return usual;
    }
    var text = sent.get().isBoolean() ? "" : sent.get().asString("");
    if (!sent.get().isBoolean() && !text.equals("true") && !text.equals("false")) {
      fields.wrong(name, "wrong_type", "must be true or false.");
    }
    return sent.get().isBoolean() ? sent.get().booleanValue() : text.equals("true");
  }

  private static Optional<JsonNode> value(FieldReader fields) {
    var value = fields.any("value");
    value
        .filter(it -> it.toString().length() > MOST_VALUE)
        .ifPresent(
            _ ->
                fields.wrong(
                    "value", "too_long", "must have at most " + MOST_VALUE + " characters."));
    return value;
  }

  /**
   * What a script reports.
   *
   * @param state null: it stays
   * @param value null: it stays
   */
  record Report(@Nullable String state, @Nullable JsonNode value) {}

  /** Reads {@code {state, value}}; one of them is required. */
  static Report report(ObjectNode body) {
    var fields = FieldReader.of(body).ignoring("customer", "access_token");
    var state = fields.name("state", LONGEST_WORD).orElse(null);
    var value = value(fields).orElse(null);
    fields.done();
    if (state == null && value == null) {
      throw refused(
          "nothing_reported", "provide the state changes. value and/or state are required");
    }
    return new Report("success".equals(state) ? Indicator.NORMAL : state, value);
  }

  static ApiProblem refused(String code, String detail) {
    return ApiProblem.badRequest(code, detail);
  }

  /** The values of an event, for the arguments of what it starts. */
  static List<String> data(Indicator indicator) {
    var value = indicator.value() == null ? NullNode.getInstance() : indicator.value();
    return List.of(
        indicator.title(),
        indicator.state(),
        value.isNull() ? "" : value.isString() ? value.stringValue() : value.toString());
  }
}
